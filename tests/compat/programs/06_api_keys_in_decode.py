"""API keys sent where a token is sent, through an overridden ``_decode``."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import (
    Authentication,
    Initialize,
    exceptions,
    protected,
    scoped,
)

PERMANENT = {"pk_live_1": {"user_id": 900, "scopes": ["reports"]}}


class TokensAndKeys(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if request.json.get("username") == "ada":
            return {"user_id": 1}
        raise exceptions.AuthenticationFailed("User not found.")

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": payload.get("user_id")} if payload else None

    async def add_scopes_to_payload(self, user, *args, **kwargs):
        return ["reports", "admin"]

    async def _decode(self, token, verify=True, inline_claims=None):
        if token.startswith("pk_"):
            if token not in PERMANENT:
                raise exceptions.InvalidCustomClaimError("No such key.")
            return dict(PERMANENT[token])
        return await super()._decode(token, verify, inline_claims)


app = Sanic("ApiKeysInDecode")
Initialize(
    app,
    authentication_class=TokensAndKeys,
    scopes_enabled=True,
    secret="correct horse battery staple, and more of it",
)


@app.get("/reports")
@scoped("reports")
async def reports(request):
    return json({"reports": []})


@app.get("/admin")
@scoped("admin")
async def admin(request):
    return json({"admin": True})


@app.get("/ping")
@protected()
async def ping(request):
    return json("pong")


@app.get("/id")
@protected()
async def my_id(request):
    return json({"id": await app.ctx.auth.extract_user_id(request)})


async def visit(client):
    login = await client.post("/auth", json={"username": "ada"})
    tokens = (
        login.json()["access_token"],
        "pk_live_1",
        "pk_live_2",
        "nothing",
    )
    for path in ("/reports", "/admin", "/ping", "/id", "/auth/me"):
        await client.get(path)
        for token in tokens:
            await client.get(path, token=token)
    for token in tokens:
        await client.get("/auth/verify", token=token)


DIFFERENCES = [("A scope is missing", [9], {"status": 403})]
