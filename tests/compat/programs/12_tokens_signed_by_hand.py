"""Invitations that the application signs with the keys of the package."""

from datetime import datetime, timedelta

import jwt
from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions, protected


class InvitingAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if request.json.get("password") != "swordfish":
            raise exceptions.AuthenticationFailed("Wrong password.")
        return {"user_id": 1}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": payload["user_id"]} if payload else None

    async def invitation(self, user_id, days):
        payload = {
            "user_id": user_id,
            "exp": datetime.utcnow() + timedelta(days=days),
            "invited": True,
        }
        secret = await self._get_secret(encode=True)
        return jwt.encode(payload, secret, algorithm=self._get_algorithm())


app = Sanic("TokensSignedByHand")
Initialize(
    app,
    authentication_class=InvitingAuthentication,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71-and-more-of-it",
    algorithm="HS384",
)


@app.post("/invite/<user_id:int>")
@protected()
async def invite(request, user_id):
    days = int(request.args.get("days", "7"))
    token = await request.app.ctx.auth.invitation(user_id, days)
    return json({"token": token})


@app.get("/welcome")
@protected()
async def welcome(request):
    payload = await request.app.ctx.auth.extract_payload(request)
    return json({"invited": payload.get("invited", False)})


async def visit(client):
    await client.post("/invite/2")
    login = await client.post("/auth", json={"password": "swordfish"})
    token = login.json()["access_token"]
    for days in (7, -7):
        path = f"/invite/2?days={days}"
        invitation = (await client.post(path, token=token)).json()["token"]
        await client.get("/welcome", token=invitation)
        await client.get("/auth/me", token=invitation)
    await client.get("/welcome", token=token)


DIFFERENCES = []
