r"""Scopes: what a token allows its holder to do.

A scope is a namespace with actions. If a token has a scope without actions, it
grants the whole namespace. If a route requires a scope without actions, only
such a scope grants it.

    ADA=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    BOB=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: bob-key' \
        | jq -r .access_token)
    curl localhost:8000/orders -H "Authorization: Bearer $BOB"
    curl -X DELETE localhost:8000/orders -H "Authorization: Bearer $ADA"
    curl -X DELETE localhost:8000/orders -H "Authorization: Bearer $BOB"  # 403
    curl localhost:8000/report -H "Authorization: Bearer $ADA"
    curl localhost:8000/report -H "Authorization: Bearer $BOB"        # 403
    curl localhost:8000/overview -H "Authorization: Bearer $BOB"
    curl localhost:8000/drafts -H "Authorization: Bearer $BOB"
    curl localhost:8000/anything -H "Authorization: Bearer $BOB"
    curl localhost:8000/orders                                        # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth

api_keys = {"ada": b"ada-key", "bob": b"bob-key"}
scopes = {"ada": ["orders", "stock:read"], "bob": ["orders:read"]}


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        for name, expected in api_keys.items():
            if compare_digest(key, expected):
                return {"user_id": name}
        return None

    def add_scopes_to_payload(self, user: dict[str, str]) -> list[str]:
        return scopes[user["user_id"]]


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.scoped("orders:read")
async def orders(request: Request) -> HTTPResponse:
    return json({"scopes": await auth.extract_scopes(request)})


@app.delete("/orders")
@auth.scoped("orders")
async def delete_orders(request: Request) -> HTTPResponse:
    return json({"deleted": "all"})


@app.get("/report")
@auth.scoped(["orders:read", "stock:read"])
async def report(request: Request) -> HTTPResponse:
    return json({"needs": "both scopes"})


@app.get("/overview")
@auth.scoped(["orders:read", "stock:read"], require_all=False)
async def overview(request: Request) -> HTTPResponse:
    return json({"needs": "one of the scopes"})


@app.get("/drafts")
@auth.scoped("orders:read:write", require_all_actions=False)
async def drafts(request: Request) -> HTTPResponse:
    return json({"needs": "one of the actions"})


@app.get("/anything")
@auth.scoped(":read")
async def anything(request: Request) -> HTTPResponse:
    return json({"needs": "the action, in any namespace"})


if __name__ == "__main__":
    app.run(single_process=True)
