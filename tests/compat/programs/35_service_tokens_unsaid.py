"""Tokens without ``exp`` in an application that does not mention it."""

import jwt
from sanic import Sanic
from sanic.response import json
from sanic_jwt import exceptions, initialize, protected

SECRET = "4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71"
WORKER = jwt.encode({"user_id": "worker"}, SECRET, algorithm="HS256")


async def authenticate(request, *args, **kwargs):
    if request.json.get("password") != "swordfish":
        raise exceptions.AuthenticationFailed("Wrong password.")
    return {"user_id": 1}


app = Sanic("ServiceTokensUnsaid")
initialize(app, authenticate, secret=SECRET)


@app.get("/jobs")
@protected()
async def jobs(request):
    return json([])


async def visit(client):
    login = await client.post("/auth", json={"password": "swordfish"})
    await client.get("/jobs")
    await client.get("/jobs", token=login.json()["access_token"])
    await client.get("/jobs", token=WORKER)


DIFFERENCES = [
    (
        "A token without `exp` while `verify_exp` is on",
        [4],
        {
            "status": 401,
            "body": {
                "reasons": ['Token is missing the "exp" claim.'],
                "exception": "Unauthorized",
            },
        },
    )
]
