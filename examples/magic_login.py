r"""Custom endpoints: log in with a link in an email.

`class_views` on the class are used by every installation, those passed as a
keyword argument by this one. The response to a request for a link does not
reveal whether the user exists. Here the link is written to the server's log;
log in with the token in it.

    curl localhost:8000/auth/magic-login \
        -H 'Content-Type: application/json' \
        -d '{"email": "ada@shop.test"}'                               # 202
    curl localhost:8000/auth -H 'Content-Type: application/json' \
        -d '{"magic_token": "guessed"}'                               # 401
    curl localhost:8000/auth/ways
"""

import os
from hashlib import sha256
from secrets import token_urlsafe
from time import monotonic

from sanic import HTTPResponse, Request, Sanic
from sanic.log import logger
from sanic.response import json

from sanic_jwt_oo import BaseEndpoint, JWTAuth

LIFETIME = 10 * 60

emails = {"ada@shop.test"}
# digest of a magic token -> its user, and when it expires
links: dict[bytes, tuple[str, float]] = {}


def digest(token: str) -> bytes:
    return sha256(token.encode(errors="surrogatepass")).digest()


async def send_link(email: str) -> None:
    """Email a link, in a task: the time of the response reveals nothing."""
    if email not in emails:
        return
    token = token_urlsafe()
    links[digest(token)] = email, monotonic() + LIFETIME
    logger.info("To %s: https://shop.test/#magic_token=%s", email, token)


class MagicLogin(BaseEndpoint):
    async def post(self, request: Request) -> HTTPResponse:
        fields = request.json
        email = fields.get("email") if isinstance(fields, dict) else None
        if isinstance(email, str):
            request.app.add_task(send_link(email))
        return json({"message": "Look into your mail."}, status=202)


class Ways(BaseEndpoint):
    async def get(self, request: Request) -> HTTPResponse:
        return json({"ways": ["magic-login"]})


class MagicAuth(JWTAuth[dict[str, str]]):
    class_views = [("/magic-login", MagicLogin)]

    def authenticate(self, request: Request) -> dict[str, str] | None:
        token = request.json.get("magic_token")
        if not isinstance(token, str):
            return None
        email, good_until = links.pop(digest(token), ("", 0))
        return {"user_id": email} if monotonic() < good_until else None


app = Sanic("Shop")
auth = MagicAuth(
    secret=os.environ.get("SHOP_SECRET"), class_views=[("/ways", Ways)]
).install(app)

if __name__ == "__main__":
    app.run(single_process=True)
