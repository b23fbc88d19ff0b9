r"""Settings that depend on the request: `get_<name>(self, request)`.

Each is evaluated once per request. Here every tenant has its own issuer, so a
token of one is refused by another.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        -H 'Host: north.shop.test' | jq -r .access_token)
    curl localhost:8000/orders -H 'Host: north.shop.test' \
        -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/orders -H 'Host: south.shop.test' \
        -H "Authorization: Bearer $TOKEN"                             # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        def get_claim_iss(self, request: Request) -> str:
            return f"https://{request.host}"

        def get_expiration_delta(self, request: Request) -> int:
            on_phone = request.headers.get("x-device") == "phone"
            return 24 * 3600 if on_phone else 15 * 60

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    payload = await auth.check(request)
    return json({"issuer": payload["iss"]})


if __name__ == "__main__":
    app.run(single_process=True)
