"""An application as its author writes it; `make types` checks it.

Nothing here runs: what counts is that mypy and pyright accept it, and infer
what `assert_type` says. A line with `type: ignore` is one that both refuse:
one that they accept would be an unused comment, which is an error too.
"""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sanic import HTTPResponse, Request, Sanic, Websocket
from sanic.response import json
from sanic.views import HTTPMethodView
from typing_extensions import assert_type

import sanic_jwt_oo
from sanic_jwt_oo import (
    AuthenticationFailed,
    BaseEndpoint,
    Claim,
    Configuration,
    JWTAuth,
    Payload,
    Responses,
    Tokens,
)
from sanic_jwt_oo.sessions import MemorySessionStore, Page, Session, Sessions


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


class Tenant(Claim):
    key = "tenant"

    def setup(self, payload: Payload, user: User) -> str:
        return user.name

    async def verify(self, value: object) -> bool:
        return value == "joe"


class MagicLink(BaseEndpoint):
    async def get(self, request: Request) -> HTTPResponse:
        assert_type(self.config, Configuration)
        assert_type(self.responses, Responses)
        assert_type(self.config.url_prefix, str)
        self.config.url_perfix  # type: ignore[attr-defined]  # noqa: B018
        return await self.admit(request, User(1, "joe"))

    async def do_output(self, output: dict[str, Any]) -> dict[str, Any]:
        return {**output, "by": "link"}


def is_recent(payload: Payload) -> bool:
    return "iat" in payload


async def is_known(payload: Payload) -> bool:
    return True


class Finder:
    async def retrieve_user(self, payload: Payload) -> User | None:
        return None


class WithSessions(Finder, JWTAuth[User]):
    class_views = [("/link", MagicLink)]
    custom_claims = (Tenant,)
    extra_verifications = (is_recent, is_known)
    session_store = MemorySessionStore()

    @staticmethod
    def authenticate(request: Request) -> User:
        return User(1, "joe")


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


@auth.protected(socket_ends_with="token", max_socket_lifetime=3600)
async def feed(request: Request, ws: Websocket) -> None:
    token = await ws.recv()
    if isinstance(token, str):
        await auth.renew(ws, token)


async def program(request: Request) -> None:
    assert_type(await handler(request, 3), HTTPResponse)
    assert_type(await sync_handler(request), HTTPResponse)
    assert_type(await View().get(request), HTTPResponse)
    await handler(request, "3")  # type: ignore[arg-type]
    token = await auth.generate_access_token(User(1, "joe"))
    assert_type(token, str)
    assert_type(await auth.verify_token(token), Payload)
    assert_type(await auth.log_in(request), User)
    tokens = await auth.issue_tokens(User(1, "joe"), request=request)
    assert_type(tokens, Tokens)
    assert_type(tokens.access_token, str)
    assert_type(tokens.refresh_token, str | None)
    assert_type(tokens.session_id, str | None)
    assert_type(tokens.expires_in, int)
    assert_type(await auth.token_response(request, tokens), HTTPResponse)
    await auth.issue_tokens({"user_id": 1})  # type: ignore[arg-type]
    assert_type(auth.settings(request), Configuration)
    assert_type(auth.config, Configuration)
    assert_type(auth.responses, Responses)
    with auth.override(leeway=timedelta(seconds=3)):
        pass


async def use_sessions(auth: WithSessions, request: Request) -> None:
    assert_type(auth.sessions, Sessions)
    assert_type(await auth.sessions_of(request), list[Session])
    assert_type(await auth.page_of_sessions(request), Page)
    assert_type(await auth.current_user(request), User | None)


def read(request: Request) -> None:
    settings = auth.settings(request)
    assert_type(settings.expiration_delta, float)
    assert_type(settings.token_cache_entries, int)
    assert_type(settings.cookie_refresh_path, str | None)
    settings.expiration_dleta  # type: ignore[attr-defined]  # noqa: B018
    auth.config.expiration_dleta  # type: ignore[attr-defined]  # noqa: B018
