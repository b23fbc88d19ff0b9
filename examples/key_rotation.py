r"""Rotate the signing key while tokens of the old one stay valid.

`key_id` names the key that signs. `verification_keys` contains the previous
keys until the last of their tokens has expired. The login under `/last-month`
stands for this service before the rotation.

    OLD=$(curl -s -X POST localhost:8000/last-month/auth \
        -H 'X-API-Key: ada-key' | jq -r .access_token)
    NEW=$(curl -s -X POST localhost:8000/auth \
        -H 'X-API-Key: ada-key' | jq -r .access_token)
    curl localhost:8000/orders -H "Authorization: Bearer $OLD"
    curl localhost:8000/orders -H "Authorization: Bearer $NEW"
    curl localhost:8000/last-month/auth/verify \
        -H "Authorization: Bearer $NEW"                               # 401
"""

import os
from hmac import compare_digest
from secrets import token_urlsafe

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth

old_secret = os.environ.get("SHOP_SECRET_2026_10") or token_urlsafe(48)
new_secret = os.environ.get("SHOP_SECRET_2026_11") or token_urlsafe(48)


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(
    secret=new_secret,
    key_id="2026-11",
    verification_keys={"2026-10": old_secret},
).install(app)

Auth(
    secret=old_secret, key_id="2026-10", url_prefix="/last-month/auth"
).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


if __name__ == "__main__":
    app.run(single_process=True)
