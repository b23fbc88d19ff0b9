"""An application and its tests, which patch what they cannot have."""

from unittest.mock import AsyncMock, patch

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, inject_user, protected


class LdapAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        raise ConnectionError("no LDAP server here")

    async def retrieve_user(self, request, payload, *args, **kwargs):
        raise ConnectionError("no LDAP server here")


def create_app():
    app = Sanic("TestsThatPatch")
    Initialize(
        app,
        authentication_class=LdapAuthentication,
        secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
    )

    @app.get("/name")
    @inject_user()
    @protected()
    async def name(request, user):
        return json({"name": user["name"]})

    @app.get("/page")
    @protected()
    async def page(request):
        return json("page")

    return app


async def ada(self, request, *args, **kwargs):
    return {"user_id": 1, "name": "ada"}


async def bob(request, *args, **kwargs):
    return {"user_id": 2, "name": "bob"}


patch.object(LdapAuthentication, "authenticate", ada).start()
app = create_app()


async def visit(client):
    login = await client.post("/auth", json={})
    token = login.json()["access_token"]
    await client.get("/page")
    await client.get("/page", token=token)

    app.ctx.auth.retrieve_user = bob
    await client.get("/auth/me", token=token)
    with patch.object(
        app.ctx.auth, "retrieve_user", AsyncMock(return_value={"name": "cyd"})
    ):
        await client.get("/name", token=token)
    await client.get("/name", token=token)
    app.ctx.auth.authenticate = bob
    login = await client.post("/auth", json={})
    await client.get("/name", token=login.json()["access_token"])

    denied = AsyncMock(return_value=(False, 401, ["Not in this test."]))
    with patch.object(app.ctx.auth, "_check_authentication", denied):
        await client.get("/page", token=token)
    allowed = AsyncMock(return_value=(True, 200, None))
    with patch.object(Authentication, "_check_authentication", allowed):
        await client.get("/page")
    with patch.object(
        app.ctx.auth, "_verify", AsyncMock(return_value=(False, 401, "No."))
    ):
        await client.get("/page", token=token)
    await client.get("/page")
    await client.get("/page", token=token)


DIFFERENCES = [
    (
        "A method that is set on a class after the server has started",
        [10],
        {
            "status": 401,
            "body": {
                "reasons": ["Authorization header not present."],
                "exception": "Unauthorized",
            },
        },
    )
]
