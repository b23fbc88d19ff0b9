"""An overridden ``_get_token``: a private method that is a step now."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions, protected


class HeaderAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if request.json.get("password") != "swordfish":
            raise exceptions.AuthenticationFailed("Wrong password.")
        return {"user_id": 1}

    def _get_token(self, request, refresh_token=False):
        token = request.headers.get("x-token")
        if not token:
            raise exceptions.MissingAuthorizationHeader()
        return token


app = Sanic("TokenInAHeaderOfItsOwn")
Initialize(
    app,
    authentication_class=HeaderAuthentication,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.get("/page")
@protected()
async def page(request):
    return json("page")


async def visit(client):
    login = await client.post("/auth", json={"password": "swordfish"})
    token = login.json()["access_token"]
    await client.get("/page")
    await client.get("/page", headers={"x-token": token})


DIFFERENCES = [
    (
        "Overriding one of these, or another private name of sanic-jwt's "
        "`Authentication`, is an `InvalidConfiguration` at class creation",
        ["start"],
        {"raised": "InvalidConfiguration"},
    )
]
