r"""Install on a blueprint group: one login for everything in it.

The endpoints have the prefix and the version of the group.

    curl localhost:8000/v1/api/orders                                 # 401
    TOKEN=$(curl -s -X POST localhost:8000/v1/api/auth \
        -H 'X-API-Key: ada-key' | jq -r .access_token)
    curl localhost:8000/v1/api/orders -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/v1/api/prices -H "Authorization: Bearer $TOKEN"
"""

import os
from hmac import compare_digest

from sanic import Blueprint, HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
orders = Blueprint("orders", url_prefix="/orders")
prices = Blueprint("prices", url_prefix="/prices")
api = Blueprint.group(orders, prices, url_prefix="/api", version=1)
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(api)


@orders.get("/")
@auth.protected()
async def all_orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


@prices.get("/")
@auth.protected()
async def all_prices(request: Request) -> HTTPResponse:
    return json({"pear": 120})


app.blueprint(api)

if __name__ == "__main__":
    app.run(single_process=True)
