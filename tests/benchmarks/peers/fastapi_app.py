"""fastapi-users, bearer transport and JWT strategy, with users in memory."""

import os
from dataclasses import dataclass

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, IntegerIDMixin
from fastapi_users.authentication import (
    AuthenticationBackend,
    BearerTransport,
    JWTStrategy,
)
from fastapi_users.db import BaseUserDatabase

SECRET = os.environ["BENCH_SECRET"]


@dataclass
class User:
    id: int
    email: str = "joe@example.com"
    hashed_password: str = ""
    is_active: bool = True
    is_superuser: bool = False
    is_verified: bool = True


class Users(BaseUserDatabase):
    async def get(self, id):
        return User(id)


class UserManager(IntegerIDMixin, BaseUserManager):
    pass


async def get_user_manager():
    yield UserManager(Users())


def get_strategy():
    return JWTStrategy(secret=SECRET, lifetime_seconds=None)


backend = AuthenticationBackend(
    name="jwt",
    transport=BearerTransport(tokenUrl="auth"),
    get_strategy=get_strategy,
)
current_user = FastAPIUsers(get_user_manager, [backend]).current_user()
app = FastAPI()


@app.get("/open")
async def open_route():
    return 1


@app.get("/protected")
async def protected_route(user=Depends(current_user)):  # noqa: B008
    return 1
