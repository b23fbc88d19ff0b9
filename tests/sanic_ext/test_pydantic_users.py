"""A pydantic model as user."""

from __future__ import annotations

from typing import Any

import jwt
import pydantic
import pytest
from sanic import Sanic
from sanic.response import HTTPResponse, json

from tests.conftest import SECRET, Auth, Client


class User(pydantic.BaseModel):
    user_id: int
    password: str = "secret"


class ModelAuth(Auth):
    def authenticate(self) -> Any:
        return User(user_id=1)

    def retrieve_user(self) -> Any:
        return User(user_id=1)


@pytest.fixture
def client(app: Sanic) -> Client:
    app.config.AUTO_EXTEND = False
    return Client(app)


async def test_a_pydantic_model_is_a_user(
    app: Sanic, client: Client, caplog: Any
) -> None:
    auth = ModelAuth(secret=SECRET).install(app)

    @app.get("/user")
    @auth.protected()
    @auth.inject_user()
    async def handler(request: Any, user: User) -> HTTPResponse:
        return json(user.user_id)

    token = await client.log_in()
    assert jwt.decode(token, SECRET, ["HS256"])["user_id"] == 1
    assert (await client.get("/user", token)).json == 1
    me = await client.get("/auth/me", token)
    # it may hold a password: what is shown of it has to be said
    assert me.json["exception"] == "InvalidRetrieveUserObject"
    assert "secret" not in me.text
    assert "class User cannot be serialized" in caplog.text


async def test_a_model_without_the_id_is_logged(
    app: Sanic, client: Client, caplog: Any
) -> None:
    ModelAuth(secret=SECRET, user_id="uid").install(app)
    assert (await client.post("/auth")).status == 401
    assert "of class User, has no 'uid'" in caplog.text
