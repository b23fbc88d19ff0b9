"""A secret for each user; changing it ends the user's tokens."""

import jwt
from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions, protected

SECRETS = {
    1: "the secret of user one, long enough for its hash",
    2: "the secret of user two, long enough for its hash",
}


class PersonalAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        user_id = request.json.get("user_id")
        if user_id not in SECRETS:
            raise exceptions.AuthenticationFailed("User not found.")
        return {"user_id": user_id}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": payload["user_id"]} if payload else None

    async def retrieve_user_secret(self, user_id, *args, **kwargs):
        return SECRETS[user_id]


app = Sanic("UserSecrets")
Initialize(
    app,
    authentication_class=PersonalAuthentication,
    user_secret_enabled=True,
    secret="the secret that is used for nothing here, as it happens",
)


@app.get("/page")
@protected()
async def page(request):
    return json("page")


@app.post("/logout-everywhere")
@protected()
async def logout_everywhere(request):
    user_id = await request.app.ctx.auth.extract_user_id(request)
    SECRETS[user_id] = f"a new secret for user {user_id}, long enough again"
    return json({"user_id": user_id})


@app.post("/sign")
@protected()
async def sign(request):
    auth = request.app.ctx.auth
    payload = await auth.extract_payload(request)
    secret = await auth._get_secret(payload=payload, encode=True)
    token = jwt.encode(payload, secret, algorithm=auth._get_algorithm())
    return json({"token": token})


async def visit(client):
    await client.post("/auth", json={"user_id": 3})
    tokens = []
    for user_id in (1, 2):
        login = await client.post("/auth", json={"user_id": user_id})
        tokens.append(login.json()["access_token"])
    for token in tokens:
        await client.get("/page", token=token)
        await client.get("/auth/me", token=token)
    signed = await client.post("/sign", token=tokens[0])
    await client.get("/page", token=signed.json()["token"])
    mixed = jwt.encode({"user_id": 1}, SECRETS[2], algorithm="HS256")
    await client.get("/page", token=mixed)
    await client.post("/logout-everywhere", token=tokens[0])
    for token in tokens:
        await client.get("/page", token=token)
    await client.get("/page")


DIFFERENCES = []
