r"""Browsers send a cookie, programs a header: both are accepted.

Without `cookie_strict` and `query_string_strict`, the next place is read if
one has no token. Different tokens in one request are refused.

    TOKEN=$(curl -s -c /tmp/jar -X POST localhost:8000/auth \
        -H 'X-API-Key: ada-key' | jq -r .access_token)
    curl -b /tmp/jar localhost:8000/orders
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl "localhost:8000/orders?access_token=$TOKEN"
    curl localhost:8000/orders                                        # 401
    curl "localhost:8000/orders?access_token=another" \
        -H "Authorization: Bearer $TOKEN"                             # 400
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        cookie_set = True
        cookie_strict = False
        query_string_set = True
        query_string_strict = False
        tokens_in_body = True

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


if __name__ == "__main__":
    app.run(single_process=True)
