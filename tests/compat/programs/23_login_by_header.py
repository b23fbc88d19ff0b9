"""A login with HTTP Basic that raises ``MissingAuthorizationHeader``."""

from base64 import b64decode

from sanic import Sanic
from sanic.response import json
from sanic_jwt import exceptions, initialize, protected
from sanic_jwt.exceptions import (
    InvalidAuthorizationHeader,
    MissingAuthorizationHeader,
)

PASSWORDS = {"ada": "lovelace"}


async def authenticate(request, *args, **kwargs):
    header = request.headers.get("authorization")
    if header is None:
        raise MissingAuthorizationHeader()
    scheme, _, value = header.partition(" ")
    if scheme != "Basic":
        raise InvalidAuthorizationHeader("Use HTTP Basic.")
    try:
        name, _, password = b64decode(value).decode().partition(":")
    except ValueError:
        raise exceptions.SanicJWTException("No base64.", status_code=400)
    if name not in PASSWORDS or PASSWORDS[name] != password:
        raise exceptions.Unauthorized("Wrong name or password.")
    return {"user_id": name}


app = Sanic("LoginByHeader")
initialize(app, authenticate, secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71")


@app.exception(exceptions.Unauthorized)
async def unauthorized(request, exception):
    return json({"custom": exception.args[0]}, status=401)


@app.get("/page")
@protected()
async def page(request):
    return json("page")


async def visit(client):
    headers = (
        {},
        {"authorization": "Digest abc"},
        {"authorization": "Basic YWRhOndyb25n"},
        {"authorization": "Basic YWRhOmxvdmVsYWNl"},
    )
    for each in headers:
        login = await client.post("/auth", json={}, headers=each)
    await client.get("/page")
    await client.get("/page", headers=headers[-1])
    await client.get("/page", token=login.json()["access_token"])


DIFFERENCES = [
    (
        "The wording of a reason that reaches an error handler or "
        "`exception_response` of the application",
        [5],
        {"body": {"custom": "Authorization header not present."}},
    )
]
