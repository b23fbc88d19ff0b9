r"""Extend and replace the responses of the endpoints.

Every method may be async, and takes only the parameters it names.

    LOGIN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key')
    TOKEN=$(echo "$LOGIN" | jq -r .access_token)
    REFRESH=$(echo "$LOGIN" | jq -r .refresh_token)
    curl localhost:8000/auth/me -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/auth/verify -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/auth/refresh -H "Authorization: Bearer $TOKEN" \
        -H 'Content-Type: application/json' \
        -d "{\"refresh_token\": \"$REFRESH\"}"
"""

import os
from hmac import compare_digest
from typing import Any

from sanic import Request, Sanic

from sanic_jwt_oo import JWTAuth, Payload

User = dict[str, str]
refresh_tokens: dict[str, str] = {}


class Auth(JWTAuth[User]):
    class Configuration:
        refresh_token_enabled = True
        expiration_delta = 15 * 60

    class Responses:
        auth: JWTAuth[User]

        def extend_authenticate(self, user: User) -> dict[str, Any]:
            """Respond like an OAuth 2 token endpoint (RFC 6749 5.1)."""
            lifetime = self.auth.settings().expiration_delta
            return {"token_type": "Bearer", "expires_in": lifetime}

        async def extend_retrieve_user(self, payload: Payload) -> Any:
            return {"until": payload["exp"]}

        def extend_verify(self, payload: Payload | None) -> dict[str, Any]:
            return {"until": payload["exp"] if payload else None}

        def extend_refresh(self, user: User) -> dict[str, Any]:
            return self.extend_authenticate(user)

    def authenticate(self, request: Request) -> User | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def retrieve_user(self, payload: Payload) -> User:
        return {"user_id": payload["user_id"]}

    def store_refresh_token(self, user_id: str, refresh_token: str) -> None:
        refresh_tokens[user_id] = refresh_token

    def retrieve_refresh_token(self, user_id: str) -> str | None:
        return refresh_tokens.get(user_id)


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)

if __name__ == "__main__":
    app.run(single_process=True)
