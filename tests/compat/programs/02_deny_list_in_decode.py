"""A deny list in an overridden ``_decode``, by a claim of the payload."""

from itertools import count

from sanic import Sanic
from sanic.response import json
from sanic_jwt import (
    Authentication,
    exceptions,
    initialize,
    inject_user,
    protected,
)

NUMBERS = count(1)
REVOKED = set()


class MyAuthentication(Authentication):
    def extend_payload(self, payload, user=None, *args, **kwargs):
        payload["jti"] = f"token-{next(NUMBERS)}"
        return payload

    async def _decode(self, token, verify=True, inline_claims=None):
        payload = await super()._decode(
            token, verify=verify, inline_claims=inline_claims
        )
        if payload.get("jti") in REVOKED:
            raise exceptions.InvalidVerificationError("Token was revoked")
        return payload


async def authenticate(request, *args, **kwargs):
    if request.json.get("pin") != "1234":
        raise exceptions.AuthenticationFailed()
    return {"user_id": 7, "name": "ada"}


async def retrieve_user(request, payload, *args, **kwargs):
    return {"user_id": payload["user_id"], "name": "ada"} if payload else None


app = Sanic("DenyListInDecode")
initialize(
    app,
    authenticate=authenticate,
    retrieve_user=retrieve_user,
    authentication_class=MyAuthentication,
    secret="a shared secret that is at least as long as its hash",
)


@app.route("/balance")
@protected()
async def balance(request):
    return json({"balance": 100})


@app.route("/name")
@inject_user()
@protected()
async def name(request, user):
    return json({"name": user["name"]})


@app.post("/revoke")
@protected()
async def revoke(request):
    payload = await request.app.ctx.auth.extract_payload(request)
    REVOKED.add(payload["jti"])
    return json({"revoked": payload["jti"]})


@app.post("/check")
async def check(request):
    try:
        valid = await app.ctx.auth.verify_token(request.json["token"])
    except exceptions.SanicJWTException as error:
        return json({"error": type(error).__name__}, status=422)
    return json({"valid": valid})


async def visit(client):
    await client.post("/auth", json={"pin": "0000"})
    responses = [
        await client.post("/auth", json={"pin": "1234"}) for _ in "ab"
    ]
    first, second = (response.json()["access_token"] for response in responses)
    pages = ("/balance", "/name", "/auth/me", "/auth/verify")
    for path in pages:
        await client.get(path, token=first)
    await client.post("/check", json={"token": first})
    await client.post("/revoke", token=first)
    for path in pages:
        await client.get(path, token=first)
        await client.get(path, token=second)
    await client.post("/check", json={"token": first})
    await client.post("/check", json={"token": second})


DIFFERENCES = []
