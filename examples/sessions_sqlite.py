r"""Sessions in a SQLite file, for the processes of one machine.

Requires `pip install '.[sql]'`, and jq for the commands below.
`SHOP_SESSIONS` is the URL of the file. Restart it with the same `SHOP_SECRET`,
and users stay logged in.

    LOGIN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key')
    TOKEN=$(echo "$LOGIN" | jq -r .access_token)
    REFRESH=$(echo "$LOGIN" | jq -r .refresh_token)
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/auth/refresh -H 'Content-Type: application/json' \
        -d "{\"refresh_token\": \"$REFRESH\"}"
    curl -X POST localhost:8000/auth/logout \
        -H "Authorization: Bearer $TOKEN"                             # 204
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"      # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload
from sanic_jwt_oo.sessions import SQLSessionStore

SESSIONS = os.environ.get("SHOP_SESSIONS", "sqlite:///sessions.sqlite")


class Auth(JWTAuth[dict[str, str]]):
    session_store = SQLSessionStore(SESSIONS)

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def retrieve_user(
        self, request: Request, payload: Payload
    ) -> dict[str, str]:
        return {"user_id": payload["user_id"]}


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json([17, 23])


if __name__ == "__main__":
    app.run(single_process=True)
