r"""Settings of one route, passed to its decorator.

A value, or a callable that is called for each request.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/webhook -H "X-Webhook-Token: $TOKEN"
    curl localhost:8000/webhook -H "Authorization: Bearer $TOKEN"     # 401
    curl localhost:8000/sale                                          # 401
    curl -X PUT localhost:8000/sale -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/sale
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


app = Sanic("Shop")
app.ctx.sale_is_public = False
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


@app.get("/webhook")
@auth.protected(
    authorization_header="x-webhook-token", authorization_header_prefix=""
)
async def webhook(request: Request) -> HTTPResponse:
    return json({"received": True})


@app.get("/sale")
@auth.protected(do_protection=lambda: not app.ctx.sale_is_public)
async def sale(request: Request) -> HTTPResponse:
    return json({"pears": "half price"})


@app.put("/sale")
@auth.protected()
async def open_sale(request: Request) -> HTTPResponse:
    app.ctx.sale_is_public = True
    return json({"public": True})


if __name__ == "__main__":
    app.run(single_process=True)
