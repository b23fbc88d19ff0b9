r"""Pages: users who are not logged in are redirected to the login page.

The form posts to the login endpoint, which redirects to the account.

    curl -i localhost:8000/account                                    # 302
    curl -i localhost:8000/cart                                       # 302
    curl localhost:8000/login
    curl -c /tmp/jar localhost:8000/auth -d key=ada-key               # 303
    curl -b /tmp/jar localhost:8000/account
"""

import os
from hmac import compare_digest
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import html

from sanic_jwt_oo import JWTAuth, Responses

LOGIN_PAGE = """<!DOCTYPE html><title>Log in</title>
<form method="post" action="/auth">
<input name="key" type="password"><button>Log in</button></form>"""


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        cookie_set = True
        login_redirect_url = "/login"

    class Responses(Responses):
        def get_token_response(
            self, request: Request, *args: Any, **kwargs: Any
        ) -> HTTPResponse:
            response = super().get_token_response(request, *args, **kwargs)
            response.status = 303
            response.headers["location"] = "/account"
            return response

    def authenticate(self, request: Request) -> dict[str, str] | None:
        fields: Any = request.form or {}
        key = fields.get("key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/login")
async def login(request: Request) -> HTTPResponse:
    return html(LOGIN_PAGE)


@app.get("/account")
@auth.protected(redirect_on_fail=True)
async def account(request: Request) -> HTTPResponse:
    return html("<p>Your account")


@app.get("/cart")
@auth.protected(redirect_on_fail=True, redirect_url="/login?next=/cart")
async def cart(request: Request) -> HTTPResponse:
    return html("<p>Your cart")


if __name__ == "__main__":
    app.run(single_process=True)
