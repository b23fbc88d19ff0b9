r"""One service logs users in, another only verifies their tokens.

The first signs with a private key, the second has the public half and, with
`auth_mode` off, no endpoints. Choose with ALGORITHM=RS256, ES256 or EdDSA.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8001/orders -H "Authorization: Bearer $TOKEN"
    curl localhost:8001/orders                                        # 401
    curl -X POST localhost:8001/auth -H 'X-API-Key: ada-key'          # 404
"""

import os
from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth

generators: dict[str, Callable[[], Any]] = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}
algorithm = os.environ.get("ALGORITHM", "ES256")

# You keep a key in a file; `private_key=Path("shop.pem")` does as well.
private_key = generators[algorithm]()
public_pem = private_key.public_key().public_bytes(
    Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
)


class Issuer(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


class Verifier(JWTAuth[dict[str, str]]):
    class Configuration:
        auth_mode = False


issuing = Sanic("LogIn")
Issuer(algorithm=algorithm, private_key=private_key).install(issuing)

app = Sanic("Orders")
verifier = Verifier(algorithm=algorithm, public_key=public_pem).install(app)


@app.get("/orders")
@verifier.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders_of": await verifier.extract_user_id(request)})


if __name__ == "__main__":
    issuing.prepare(port=8000, single_process=True)
    app.prepare(port=8001, single_process=True)
    Sanic.serve_single(issuing)
