"""Helpers of the package's modules, used by the application itself."""

import os
from pathlib import Path

from sanic import Sanic
from sanic.response import json
from sanic_jwt import initialize, protected, utils
from sanic_jwt.authentication import Authentication
from sanic_jwt.cache import clear_cache, is_cached, to_cache
from sanic_jwt.exceptions import AuthenticationFailed
from sanic_jwt.utils import generate_token, load_file_or_str
from sanic_jwt.validators import validate_scopes, validate_single_scope

PUBLIC = Path(os.environ["KEYS"]) / "RS256-public.pem"


async def by_password(request):
    return request.json.get("password") == "swordfish"


def by_badge(request):
    return request.json.get("badge") == 7


class HelpedAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        for check in (by_password, by_badge):
            if await utils.call(check, request):
                return {"user_id": 1}
        raise AuthenticationFailed("Neither password nor badge.")


app = Sanic("ImportedHelpers")
initialize(
    app,
    authentication_class=HelpedAuthentication,
    secret=load_file_or_str("4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71"),
)


@app.post("/allowed")
@protected()
async def allowed(request):
    held, wanted = request.json["held"], request.json["wanted"]
    outcome = await validate_scopes(
        request,
        wanted,
        held,
        override=lambda is_valid, *args: is_valid,
        destructure=lambda scopes: scopes,
    )
    single = validate_single_scope(wanted[0], held)
    status = 200 if outcome else 403
    return json({"outcome": outcome, "single": single}, status=status)


@app.get("/cache")
async def cache(request):
    to_cache("answer", 42)
    before = is_cached("answer")
    clear_cache()
    return json({"before": before, "after": is_cached("answer")})


@app.get("/helpers")
async def helpers(request):
    return json(
        {
            "length": len(generate_token()),
            "short": len(generate_token(n=4)),
            "file": load_file_or_str(PUBLIC).splitlines()[0],
            "text": load_file_or_str("not a file"),
            "asymmetric": utils.algorithm_is_asymmetric("RS256"),
            "symmetric": utils.algorithm_is_asymmetric("HS256"),
        }
    )


async def visit(client):
    await client.post("/auth", json={"password": "haddock"})
    await client.post("/auth", json={"password": "swordfish"})
    login = await client.post("/auth", json={"badge": 7})
    token = login.json()["access_token"]
    for held, wanted in (
        (["user:read"], ["user:read"]),
        (["user"], ["user:read", "user:write"]),
        (["user:read"], ["user:write"]),
        ([], ["user"]),
    ):
        body = {"held": held, "wanted": wanted}
        await client.post("/allowed", token=token, json=body)
    await client.post("/allowed", json=body)
    await client.get("/cache")
    await client.get("/helpers")


DIFFERENCES = []
