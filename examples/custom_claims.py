r"""A custom claim: it is added to every token and checked in every token.

Both installations share a secret. A token of the north is still not valid in
the south, because of the claim.

    TOKEN=$(curl -s -X POST localhost:8000/north/auth \
        -H 'X-API-Key: ada-key' | jq -r .access_token)
    curl localhost:8000/north/auth/verify -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/south/auth/verify \
        -H "Authorization: Bearer $TOKEN"                             # 401
"""

import os
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any

from sanic import Request, Sanic

from sanic_jwt_oo import Claim, JWTAuth, Payload

secret = os.environ.get("SHOP_SECRET") or token_urlsafe(48)


class ShopClaim(Claim):
    key = "shop"
    shop: str

    def setup(self, payload: Payload, user: dict[str, str]) -> str:
        return self.shop

    def verify(self, value: Any) -> bool:
        return bool(value == self.shop)


class North(ShopClaim):
    shop = "north"


class South(ShopClaim):
    shop = "south"


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


class NorthAuth(Auth):
    custom_claims = [North]


app = Sanic("Shops")
NorthAuth(secret=secret, url_prefix="/north/auth").install(app)
Auth(secret=secret, url_prefix="/south/auth", custom_claims=[South]).install(
    app
)

if __name__ == "__main__":
    app.run(single_process=True)
