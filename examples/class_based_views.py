r"""Class-based views: protect a whole view, or single methods of one.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/orders/7 -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/orders/7                                      # 401
    curl -X DELETE localhost:8000/orders/7                            # 401
    curl localhost:8000/prices
    curl -X PUT localhost:8000/prices                                 # 401
    curl -X PUT localhost:8000/prices -H "Authorization: Bearer $TOKEN"
    curl -X DELETE localhost:8000/prices \
        -H "Authorization: Bearer $TOKEN"                             # 403
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json
from sanic.views import HTTPMethodView

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def add_scopes_to_payload(self, user: dict[str, str]) -> list[str]:
        return ["prices:write"]


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


class Order(HTTPMethodView, attach=app, uri="/orders/<number:int>"):
    decorators = [auth.protected()]

    async def get(self, request: Request, number: int) -> HTTPResponse:
        return json({"order": number})

    async def delete(self, request: Request, number: int) -> HTTPResponse:
        return json({"deleted": number})


class Prices(HTTPMethodView, attach=app, uri="/prices"):
    async def get(self, request: Request) -> HTTPResponse:
        return json({"pear": 120})

    @auth.scoped("prices:write")
    async def put(self, request: Request) -> HTTPResponse:
        return json({"pear": 110})

    @auth.scoped("prices:delete")
    async def delete(self, request: Request) -> HTTPResponse:
        return json({})


if __name__ == "__main__":
    app.run(single_process=True)
