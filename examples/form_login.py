r"""Log in with an HTML form or with JSON: the hook reads both.

Any body that is neither is refused before the hook sees it.

    curl localhost:8000/auth -d username=ada -d password=lovelace
    curl localhost:8000/auth -H 'Content-Type: application/json' \
        -d '{"username": "ada", "password": "lovelace"}'
    curl localhost:8000/auth -d username=ada -d password=wrong        # 401
    curl localhost:8000/auth -d username=nobody -d password=wrong     # 401
    curl localhost:8000/auth -H 'Content-Type: application/json' \
        -d '[]'                                                       # 400
"""

import asyncio
import os
from secrets import token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sanic import HTTPResponse, Request, Sanic
from sanic.response import html

from sanic_jwt_oo import AuthenticationFailed, JWTAuth

hasher = PasswordHasher()
nobodys_hash = hasher.hash(token_urlsafe())
password_hashes = {"ada": hasher.hash("lovelace")}


class FormAuth(JWTAuth[dict[str, str]]):
    async def authenticate(self, request: Request) -> dict[str, str]:
        is_json = request.content_type.startswith("application/json")
        fields: Any = request.json if is_json else request.form or {}
        name, password = fields.get("username"), fields.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise AuthenticationFailed("Username or password missing.")
        # an unknown name takes as long as a wrong password
        known = password_hashes.get(name, nobodys_hash)
        octets = password.encode(errors="surrogatepass")
        try:
            await asyncio.to_thread(hasher.verify, known, octets)
        except VerifyMismatchError:
            raise AuthenticationFailed("Wrong username or password.") from None
        return {"user_id": name}


app = Sanic("Shop")
auth = FormAuth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/login")
async def login_page(request: Request) -> HTTPResponse:
    return html(
        '<form method="post" action="/auth">'
        '<input name="username"><input name="password" type="password">'
        "<button>Log in</button></form>"
    )


if __name__ == "__main__":
    app.run(single_process=True)
