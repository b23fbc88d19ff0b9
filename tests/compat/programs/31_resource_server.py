"""A service that only verifies: ``auth_mode=False``, extra verifications."""

import time

import jwt
from sanic import Sanic
from sanic.response import json
from sanic_jwt import Claim, Initialize, inject_user, protected

SECRET = "4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71"


class Region(Claim):
    key = "region"

    def setup(self, payload, user):
        return "eu"

    def verify(self, value):
        return value == "eu"


def is_adult(payload):
    return payload.get("age", 0) >= 18


def retrieve_user(request, payload, *args, **kwargs):
    return {"id": payload["user_id"]} if payload else None


app = Sanic("ResourceServer")
Initialize(
    app,
    auth_mode=False,
    secret=SECRET,
    claim_aud="films",
    custom_claims=[Region],
    extra_verifications=[is_adult],
    retrieve_user=retrieve_user,
    query_string_set=True,
    query_string_strict=False,
)


@app.get("/film")
@protected()
async def film(request):
    return json("film")


@app.get("/viewer")
@inject_user()
@protected()
async def viewer(request, user):
    return json(user)


def token(secret=SECRET, **changes):
    payload = {
        "user_id": 9,
        "age": 30,
        "region": "eu",
        "aud": "films",
        "exp": int(time.time()) + 600,
        **changes,
    }
    return jwt.encode(payload, secret, algorithm="HS256")


async def visit(client):
    tokens = (
        token(),
        token(age=12),
        token(region="us"),
        token(aud="books"),
        token(exp=int(time.time()) - 600),
        token(secret="b" * 32),
    )
    for path in ("/film", "/viewer"):
        await client.get(path)
        for each in tokens:
            await client.get(path, token=each)
    await client.get("/film", params={"access_token": tokens[0]})
    await client.get("/film", params={"access_token": tokens[1]})
    await client.post("/auth", json={})


DIFFERENCES = []
