"""A shop whose handlers receive the user, the claims and the session."""

import os
from dataclasses import dataclass

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import Claims, JWTAuth, Payload
from sanic_jwt_oo.sessions import MemorySessionStore, Session


@dataclass
class User:
    user_id: int
    name: str


USERS = {"ada-key": User(1, "ada")}


class ShopAuth(JWTAuth[User]):
    session_store = MemorySessionStore()

    def authenticate(self, request: Request) -> User | None:
        return USERS.get(request.headers.get("X-API-Key", ""))

    def retrieve_user(self, payload: Payload) -> User | None:
        users = USERS.values()
        return next(
            (u for u in users if u.user_id == payload["user_id"]), None
        )


app = Sanic("Shop")
auth = ShopAuth(secret=os.environ.get("SHOP_SECRET")).install(app)


# the handlers
@app.get("/name")
async def show_name(request: Request, user: User) -> HTTPResponse:
    return json(user.name)


@app.get("/greeting")
async def greet(request: Request, user: User | None) -> HTTPResponse:
    return json(f"Hello {user.name}" if user else "Hello")


@app.get("/token")
async def show_token(
    request: Request, claims: Claims, session: Session
) -> HTTPResponse:
    return json({"expires": claims["exp"], "device": session.label})


# the end
if __name__ == "__main__":
    app.run()
