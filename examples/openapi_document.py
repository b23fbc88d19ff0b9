r"""An OpenAPI document that says what each route needs.

With sanic-ext installed (`pip install '.[openapi]'`), open
http://localhost:8000/docs/swagger in a browser: every protected route has a
lock, and the scopes that it requires are in its text. The document itself is
at http://localhost:8000/docs/openapi.json. Without sanic-ext, everything else
works.

    LOGIN=$(curl -s localhost:8000/auth -H 'Content-Type: application/json' \
        -d '{"username": "ada", "password": "lovelace"}')
    TOKEN=$(echo "$LOGIN" | jq -r .access_token)
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/orders                                        # 401
    curl -X POST localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/offers
"""

import asyncio
import os
from dataclasses import dataclass
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload

hasher = PasswordHasher()
hashes = {"ada": hasher.hash("lovelace")}
nobodys_hash = hasher.hash(token_urlsafe())


@dataclass
class Credentials:
    """The body of a login."""

    username: str
    password: str


class Auth(JWTAuth[dict[str, str]]):
    login_body = Credentials

    async def authenticate(self, request: Request) -> dict[str, str] | None:
        name = request.json.get("username")
        password = request.json.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            return None
        known = hashes.get(name, nobodys_hash)
        octets = password.encode(errors="surrogatepass")
        try:
            await asyncio.to_thread(hasher.verify, known, octets)
        except VerifyMismatchError:
            return None
        return {"user_id": name}

    def retrieve_user(self, payload: Payload) -> dict[str, str] | None:
        name = payload["user_id"]
        return {"user_id": name} if name in hashes else None

    def add_scopes_to_payload(self, user: dict[str, str]) -> list[str]:
        return ["orders:read", "orders:write"]


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.scoped("orders:read")
async def list_orders(request: Request) -> HTTPResponse:
    """List the orders."""
    return json([17, 23])


@app.post("/orders")
@auth.scoped("orders:write")
async def order(request: Request) -> HTTPResponse:
    """Order something."""
    return json({"number": 24})


@app.get("/offers")
@auth.inject_user()
async def list_offers(
    request: Request, user: dict[str, str] | None
) -> HTTPResponse:
    """List the offers, for a user those of their own too."""
    return json(["tea", "cake"] if user else ["tea"])


if __name__ == "__main__":
    app.run(single_process=True)
