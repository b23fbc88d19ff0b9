from sanic import Sanic
from sanic.response import json
from sanic_jwt import initialize, protected


class Users:
    def __init__(self):
        self.names = {1: "joe"}


def authenticate(request):
    return {"user_id": 1}


def retrieve_user(request, payload):
    return {"user_id": 1, "name": "joe"} if payload else None


app = Sanic("positional")
app.config.SANIC_JWT_URL_PREFIX = "/api/auth"
app.config.SANIC_JWT_EXPIRATION_DELTA = 60

initialize(
    app,
    authenticate,
    retrieve_user=retrieve_user,
    access_token_name="jwt",
    authorization_header="x-token",
    authorization_header_prefix="JWT",
)


@app.route("/whoami")
async def whoami(request):
    auth = request.app.ctx.auth
    if not await auth.is_authenticated(request):
        return json({"user_id": None})
    payload = await auth.extract_payload(request)
    return json({"user_id": payload["user_id"]})


@app.route("/settings")
async def settings(request):
    config = request.app.ctx.auth.config
    return json(
        {
            "prefix": config.url_prefix(),
            "lifetime": config.expiration_delta(),
            "name": config.access_token_name(),
            "known": "secret" in config,
            "unknown": "secrets" in config,
        }
    )


@app.route("/open")
@protected(do_protection=False)
async def opened(request):
    return json({"protected": False})


@app.route("/page")
@protected(redirect_on_fail=True, redirect_url="/login")
async def page(request):
    return json({"page": True})


@app.route("/verify")
async def verify(request):
    auth = request.app.ctx.auth
    token = request.args.get("token")
    return json(
        {
            "good": await auth.verify_token(token),
            "payload": sorted(
                await auth.verify_token(token, return_payload=True)
            ),
        }
    )
