r"""Refresh tokens that the application stores itself, with two hooks.

Send the access token with the refresh token; it may have expired.

    LOGIN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key')
    TOKEN=$(echo "$LOGIN" | jq -r .access_token)
    REFRESH=$(echo "$LOGIN" | jq -r .refresh_token)
    curl localhost:8000/auth/refresh -H "Authorization: Bearer $TOKEN" \
        -H 'Content-Type: application/json' \
        -d "{\"refresh_token\": \"$REFRESH\"}"
    curl localhost:8000/auth/refresh -H "Authorization: Bearer $TOKEN" \
        -H 'Content-Type: application/json' \
        -d '{"refresh_token": "guessed"}'                             # 401
    curl -X POST localhost:8000/log-out -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/auth/refresh -H "Authorization: Bearer $TOKEN" \
        -H 'Content-Type: application/json' \
        -d "{\"refresh_token\": \"$REFRESH\"}"                        # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload

# Stands for a database table that all of your processes use.
refresh_tokens: dict[str, str] = {}


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        refresh_token_enabled = True
        expiration_delta = 5 * 60
        leeway = 10

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def retrieve_user(
        self, request: Request, payload: Payload
    ) -> dict[str, str]:
        return {"user_id": payload["user_id"]}

    async def store_refresh_token(
        self, user_id: str, refresh_token: str
    ) -> None:
        refresh_tokens[user_id] = refresh_token

    async def retrieve_refresh_token(self, user_id: str) -> str | None:
        return refresh_tokens.get(user_id)


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.post("/log-out")
@auth.protected()
async def log_out(request: Request) -> HTTPResponse:
    ended = refresh_tokens.pop(await auth.extract_user_id(request), None)
    return json({"ended": ended is not None})


if __name__ == "__main__":
    app.run(single_process=True)
