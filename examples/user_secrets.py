r"""A secret per user: change it to revoke all tokens of that user.

The user id comes from a token that is not verified yet. The hook returns
`None` if there is no such user.

    ADA=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    BOB=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: bob-key' \
        | jq -r .access_token)
    curl localhost:8000/orders -H "Authorization: Bearer $ADA"
    curl -X POST localhost:8000/log-out-everywhere \
        -H "Authorization: Bearer $ADA"
    curl localhost:8000/orders -H "Authorization: Bearer $ADA"        # 401
    curl localhost:8000/orders -H "Authorization: Bearer $BOB"
"""

from hmac import compare_digest
from secrets import token_urlsafe

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth

api_keys = {"ada": b"ada-key", "bob": b"bob-key"}
user_secrets: dict[str | int, str] = {
    name: token_urlsafe(48) for name in api_keys
}


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        user_secret_enabled = True

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        for name, expected in api_keys.items():
            if compare_digest(key, expected):
                return {"user_id": name}
        return None

    async def retrieve_user_secret(self, user_id: str | int) -> str | None:
        return user_secrets.get(user_id)


app = Sanic("Shop")
auth = Auth().install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


@app.post("/log-out-everywhere")
@auth.protected()
async def log_out_everywhere(request: Request) -> HTTPResponse:
    user_secrets[await auth.extract_user_id(request)] = token_urlsafe(48)
    return json({"message": "Good-bye."})


if __name__ == "__main__":
    app.run(single_process=True)
