r"""An extra check of every token: is its user still allowed?

A verification receives the payload of a token whose signature and claims are
valid.
It returns True or False, and may be async.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl -X POST localhost:8000/leave -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"      # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload

gone: set[str] = set()


async def is_welcome(payload: Payload) -> bool:
    return payload["user_id"] not in gone


class Auth(JWTAuth[dict[str, str]]):
    extra_verifications = [is_welcome]

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


@app.post("/leave")
@auth.protected()
async def leave(request: Request) -> HTTPResponse:
    gone.add(await auth.extract_user_id(request))
    return json({"message": "Good-bye."})


if __name__ == "__main__":
    app.run(single_process=True)
