r"""A token split in two cookies.

Scripts of the page can read header and payload, to show who is logged in. The
signature is `HttpOnly`; without it the rest is not valid.

    curl -i -c /tmp/jar -X POST localhost:8000/auth -H 'X-API-Key: ada-key'
    curl -b /tmp/jar localhost:8000/orders
    curl localhost:8000/orders                                        # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        cookie_set = True
        cookie_split = True
        cookie_access_token_name = "who"
        cookie_split_signature_name = "seal"

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def extend_payload(self, payload: Payload) -> Payload:
        return {**payload, "name": "Ada"}


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


if __name__ == "__main__":
    app.run(single_process=True)
