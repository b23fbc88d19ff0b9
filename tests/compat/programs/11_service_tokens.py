"""Tokens for services that carry no ``exp``; the application says so."""

import jwt
from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions, protected

SECRET = "4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71"


class ServiceAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if request.json.get("password") != "swordfish":
            raise exceptions.AuthenticationFailed("Wrong password.")
        return {"user_id": 1}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": payload["user_id"]} if payload else None


app = Sanic("ServiceTokens")
Initialize(
    app,
    authentication_class=ServiceAuthentication,
    secret=SECRET,
    required_claims=(),
)


@app.post("/services/<name>")
@protected()
async def new_service(request, name):
    payload = {"user_id": f"service:{name}", "service": True}
    return json({"token": jwt.encode(payload, SECRET, algorithm="HS256")})


@app.get("/jobs")
@protected()
async def jobs(request):
    payload = await request.app.ctx.auth.extract_payload(request)
    return json({"jobs": [], "for": payload["user_id"]})


async def visit(client):
    await client.post("/services/mail")
    await client.post("/auth", json={"password": "haddock"})
    login = await client.post("/auth", json={"password": "swordfish"})
    token = login.json()["access_token"]
    made = await client.post("/services/mail", token=token)
    service = made.json()["token"]
    forged = jwt.encode({"user_id": 1}, SECRET[::-1], algorithm="HS256")
    old = jwt.encode({"user_id": 1, "exp": 1}, SECRET, algorithm="HS256")
    for path in ("/jobs", "/auth/me", "/auth/verify"):
        for each in (service, forged, old, token):
            await client.get(path, token=each)


DIFFERENCES = []
