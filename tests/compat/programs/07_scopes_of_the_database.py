"""Scopes that are looked up for each request, in ``extract_scopes``."""

from sanic import Blueprint, Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions, scoped

ROLES = {1: ["orders:read", "orders:write"], 2: ["orders:read"], 3: None}
NAMES = {"ada": 1, "bob": 2, "cyd": 3}


class RoleAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        user_id = NAMES.get(request.json.get("name"))
        if not user_id:
            raise exceptions.AuthenticationFailed()
        return {"user_id": user_id}

    async def extract_scopes(self, request):
        user_id = await self.extract_user_id(request)
        return ROLES.get(user_id)


app = Sanic("ScopesOfTheDatabase")
Initialize(
    app,
    authentication_class=RoleAuthentication,
    secret="correct horse battery staple, and more of it",
)
orders = Blueprint("orders", url_prefix="/orders")


@orders.get("/")
@scoped("orders:read")
async def list_orders(request):
    return json([])


@orders.post("/")
@scoped(["orders:read", "orders:write"])
async def add_order(request):
    return json({}, status=201)


@orders.delete("/<number:int>")
@scoped(["orders:delete", "orders:write"], require_all=False)
async def delete_order(request, number):
    return json({"deleted": number})


@app.post("/demote/<user_id:int>")
async def demote(request, user_id):
    ROLES[user_id] = []
    return json(None)


app.blueprint(orders)


async def visit(client):
    await client.post("/auth", json={"name": "eve"})
    tokens = [
        (await client.post("/auth", json={"name": name})).json()[
            "access_token"
        ]
        for name in NAMES
    ]
    requests = (
        ("GET", "/orders/"),
        ("POST", "/orders/"),
        ("DELETE", "/orders/5"),
    )
    for method, path in requests:
        await client.send(method, path)
        for token in tokens:
            await client.send(method, path, token=token)
    await client.post("/demote/1")
    for method, path in requests:
        await client.send(method, path, token=tokens[0])


DIFFERENCES = [
    ("A scope is missing", [8, 11, 12, 15, 16, 18, 19, 20], {"status": 403})
]
