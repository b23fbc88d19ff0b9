r"""The class form: subclass `JWTAuth`, define its hooks, install it.

    LOGIN=$(curl -s localhost:8000/auth -H 'Content-Type: application/json' \
        -d '{"username": "ada", "password": "lovelace"}')
    TOKEN=$(echo "$LOGIN" | jq -r .access_token)
    REFRESH=$(echo "$LOGIN" | jq -r .refresh_token)
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/orders -H "X-Token: Bearer $TOKEN"
    curl localhost:8000/orders                                        # 401
    curl -X DELETE localhost:8000/orders/1 -H "X-Token: Bearer $TOKEN"
    curl localhost:8000/auth/me -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/auth/refresh -H "Authorization: Bearer $TOKEN" \
        -H 'Content-Type: application/json' \
        -d "{\"refresh_token\": \"$REFRESH\"}"
"""

import asyncio
import os
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Optional

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import AuthenticationFailed, JWTAuth, Payload

# Set this when you deploy the shop, to the same value in every process.
os.environ.setdefault("SHOP_SECRET", token_urlsafe(48))

hasher = PasswordHasher()
nobodys_hash = hasher.hash(token_urlsafe())


@dataclass
class User:
    user_id: int
    username: str
    password_hash: str = field(repr=False)
    scopes: list[str]
    refresh_token: str = field(default="", repr=False)

    @staticmethod
    async def find(credentials: Any) -> Optional["User"]:
        """Return the user with these credentials.

        An unknown name costs as much time as a wrong password.
        """
        name = credentials.get("username")
        password = credentials.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            return None
        user = next((u for u in users.values() if u.username == name), None)
        known = user.password_hash if user else nobodys_hash
        octets = password.encode(errors="surrogatepass")
        try:
            await asyncio.to_thread(hasher.verify, known, octets)
        except VerifyMismatchError:
            return None
        return user

    @staticmethod
    def get(user_id: int) -> Optional["User"]:
        return users.get(user_id)

    def to_dict(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "username": self.username}


users = {
    1: User(1, "ada", hasher.hash("lovelace"), ["orders:delete"]),
    2: User(2, "bob", hasher.hash("builder"), []),
}


class MyAuth(JWTAuth[User]):
    class Configuration:
        expiration_delta = 15 * 60
        refresh_token_enabled = True

        def get_authorization_header(self, request: Request) -> str:
            return (
                "x-token" if "x-token" in request.headers else "authorization"
            )

    class Responses:
        def extend_authenticate(
            self,
            request: Request,
            user: User,
            access_token: str,
            refresh_token: str,
        ) -> dict[str, str]:
            return {"token_type": "Bearer"}

    async def authenticate(self, request: Request) -> User:
        user = await User.find(request.json)
        if user is None:
            raise AuthenticationFailed("Wrong username or password.")
        return user

    def retrieve_user(self, request: Request, payload: Payload) -> User | None:
        return User.get(payload["user_id"])

    def add_scopes_to_payload(self, user: User) -> list[str]:
        return user.scopes

    def store_refresh_token(self, user_id: int, refresh_token: str) -> None:
        users[user_id].refresh_token = refresh_token

    def retrieve_refresh_token(self, user_id: int) -> str:
        return users[user_id].refresh_token


app = Sanic("Shop")
auth = MyAuth(secret=os.environ["SHOP_SECRET"]).install(app)


@app.get("/orders")
@auth.protected()
@auth.inject_user()
async def orders(request: Request, user: User) -> HTTPResponse:
    return json({"orders_of": user.username})


@app.delete("/orders/<id:int>")
@auth.scoped("orders:delete")
async def delete_order(request: Request, id: int) -> HTTPResponse:
    return json({"deleted": id})


if __name__ == "__main__":
    app.run(single_process=True)
