"""A deny list in an overridden ``_verify``, filled by a log-out route."""

import hashlib

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions, protected, scoped

USERS = {"ada": {"user_id": 1, "scopes": ["orders:read"]}}
DENIED = set()


def fingerprint(request):
    header = request.headers.get("authorization", "")
    return hashlib.sha256(header.encode()).hexdigest()


class DenyListAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        user = USERS.get(request.json.get("username"))
        if user is None or request.json.get("password") != "lovelace":
            raise exceptions.AuthenticationFailed("Wrong name or password.")
        return user

    async def retrieve_user(self, request, payload, *args, **kwargs):
        for user in USERS.values():
            if payload and user["user_id"] == payload.get("user_id"):
                return user
        return None

    async def add_scopes_to_payload(self, user, *args, **kwargs):
        return user["scopes"]

    async def _verify(self, request, return_payload=False, *args, **kwargs):
        if fingerprint(request) in DENIED:
            if return_payload:
                return None
            return False, 401, "Token has been revoked."
        return await super()._verify(
            request, *args, return_payload=return_payload, **kwargs
        )


app = Sanic("DenyListInVerify")
Initialize(
    app,
    authentication_class=DenyListAuthentication,
    scopes_enabled=True,
    secret="correct horse battery staple, and more of it",
)


@app.get("/orders")
@protected()
async def orders(request):
    return json({"orders": [1, 2, 3]})


@app.get("/orders/all")
@scoped("orders:read")
async def all_orders(request):
    return json({"orders": [1, 2, 3, 4]})


@app.post("/logout")
@protected()
async def logout(request):
    DENIED.add(fingerprint(request))
    return json({"logged_out": True})


async def visit(client):
    await client.post("/auth", json={"username": "ada", "password": "no"})
    login = {"username": "ada", "password": "lovelace"}
    token = (await client.post("/auth", json=login)).json()["access_token"]
    pages = ("/orders", "/orders/all", "/auth/me", "/auth/verify")
    for path in pages:
        await client.get(path)
        await client.get(path, token=token)
    await client.post("/logout", token=token)
    for path in pages:
        await client.get(path, token=token)
    await client.post("/logout", token=token)


DIFFERENCES = []
