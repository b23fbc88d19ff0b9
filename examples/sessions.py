r"""Sessions: refresh tokens that are used once, logout, a list of devices.

This store is in memory, for development. The examples sessions_sqlite,
sessions_postgresql and sessions_redis use the others. The commands require jq.

    LOGIN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key')
    TOKEN=$(echo "$LOGIN" | jq -r .access_token)
    REFRESH=$(echo "$LOGIN" | jq -r .refresh_token)
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/auth/refresh -H 'Content-Type: application/json' \
        -d "{\"refresh_token\": \"$REFRESH\"}"
    curl localhost:8000/auth/sessions -H "Authorization: Bearer $TOKEN"
    curl -X POST localhost:8000/auth/logout \
        -H "Authorization: Bearer $TOKEN"                             # 204
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"      # 401
    curl localhost:8000/auth/refresh -H 'Content-Type: application/json' \
        -d "{\"refresh_token\": \"$REFRESH\"}"                        # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.log import logger
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload
from sanic_jwt_oo.events import RefreshReusedEvent
from sanic_jwt_oo.sessions import MemorySessionStore


class Auth(JWTAuth[dict[str, str]]):
    session_store = MemorySessionStore()

    class Configuration:
        expiration_delta = 5 * 60
        session_endpoints_enabled = True

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def retrieve_user(
        self, request: Request, payload: Payload
    ) -> dict[str, str]:
        return {"user_id": payload["user_id"]}

    def on_refresh_reused(self, event: RefreshReusedEvent) -> None:
        user_id = event.session.user_id
        logger.warning("A refresh token of %s came twice.", user_id)


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json([17, 23])


@app.post("/orders/17/refund")
@auth.protected(revocation_check="store")
async def refund(request: Request) -> HTTPResponse:
    return json({"refunded": 17})


if __name__ == "__main__":
    app.run(single_process=True)
