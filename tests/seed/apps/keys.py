from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from sanic import Sanic
from sanic.response import json
from sanic_jwt import Initialize, protected

key = rsa.generate_private_key(65537, 2048)
private_key = key.private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
).decode()
public_key = (
    key.public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


async def authenticate(request, *args, **kwargs):
    return {"user_id": 1}


app = Sanic("keys")
Initialize(
    app,
    authenticate=authenticate,
    algorithm="RS256",
    public_key=public_key,
    private_key=private_key,
    claim_iss="https://shop.test",
    claim_aud="orders",
    claim_iat=True,
    claim_nbf=True,
)


@app.route("/protected")
@protected()
async def test(request):
    return json({"protected": True})


@app.route("/for-others", methods=["POST"])
async def for_others(request):
    def change(payload, user):
        return {**payload, **request.json}

    token = await app.ctx.auth.generate_access_token(
        {"user_id": 1}, extend_payload=change
    )
    return json({"access_token": token})
