"""A token that is decoded with PyJWT and the settings of the package."""

import jwt
from sanic import Sanic
from sanic.response import json
from sanic_jwt import exceptions, initialize, protected


async def authenticate(request, *args, **kwargs):
    if request.json.get("password") != "swordfish":
        raise exceptions.AuthenticationFailed("Wrong password.")
    return {"user_id": 42}


app = Sanic("TokensDecodedByHand")
app.config.SANIC_JWT_SECRET = "a secret of the configuration of the app"
app.config.SANIC_JWT_CLAIM_ISS = "shop.test"
initialize(app, authenticate)


def decode(token):
    config = app.ctx.auth.config
    return jwt.decode(
        token,
        config.secret(),
        algorithms=[config.algorithm()],
        issuer=config.claim_iss(),
        leeway=config.leeway(),
    )


@app.post("/decode")
async def decode_token(request):
    try:
        payload = decode(request.json["token"])
    except jwt.InvalidTokenError as error:
        return json({"error": type(error).__name__}, status=401)
    return json({"payload": payload})


@app.get("/same-key")
async def same_key(request):
    config = request.app.ctx.auth.config
    return json(config.secret() == config.public_key())


@app.get("/page")
@protected()
async def page(request):
    return json("page")


async def visit(client):
    await client.post("/auth", json={"password": "haddock"})
    login = await client.post("/auth", json={"password": "swordfish"})
    token = login.json()["access_token"]
    other = jwt.encode({"user_id": 42}, "another secret" * 3)
    for each in (token, token[:-4] + "AAAA", other, "nothing", ""):
        await client.post("/decode", json={"token": each})
        await client.get("/page", token=each)
    await client.get("/same-key")


DIFFERENCES = [
    (
        "A scheme without a token",
        [12],
        {
            "body": {
                "reasons": ["Authorization header is invalid."],
                "exception": "Unauthorized",
            }
        },
    )
]
