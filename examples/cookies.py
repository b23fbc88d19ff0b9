r"""Tokens in a cookie, for browsers.

The cookie is `HttpOnly`, `Secure`, `SameSite=Lax` and bound to this host;
no response body contains the token. With `cookie_strict`, no token is read
from a header.

Scripts of the page can read a second cookie. They send its value in a header
with every request that changes something.

    curl -c /tmp/jar -X POST localhost:8000/auth -H 'X-API-Key: ada-key'
    curl -b /tmp/jar localhost:8000/orders
    curl -b /tmp/jar -X POST localhost:8000/orders                    # 403
    CSRF=$(grep csrf_token /tmp/jar | cut -f 7)
    curl -b /tmp/jar -X POST localhost:8000/orders -H "X-CSRF-Token: $CSRF"
    curl localhost:8000/orders                                        # 401
    curl localhost:8000/orders -H 'Authorization: Bearer x'           # 401
    curl -b /tmp/jar -X POST localhost:8000/log-out                   # 403
    curl -b /tmp/jar -c /tmp/jar -X POST localhost:8000/log-out \
        -H "X-CSRF-Token: $CSRF"
    curl -b /tmp/jar localhost:8000/orders                            # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        cookie_set = True
        cookie_access_token_name = "shop"
        cookie_max_age = 30 * 60

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


@app.post("/orders")
@auth.protected()
async def order(request: Request) -> HTTPResponse:
    return json({"ordered": True})


@app.post("/log-out")
@auth.protected()
async def log_out(request: Request) -> HTTPResponse:
    response = json({"message": "Good-bye."})
    auth.delete_cookies(response, request)
    return response


if __name__ == "__main__":
    app.run(single_process=True)
