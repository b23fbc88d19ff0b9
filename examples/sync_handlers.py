r"""Sync functions: hooks and handlers need not be async.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/orders                                        # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def retrieve_user(
        self, request: Request, payload: Payload
    ) -> dict[str, str]:
        return {"user_id": payload["user_id"]}

    def add_scopes_to_payload(self, user: dict[str, str]) -> str:
        return "orders:read"


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.scoped("orders:read")
@auth.inject_user()
def orders(request: Request, user: dict[str, str]) -> HTTPResponse:
    return json({"orders_of": user["user_id"]})


if __name__ == "__main__":
    app.run(single_process=True)
