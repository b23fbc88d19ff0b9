"""Hooks, steps, responses and verbs in subclasses; see `application`."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sanic import HTTPResponse, Request
from sanic.exceptions import SanicException
from sanic.response import json
from typing_extensions import assert_type

import sanic_jwt_oo
from sanic_jwt_oo import JWTAuth, Payload, Responses, SanicJWTException
from sanic_jwt_oo.events import (
    Event,
    LoginEvent,
    LoginFailedEvent,
    LogoutEvent,
    RefreshEvent,
    RefreshReusedEvent,
    SessionEvictedEvent,
    TokenRejectedEvent,
)

from .application import MyAuth, User


class Steps(MyAuth):
    """Overridden steps: `async def`, also where nothing is awaited."""

    class Configuration(MyAuth.Configuration):  # with that of its base
        leeway = timedelta(seconds=10)

    async def read_token(self, request: Request) -> str:
        token = await super().read_token(request)
        assert_type(token, str)
        return token

    async def verify_token(
        self, token: str, request: Request | None = None
    ) -> Payload:
        payload = await super().verify_token(token, request)
        assert_type(payload, Payload)
        return payload

    async def check_request(self, request: Request, payload: Payload) -> None:
        await super().check_request(request, payload)

    async def find_user(
        self, request: Request, payload: Payload | None
    ) -> User | None:
        user = await super().find_user(request, payload)
        assert_type(user, User | None)
        return user

    async def user_id_of(self, user: User) -> int:
        return user.user_id

    async def build_payload(self, user: User) -> Payload:
        return {**await super().build_payload(user), "name": user.name}

    async def add_claims(self, payload: Payload, user: User) -> Payload:
        return await super().add_claims(payload, user)

    async def check_log_in_body(self, request: Request) -> None:
        pass

    async def login_account(self, request: Request) -> str:
        return "joe"

    async def login_address(self, request: Request) -> str | None:
        return request.ip

    def random_secret(self) -> str:
        return super().random_secret()

    def now(self) -> float:
        return super().now() + 1


class SyncSteps(MyAuth):
    """It works, but a caller of `super()` could not await it."""

    def check_request(  # type: ignore[override]
        self, request: Request, payload: Payload
    ) -> None:
        pass


class OtherHooks(JWTAuth[User]):
    """Other parameters, and sync where `MyAuth` has `async def`."""

    class Configuration(sanic_jwt_oo.Configuration):  # with the base
        expiration_delta = 15 * 60

        def set_leeway(self) -> timedelta:
            return timedelta(seconds=30)

    class Responses:  # without the base
        async def extend_authenticate(self, user: User) -> dict[str, Any]:
            return {"name": user.name}

    def authenticate(self, request: Request, *, tenant: str) -> User | None:
        return None

    async def retrieve_user(self, payload: Payload) -> User | None:
        return None

    def retrieve_user_secret(self, user_id: int) -> str:
        return "secret"

    async def extend_payload(
        self, payload: Payload, user: User, request: Request | None
    ) -> Payload:
        return payload

    async def add_scopes_to_payload(self) -> set[str]:
        return set()

    def override_scope_validator(self, is_valid: bool) -> bool:
        return is_valid

    def destructure_scopes(self, scopes: list[str]) -> list[str]:
        return scopes

    def generate_refresh_token(self) -> str:
        return "token"

    def session_label(self, request: Request | None) -> str:
        return ""

    def on_login(self, event: LoginEvent) -> None:
        assert_type(event.request, Request | None)

    async def on_login_failed(self, event: LoginFailedEvent) -> None:
        assert_type(event.request, Request)

    def on_refresh(self, event: RefreshEvent) -> None:
        assert_type(event.request, Request)

    def on_refresh_reused(self, event: RefreshReusedEvent) -> None:
        assert_type(event.request, Request)

    def on_logout(self, event: LogoutEvent) -> None:
        assert_type(event.request, Request)

    def on_session_evicted(self, event: SessionEvictedEvent) -> None:
        assert_type(event.request, Request | None)

    def on_token_rejected(self, event: TokenRejectedEvent) -> None:
        assert_type(event.request, Request)


def listen(event: Event) -> None:
    assert_type(event.request, Request | None)


class Verb(JWTAuth[User]):
    """A verb is called, and cannot be overridden."""

    async def check(self, request: Request) -> Payload:  # type: ignore[misc]
        return {}

    def protected(self) -> Any:  # type: ignore[misc, override]
        return None


class Mistyped(JWTAuth[User]):
    """A hook of the wrong type."""

    def authenticate(self, request: Request) -> int:  # type: ignore[override]
        return 1


class FewParameters(Responses):
    """Responses with the parameters that they need."""

    def exception_response(self, exception: SanicException) -> HTTPResponse:
        return json(None, status=exception.status_code)

    def get_token_response(
        self, request: Request, access_token: str, **kwargs: Any
    ) -> HTTPResponse:
        return json(access_token)

    async def get_access_token_output(
        self, user: User
    ) -> tuple[str, dict[str, Any]]:
        return "token", {}

    def tokens_in_body(self) -> bool:
        return self.config.cookie_set


class OtherKind(Responses):
    """They work, but a caller of `super()` would not expect it."""

    async def exception_response(  # type: ignore[override]
        self, request: Request, exception: SanicException
    ) -> HTTPResponse:
        return json(None)

    def get_access_token_output(  # type: ignore[override]
        self, user: User
    ) -> tuple[str, dict[str, Any]]:
        return "token", {}


class Nested(MyAuth):
    """Classes that do not derive from those of `MyAuth`."""

    class Configuration(  # pyright: ignore[reportIncompatibleVariableOverride]
        sanic_jwt_oo.Configuration
    ):
        leeway = timedelta(seconds=30)  # type: ignore[assignment]

    class Responses:  # pyright: ignore[reportIncompatibleVariableOverride]
        def extend_authenticate(self) -> dict[str, Any]:
            return {}


class AllParameters(Responses):
    """Responses that change the default."""

    def exception_response(
        self, request: Request, exception: SanicException
    ) -> HTTPResponse:
        response = super().exception_response(request, exception)
        assert_type(response, HTTPResponse)
        return response

    def reasons(
        self, request: Request, exception: SanicJWTException
    ) -> list[str]:
        return super().reasons(request, exception)
