r"""Scope rules of your own, through two hooks.

`destructure_scopes` changes the scopes that a route requires before they are
compared. `override_scope_validator` decides about each required scope.

    ADA=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    BOB=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: bob-key' \
        | jq -r .access_token)
    curl localhost:8000/oranges -H "Authorization: Bearer $ADA"
    curl localhost:8000/oranges -H "Authorization: Bearer $BOB"
    curl localhost:8000/nuts -H "Authorization: Bearer $ADA"
    curl localhost:8000/nuts -H "Authorization: Bearer $BOB"          # 403
"""

import os
from collections.abc import Sequence
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth

api_keys = {"ada": b"ada-key", "bob": b"bob-key"}
scopes = {"ada": ["admin"], "bob": ["fruit:oranges"]}


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        for name, expected in api_keys.items():
            if compare_digest(key, expected):
                return {"user_id": name}
        return None

    def add_scopes_to_payload(self, user: dict[str, str]) -> list[str]:
        return scopes[user["user_id"]]

    def destructure_scopes(self, scopes: str) -> str:
        return scopes.replace("|", ":")

    def override_scope_validator(
        self, is_valid: bool, user_scopes: Sequence[tuple[str, list[str]]]
    ) -> bool:
        is_admin = any(namespace == "admin" for namespace, _ in user_scopes)
        return is_valid or is_admin


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/oranges")
@auth.scoped("fruit|oranges")
async def oranges(request: Request) -> HTTPResponse:
    return json({"oranges": 3})


@app.get("/nuts")
@auth.scoped("nuts")
async def nuts(request: Request) -> HTTPResponse:
    return json({"nuts": 5})


if __name__ == "__main__":
    app.run(single_process=True)
