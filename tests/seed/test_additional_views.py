"""The passwordless login of the seed, completed."""

from typing import Any

import pytest
from sanic import Request, Sanic, response
from sanic.response import HTTPResponse

from sanic_jwt_oo import BaseEndpoint, Initialize

from .running import claims, serving

pytestmark = pytest.mark.filterwarnings(
    "ignore::sanic_jwt_oo.exceptions.InsecureSecretWarning"
)
EMAIL = {"email": "joe@shop.test"}


class Redis(dict[str, bytes]):
    async def set(self, key: str, value: str) -> None:
        self[key] = value.encode()

    async def get(self, key: str) -> Any:  # type: ignore[override]
        return super().get(key)


class User:
    def __init__(self, uuid: str) -> None:
        self.uuid = uuid

    @classmethod
    def get(cls, uuid: str) -> "User":
        return cls(uuid)

    def to_dict(self) -> dict[str, str]:
        return {"user_id": self.uuid}


class MyCustomUserAuthHelper:
    def __init__(self, app: Sanic, request: Request) -> None:
        self.user = User(request.json["email"])

    def get_make_me_a_magic_token(self) -> str:
        return f"magic-of-{self.user.uuid}"


class MagicLoginHandler(BaseEndpoint):
    async def options(self, request: Request) -> HTTPResponse:  # type: ignore[override]
        return response.text("", status=204)

    async def post(self, request: Request) -> HTTPResponse:
        helper = MyCustomUserAuthHelper(request.app, request)
        token = helper.get_make_me_a_magic_token()

        # Persist the token
        key = f"magic-token-{token}"
        await request.app.ctx.redis.set(key, helper.user.uuid)

        return response.json({"magic-token": token})


async def check_magic_token(request: Request) -> User:
    token = request.json.get("magic_token", "")
    key = f"magic-token-{token}"

    retrieval = await request.app.ctx.redis.get(key)
    if retrieval is None:
        raise Exception("Token expired or invalid")
    retrieval = retrieval.decode()

    return User.get(uuid=retrieval)


@pytest.fixture
def app(app: Sanic) -> Sanic:
    app.ctx.redis = Redis()
    Initialize(
        app,
        authenticate=check_magic_token,
        class_views=[
            # The path will be relative to the url prefix (which defaults
            # to /auth)
            ("/magic-login", MagicLoginHandler)
        ],
    )
    return app


async def test_the_path_is_relative_to_the_url_prefix(app: Sanic) -> None:
    async with serving(app) as client:
        response = await client.post("/auth/magic-login", json=EMAIL)
        assert response == (200, {"magic-token": "magic-of-joe@shop.test"})


async def test_the_magic_token_logs_in(app: Sanic) -> None:
    async with serving(app) as client:
        await client.post("/auth/magic-login", json=EMAIL)
        token = await client.log_in(
            json={"magic_token": "magic-of-joe@shop.test"}
        )
        assert claims(token) == {"user_id": "joe@shop.test"}


async def test_preflight_requests_are_handled(app: Sanic) -> None:
    async with serving(app) as client:
        response = await client.ask("OPTIONS", "/auth/magic-login")
        assert response == (204, "")


async def test_an_exception_of_the_application_is_not_changed(
    app: Sanic,
) -> None:
    """The seed raises a plain `Exception`, which the application handles."""

    @app.exception(Exception)
    def handle(request: Request, exception: Exception) -> HTTPResponse:
        return response.json({"kind": type(exception).__name__}, status=418)

    async with serving(app) as client:
        again = await client.post("/auth", json={"magic_token": "guess"})
        assert again == (418, {"kind": "Exception"})
