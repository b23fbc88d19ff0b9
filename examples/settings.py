r"""Where settings come from, in order of precedence, the lowest first.

The application's config, a value of the nested class or its `set_` method,
a keyword argument. Invalid settings are refused at `.install()`.

    curl -X POST localhost:8000/login -H 'X-API-Key: ada-key'
    TOKEN=$(curl -s -X POST localhost:8000/login -H 'X-API-Key: ada-key' \
        | jq -r .jwt)
    curl localhost:8000/login/check -H "Authorization: Token $TOKEN"
    curl localhost:8000/login/check -H "Authorization: Bearer $TOKEN"  # 400
"""

import os
from datetime import timedelta
from hmac import compare_digest

from sanic import Request, Sanic

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        access_token_name = "jwt"
        authorization_header_prefix = "Token"

        def set_expiration_delta(self) -> float:
            return timedelta(hours=2).total_seconds()

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
app.config.SANIC_JWT_PATH_TO_VERIFY = "/check"
app.config.SANIC_JWT_ACCESS_TOKEN_NAME = "overruled_by_the_class"

auth = Auth(
    secret=os.environ.get("SHOP_SECRET"),
    url_prefix="/login",
    claim_iss="https://shop.test",
).install(app)

if __name__ == "__main__":
    app.run(single_process=True)
