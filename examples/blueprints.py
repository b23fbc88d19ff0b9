r"""Install on a blueprint: only its routes and endpoints are affected.

Both orders work: `.install(members)` may come after `app.blueprint(members)`.

    curl localhost:8000/
    curl localhost:8000/members/news                                  # 401
    TOKEN=$(curl -s -X POST localhost:8000/members/auth \
        -H 'X-API-Key: ada-key' | jq -r .access_token)
    curl localhost:8000/members/news -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/members/auth/me -H "Authorization: Bearer $TOKEN"
    curl -X POST localhost:8000/auth                                  # 404
"""

import os
from hmac import compare_digest

from sanic import Blueprint, HTTPResponse, Request, Sanic
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


app = Sanic("Shop")
members = Blueprint("members", url_prefix="/members")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(members)


@app.get("/")
async def home(request: Request) -> HTTPResponse:
    return json({"open": "to all"})


@members.get("/news")
@auth.protected()
async def news(request: Request) -> HTTPResponse:
    return json({"news": "Pears are ripe."})


app.blueprint(members)

if __name__ == "__main__":
    app.run(single_process=True)
