"""Classes of the package that an application constructs itself."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import (
    Authentication,
    Configuration,
    Initialize,
    Responses,
    exceptions,
    protected,
)
from sanic_jwt.endpoints import AuthenticateEndpoint, VerifyEndpoint


class ShopAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if (request.json or {}).get("password") != "swordfish":
            raise exceptions.AuthenticationFailed("Wrong password.")
        return {"user_id": 1}


class LoudResponses(Responses):
    @staticmethod
    def extend_authenticate(request, user=None, *args, **kwargs):
        return {"hello": user["user_id"]}


app = Sanic("ViewsMountedByHand")
jwt = Initialize(
    app,
    authentication_class=ShopAuthentication,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)
config = app.ctx.auth.config
app.add_route(
    AuthenticateEndpoint.as_view(
        LoudResponses(config, app), config=config, instance=app
    ),
    "/v1/login",
)
app.add_route(
    VerifyEndpoint.as_view(jwt.responses, config=config, instance=app),
    "/v1/verify",
    name="verify_v1",
)


@app.get("/page")
@protected()
async def page(request):
    return json("page")


async def token_of_a_script():
    """Make a token as a script would, without a server."""
    script_config = Configuration(
        {}, secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71", expiration_delta=60
    )
    auth = Authentication(app, script_config)
    return await auth.generate_access_token({"user_id": "script"})


async def visit(client):
    bad, good = {"password": "haddock"}, {"password": "swordfish"}
    await client.post("/v1/login", json=bad)
    login = await client.post("/v1/login", json=good)
    token = login.json()["access_token"]
    await client.post("/auth", json=good)
    for path in ("/v1/verify", "/auth/verify", "/page"):
        await client.get(path)
        await client.get(path, token=token)
    script = await token_of_a_script()
    await client.get("/page", token=script)


DIFFERENCES = []
