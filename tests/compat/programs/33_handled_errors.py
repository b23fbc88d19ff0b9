"""Errors of the package, raised and handled by an application."""

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.exceptions import Unauthorized as SanicUnauthorized
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions, protected


class PickyAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        name = request.json.get("name")
        if name == "nobody":
            raise exceptions.MissingRegisteredClaim(missing=["name"])
        if name != "ada":
            raise exceptions.AuthenticationFailed(
                "No such name.", status_code=404
            )
        return {"user_id": 1}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        raise exceptions.InvalidVerificationError()


app = Sanic("HandledErrors")
Initialize(
    app,
    authentication_class=PickyAuthentication,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.exception(exceptions.Unauthorized)
async def unauthorized(request, exception):
    same = isinstance(exception, SanicUnauthorized)
    return json({"log in": "/login", "sanic": same}, status=401)


@app.get("/page")
@protected()
async def page(request):
    return json("page")


@app.get("/raise/<name>")
@protected()
async def raise_error(request, name):
    raise getattr(exceptions, name)()


async def visit(client):
    for name in ("eve", "ada"):
        login = await client.post("/auth", json={"name": name})
    token = login.json()["access_token"]
    for path in ("/page", "/auth/me"):
        await client.get(path)
        await client.get(path, token=token)
        await client.get(path, token=token[:-4] + "AAAA")
    for name in (
        "AuthenticationFailed",
        "InvalidAuthorizationHeader",
        "InvalidCustomClaimError",
        "MissingAuthorizationCookie",
        "MissingAuthorizationQueryArg",
        "Unauthorized",
    ):
        await client.get(f"/raise/{name}", token=token)
        assert issubclass(getattr(exceptions, name), SanicException)


DIFFERENCES = []
