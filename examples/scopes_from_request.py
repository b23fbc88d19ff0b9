r"""Required scopes that depend on the request: give `scoped` a callable.

It is offered the request and the parameters of the route, and may be async.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/shops/north/stock -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/shops/south/stock \
        -H "Authorization: Bearer $TOKEN"                             # 403
    curl -X PUT localhost:8000/prices -H "Authorization: Bearer $TOKEN"  # 403
    curl localhost:8000/prices -H "Authorization: Bearer $TOKEN"
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def add_scopes_to_payload(self, user: dict[str, str]) -> list[str]:
        return ["north", "prices:get"]


def shop_of(request: Request, shop: str) -> str:
    return shop


async def action_of(request: Request) -> str:
    return f"prices:{request.method.lower()}"


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/shops/<shop:str>/stock")
@auth.scoped(shop_of)
async def stock(request: Request, shop: str) -> HTTPResponse:
    return json({"stock_of": shop})


@app.route("/prices", methods=["GET", "PUT"])
@auth.scoped(action_of)
async def prices(request: Request) -> HTTPResponse:
    return json({"pear": 120})


if __name__ == "__main__":
    app.run(single_process=True)
