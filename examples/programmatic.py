r"""Issue, verify and read tokens in code.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/whoami
    curl localhost:8000/whoami -H "Authorization: Bearer $TOKEN"
    ROBOT=$(curl -s -X POST localhost:8000/robots \
        -H "Authorization: Bearer $TOKEN" | jq -r .token)
    curl localhost:8000/whoami -H "Authorization: Bearer $ROBOT"
    curl -X POST localhost:8000/robots \
        -H "Authorization: Bearer $ROBOT"                             # 403
    curl "localhost:8000/inspect/$ROBOT"
    curl localhost:8000/inspect/nonsense
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload
from sanic_jwt_oo.exceptions import InvalidToken

User = dict[str, str]


class Auth(JWTAuth[User]):
    def authenticate(self, request: Request) -> User | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def retrieve_user(self, request: Request, payload: Payload) -> User:
        return {"user_id": payload["user_id"]}

    def add_scopes_to_payload(self, user: User) -> list[str]:
        return ["robots"] if user["user_id"] == "ada" else []


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/whoami")
async def whoami(request: Request) -> HTTPResponse:
    if not await auth.is_authenticated(request):
        return json({"user": None})
    return json(
        {
            "user": await auth.current_user(request),
            "user_id": await auth.extract_user_id(request),
            "scopes": await auth.extract_scopes(request),
        }
    )


@app.post("/robots")
async def make_robot(request: Request) -> HTTPResponse:
    owner = await auth.check(request)
    await auth.authorize(request, "robots")
    with auth.override(expiration_delta=24 * 3600):
        token = await auth.generate_access_token(
            {"user_id": "robot"},
            extend_payload=lambda payload: {
                **payload,
                "owner": owner["user_id"],
            },
        )
    return json({"token": token})


@app.get("/inspect/<token:str>")
async def inspect(request: Request, token: str) -> HTTPResponse:
    try:
        return json({"payload": await auth.verify_token(token)})
    except InvalidToken as exc:
        return json({"reasons": exc.reasons})


if __name__ == "__main__":
    app.run(single_process=True)
