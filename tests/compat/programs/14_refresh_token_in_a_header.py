"""A refresh token that clients send in a header of its own."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions, protected

REFRESH_TOKENS = {}
USERS = {"ada": {"user_id": 1}, "bob": {"user_id": 2}}


class HeaderAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        user = USERS.get(request.json.get("name"))
        if user is None:
            raise exceptions.AuthenticationFailed("User not found.")
        return user

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": payload["user_id"]} if payload else None

    async def store_refresh_token(
        self, user_id, refresh_token, *args, **kwargs
    ):
        REFRESH_TOKENS[user_id] = refresh_token

    async def retrieve_refresh_token(self, user_id, *args, **kwargs):
        return REFRESH_TOKENS.get(user_id)

    async def retrieve_refresh_token_from_request(self, request):
        token = request.headers.get("x-refresh-token")
        if not token:
            raise exceptions.MissingAuthorizationHeader(
                "Send the refresh token in X-Refresh-Token."
            )
        return token


app = Sanic("RefreshTokenInAHeader")
Initialize(
    app,
    authentication_class=HeaderAuthentication,
    refresh_token_enabled=True,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.get("/page")
@protected()
async def page(request):
    return json("page")


async def visit(client):
    ada = (await client.post("/auth", json={"name": "ada"})).json()
    bob = (await client.post("/auth", json={"name": "bob"})).json()
    token = ada["access_token"]
    path = "/auth/refresh"
    good = {"x-refresh-token": ada["refresh_token"]}
    await client.post(path)
    await client.post(path, token=token)
    await client.post(path, headers=good)
    refreshed = await client.post(path, token=token, headers=good)
    await client.get("/page", token=refreshed.json()["access_token"])
    for other in (bob["refresh_token"], "", "guess"):
        headers = {"x-refresh-token": other}
        await client.post(path, token=token, headers=headers)
    body = {"refresh_token": ada["refresh_token"]}
    await client.post(path, token=token, json=body)


DIFFERENCES = []
