r"""More claims in the token, for clients and other services to read.

A payload is signed, not encrypted: everyone who has the token can read it.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/greeting -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/greeting                                      # 401
"""

import os
from dataclasses import dataclass
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload


@dataclass
class User:
    user_id: int
    name: str
    language: str


ada = User(1, "Ada", "en")


class Auth(JWTAuth[User]):
    def authenticate(self, request: Request) -> User | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return ada if compare_digest(key, b"ada-key") else None

    async def extend_payload(self, payload: Payload, user: User) -> Payload:
        return {**payload, "name": user.name, "language": user.language}


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/greeting")
async def greeting(request: Request) -> HTTPResponse:
    payload = await auth.check(request)
    return json({"to": payload["name"], "language": payload["language"]})


if __name__ == "__main__":
    app.run(single_process=True)
