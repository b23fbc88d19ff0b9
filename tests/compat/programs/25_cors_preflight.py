"""A browser on another origin: preflights and CORS headers by hand."""

from sanic import Sanic
from sanic.response import empty, json
from sanic.views import HTTPMethodView
from sanic_jwt import exceptions, initialize, protected, scoped

ORIGIN = "https://app.test"


async def authenticate(request, *args, **kwargs):
    if request.json.get("password") != "swordfish":
        raise exceptions.AuthenticationFailed("Wrong password.")
    return {"user_id": 1}


async def add_scopes_to_payload(user, *args, **kwargs):
    return ["basket"]


app = Sanic("CorsPreflight")
initialize(
    app,
    authenticate,
    add_scopes_to_payload=add_scopes_to_payload,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.middleware("response")
async def add_cors(request, response):
    if request.headers.get("origin") == ORIGIN:
        response.headers["access-control-allow-origin"] = ORIGIN
        response.headers["access-control-allow-headers"] = "authorization"


@app.route("/basket", methods=["GET", "POST", "OPTIONS"])
@protected()
async def basket(request):
    if request.method == "OPTIONS":
        return empty()
    return json({"basket": []})


@app.route("/basket/clear", methods=["POST", "OPTIONS"])
@scoped("basket")
async def clear(request):
    if request.method == "OPTIONS":
        return empty()
    return json({"basket": None})


class Item(HTTPMethodView):
    decorators = [protected()]

    async def get(self, request, number):
        return json({"item": number})

    async def options(self, request, number):
        return empty()


app.add_route(Item.as_view(), "/items/<number:int>")


async def visit(client):
    login = await client.post("/auth", json={"password": "swordfish"})
    token = login.json()["access_token"]
    preflight = {
        "origin": ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    for path in ("/basket", "/basket/clear", "/items/5", "/auth"):
        await client.options(path, headers=preflight)
    origin = {"origin": ORIGIN}
    for method, path in (
        ("GET", "/basket"),
        ("POST", "/basket"),
        ("POST", "/basket/clear"),
        ("GET", "/items/5"),
    ):
        await client.send(method, path, headers=origin)
        await client.send(method, path, headers=origin, token=token)
    await client.options("/basket", headers=preflight, token=token)


PREFLIGHT = "`OPTIONS` on a protected or scoped route that defines it"
CORS = {
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-headers": "authorization",
}
DIFFERENCES = [
    (PREFLIGHT, [2], {"headers": {"allow": "GET, OPTIONS, POST", **CORS}}),
    (PREFLIGHT, [3], {"headers": {"allow": "OPTIONS, POST", **CORS}}),
    (PREFLIGHT, [4], {"headers": {"allow": "GET, OPTIONS", **CORS}}),
]
