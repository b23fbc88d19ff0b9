"""Times of the payload as ``datetime``: ``exp`` plus thirty days."""

from datetime import datetime, timedelta

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Claim, Initialize, exceptions, protected


class RenewAfter(Claim):
    key = "renew_after"

    def setup(self, payload, user):
        lifetime = payload["exp"] - payload["iat"]
        return round((lifetime - timedelta(minutes=5)).total_seconds())

    def verify(self, value):
        return isinstance(value, int) and value > 0


class RememberingAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if request.json.get("password") != "swordfish":
            raise exceptions.AuthenticationFailed("Wrong password.")
        return {"user_id": 1, "remember": request.json.get("remember")}

    async def extend_payload(self, payload, user=None, *args, **kwargs):
        payload = await super().extend_payload(payload, user)
        if user.get("remember"):
            payload["exp"] = payload["exp"] + timedelta(days=30)
        payload["fresh"] = payload["iat"] <= datetime.utcnow()
        return payload


app = Sanic("RememberMe")
Initialize(
    app,
    authentication_class=RememberingAuthentication,
    custom_claims=[RenewAfter],
    claim_iat=True,
    claim_nbf=True,
    claim_nbf_delta=-180,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.get("/lifetime")
@protected()
async def lifetime(request):
    payload = await request.app.ctx.auth.extract_payload(request)
    return json({"days": (payload["exp"] - payload["iat"]) // 86400})


async def visit(client):
    await client.get("/lifetime")
    for remember in (False, True):
        body = {"password": "swordfish", "remember": remember}
        login = await client.post("/auth", json=body)
        token = login.json()["access_token"]
        await client.get("/lifetime", token=token)
        await client.get("/auth/verify", token=token)


DIFFERENCES = []
