"""RS256 with keys in files, and a token that another service signed."""

import os
from pathlib import Path

import jwt
from sanic import Sanic
from sanic.response import json, text
from sanic_jwt import exceptions, initialize, protected

KEYS = Path(os.environ["KEYS"])


async def authenticate(request, *args, **kwargs):
    if request.json.get("password") != "swordfish":
        raise exceptions.AuthenticationFailed("Wrong password.")
    return {"user_id": 1}


app = Sanic("KeyFiles")
initialize(
    app,
    authenticate,
    algorithm="RS256",
    public_key=KEYS / "RS256-public.pem",
    private_key=KEYS / "RS256-private.pem",
)

other = Sanic("KeyFilesThatAreMissing")
try:
    initialize(
        other,
        authenticate,
        algorithm="RS256",
        public_key=Path("/no/such/key.pem"),
        private_key=Path("/no/such/key.pem"),
    )
except exceptions.RequiredKeysNotFound:
    MISSING = "keys not found"
else:
    MISSING = None


@app.get("/page")
@protected()
async def page(request):
    return json("page")


@app.get("/missing")
async def missing(request):
    return json(MISSING)


@app.get("/key.pem")
async def key(request):
    return text(app.ctx.auth.config.public_key().splitlines()[0])


@app.post("/foreign")
@protected()
async def foreign(request):
    auth = request.app.ctx.auth
    private = await auth._get_secret(encode=True)
    public = await auth._get_secret()
    token = jwt.encode({"sub": "x"}, private, algorithm="RS256")
    return json(jwt.decode(token, public, algorithms=["RS256"]))


async def visit(client):
    await client.post("/auth", json={"password": "haddock"})
    login = await client.post("/auth", json={"password": "swordfish"})
    token = login.json()["access_token"]
    await client.get("/missing")
    await client.get("/key.pem")
    await client.get("/page", token=token)
    await client.get("/page", token=token[:-6] + "AAAAAA")
    await client.get("/page", token=jwt.encode({"user_id": 1}, "x" * 32))
    await client.get("/page")
    await client.post("/foreign", token=token)


DIFFERENCES = []
