r"""Limit failed logins, for an account and from an address.

Needs `pip install '.[limits]'`. Successful logins do not count.
Run Redis and set REDIS_URL=redis://localhost:6379/0 to count for several
workers and machines.

    curl localhost:8000/auth -d username=bob -d password=guess-1      # 401
    curl localhost:8000/auth -d username=Bob -d password=guess-2      # 401
    curl localhost:8000/auth -d username=bob -d password=guess-3      # 401
    curl localhost:8000/auth -d username=bob -d password=builder      # 429
    curl localhost:8000/auth -d username=ada -d password=lovelace
    curl localhost:8000/auth -d username=ada -d password=lovelace
    curl localhost:8000/auth -d username=ada -d password=lovelace
    curl localhost:8000/auth -d username=ada -d password=lovelace
"""

import asyncio
import os
from secrets import token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sanic import Request, Sanic

from sanic_jwt_oo import AuthenticationFailed, JWTAuth

hasher = PasswordHasher()
nobodys_hash = hasher.hash(token_urlsafe())
password_hashes = {
    "ada": hasher.hash("lovelace"),
    "bob": hasher.hash("builder"),
}


class ThrottledAuth(JWTAuth[dict[str, str]]):
    class Configuration:
        login_limit_per_account = "3/minute;20/hour"
        login_limit_per_address = "100/minute"
        login_limit_storage = os.environ.get("REDIS_URL", "memory://")

    async def authenticate(self, request: Request) -> dict[str, str]:
        fields: Any = request.form or {}
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
# behind a proxy, let Sanic trust its headers: app.config.PROXIES_COUNT = 1
auth = ThrottledAuth(secret=os.environ.get("SHOP_SECRET")).install(app)


if __name__ == "__main__":
    app.run(single_process=True)
