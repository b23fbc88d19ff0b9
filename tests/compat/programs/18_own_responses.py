"""``Responses`` overridden: envelopes, own cookies, own errors."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Initialize, Responses, exceptions, protected
from sanic_jwt.responses import COOKIE_OPTIONS, _set_cookie

STORED = {}


class Envelope(Responses):
    @staticmethod
    def extend_authenticate(
        request, user=None, access_token=None, refresh_token=None
    ):
        return {"name": user["name"], "refreshable": bool(refresh_token)}

    @staticmethod
    def extend_retrieve_user(request, user=None, payload=None):
        return {"claims": sorted(payload)}

    @staticmethod
    def extend_verify(request, user=None, payload=None):
        return {"service": "shop"}

    @staticmethod
    def extend_refresh(request, user=None, **kwargs):
        return {"same": kwargs["refresh_token"] == kwargs["purported_token"]}

    @staticmethod
    def get_token_response(
        request, access_token, output, config, refresh_token=None
    ):
        response = json({"data": output}, status=201)
        options = {
            item.replace("-", "_"): getattr(config, option)()
            for item, option in COOKIE_OPTIONS
            if getattr(config, option)()
        }
        options.setdefault("secure", False)
        response.add_cookie("session", access_token, **options)
        return response

    @staticmethod
    def exception_response(request, exception):
        message = str(exception)
        return json({"error": message}, status=exception.status_code)


async def authenticate(request, *args, **kwargs):
    if request.json.get("password") != "swordfish":
        raise exceptions.AuthenticationFailed("Wrong password.")
    return {"user_id": 1, "name": "ada"}


def retrieve_user(request, payload, *args, **kwargs):
    return {"user_id": 1, "name": "ada"}


def store_refresh_token(user_id, refresh_token, *args, **kwargs):
    STORED[user_id] = refresh_token


def retrieve_refresh_token(user_id, *args, **kwargs):
    return STORED[user_id]


app = Sanic("OwnResponses")
Initialize(
    app,
    authenticate=authenticate,
    retrieve_user=retrieve_user,
    store_refresh_token=store_refresh_token,
    retrieve_refresh_token=retrieve_refresh_token,
    responses_class=Envelope,
    cookie_domain="shop.test",
    cookie_max_age=600,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.get("/remember")
@protected()
async def remember(request):
    response = json("remembered")
    config = request.app.ctx.auth.config
    _set_cookie(response, "shown", "1", config, force_httponly=False)
    return response


async def visit(client):
    await client.post("/auth", json={"password": "haddock"})
    login = await client.post("/auth", json={"password": "swordfish"})
    data = login.json()["data"]
    token = data["access_token"]
    for path in ("/auth/me", "/auth/verify", "/remember"):
        await client.get(path)
        await client.get(path, token=token)
        await client.get(path, token=token[:-4] + "AAAA")
    for refresh_token in (data["refresh_token"], "guess"):
        body = {"refresh_token": refresh_token}
        await client.post("/auth/refresh", token=token, json=body)


DIFFERENCES = [
    (
        "The wording of a reason that reaches an error handler or "
        "`exception_response` of the application",
        [3, 9],
        {"body": {"error": "Authorization header not present."}},
    ),
    (
        "`responses._set_cookie`, which fails on current Sanic, works.",
        [10],
        {
            "status": 200,
            "body": "remembered",
            "cookies": {
                "shown": {
                    "value": "1",
                    "path": "/",
                    "domain": "shop.test",
                    "max-age": "600",
                    "samesite": "lax",
                }
            },
        },
    ),
]
