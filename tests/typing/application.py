"""An application as its author writes it; `make types` checks it.

Nothing here runs: what counts is that mypy and pyright accept it, and infer
what `assert_type` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json
from sanic.views import HTTPMethodView
from typing_extensions import assert_type

import sanic_jwt_oo
from sanic_jwt_oo import AuthenticationFailed, JWTAuth, Payload
from sanic_jwt_oo.configuration import Configuration


@dataclass
class User:
    user_id: int
    name: str


class MyAuth(JWTAuth[User]):
    class Configuration:  # without the base
        expiration_delta = 15 * 60
        leeway = timedelta(seconds=30)

        def get_authorization_header(self, request: Request) -> str:
            return "x-token" if "x-token" in request.headers else "x"

    class Responses(sanic_jwt_oo.Responses):  # with the base
        def extend_verify(self, payload: Payload | None) -> dict[str, Any]:
            return {}

    async def authenticate(self, request: Request) -> User:
        if request.json is None:
            raise AuthenticationFailed("Who are you?")
        return User(1, "joe")

    def retrieve_user(self, request: Request, payload: Payload) -> User | None:
        return User(payload["user_id"], "joe")

    def store_refresh_token(self, user_id: int, refresh_token: str) -> None:
        pass

    async def retrieve_refresh_token(
        self, user_id: int, *args: Any, **kwargs: Any
    ) -> str | None:
        return None

    def extend_payload(self, payload: Payload) -> Payload:
        return payload

    def add_scopes_to_payload(self, user: User) -> list[str]:
        return [user.name]


app = Sanic("typed")
auth = MyAuth(secret="secret", expiration_delta=60).install(app)
assert_type(auth, MyAuth)


@auth.protected(leeway=timedelta(seconds=3))
async def handler(request: Request, number: int) -> HTTPResponse:
    return json(number)


@auth.scoped(["a", "b"], require_all=False)
def sync_handler(request: Request) -> HTTPResponse:
    return json(None)


@auth.protected()
@auth.inject_user()
async def with_user(request: Request, user: User) -> HTTPResponse:
    return json(user.name)


class View(HTTPMethodView):
    @auth.protected()
    async def get(self, request: Request) -> HTTPResponse:
        assert_type(await auth.current_user(request), User | None)
        assert_type(await auth.check(request), Payload)
        return json(None)


async def program(request: Request) -> None:
    assert_type(await handler(request, 3), HTTPResponse)
    assert_type(await sync_handler(request), HTTPResponse)
    assert_type(await View().get(request), HTTPResponse)
    await handler(request, "3")  # type: ignore[arg-type]
    token = await auth.generate_access_token(User(1, "joe"))
    assert_type(token, str)
    assert_type(await auth.verify_token(token), Payload)
    with auth.override(leeway=timedelta(seconds=3)):
        pass


def read(settings: Configuration) -> None:
    assert_type(settings.expiration_delta, float)
    assert_type(settings.token_cache_entries, int)
    assert_type(settings.cookie_refresh_path, str | None)
    settings.expiration_dleta  # type: ignore[attr-defined]  # noqa: B018
