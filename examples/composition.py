r"""Put an installation together from small classes.

Their nested classes are combined along the method resolution order: a class
further left takes precedence, and `super()` calls the next one.

    curl -X POST localhost:8000/auth -H 'X-API-Key: ada-key'
    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .jwt)
    curl localhost:8000/auth/verify -H "Authorization: Bearer $TOKEN"
"""

import os
from hmac import compare_digest
from typing import Any

from sanic import Request, Sanic

from sanic_jwt_oo import JWTAuth, Responses


class CompanyAuth(JWTAuth[dict[str, str]]):
    """Shared by all services of the company."""

    class Configuration:
        access_token_name = "jwt"
        claim_iss = "https://company.test"
        expiration_delta = 60 * 60

    class Responses(Responses):
        def extend_authenticate(self, *args: Any, **more: Any) -> Any:
            return {"company": "Fruit & Co."}


class ShortLived:
    """Tokens with a short lifetime."""

    class Configuration:
        expiration_delta = 60
        leeway = 5


class Typed:
    """Responses that OAuth 2 clients understand."""

    class Responses(Responses):
        def extend_authenticate(self, *args: Any, **more: Any) -> Any:
            fields = super().extend_authenticate(*args, **more)
            return {**fields, "token_type": "Bearer"}


class Auth(ShortLived, Typed, CompanyAuth):
    class Configuration:
        leeway = 1

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)

if __name__ == "__main__":
    app.run(single_process=True)
