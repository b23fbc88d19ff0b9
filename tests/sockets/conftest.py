"""A shop with sockets, for every server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sanic import Sanic

from sanic_jwt_oo import JWTAuth
from tests.conftest import SECRET

from .serving import SERVERS

USER = {"user_id": 1}


class Auth(JWTAuth[dict[str, Any]]):
    def authenticate(self, request):
        return USER

    def retrieve_user(self, payload):
        return {"user_id": payload["user_id"]}

    def add_scopes_to_payload(self, user):
        return ["orders:read"]


@pytest.fixture(params=SERVERS)
def server(request) -> str:
    return request.param


@pytest.fixture
def install(app: Sanic) -> Callable[..., Auth]:
    """Return a function that installs an `Auth` on the application."""

    def make(target: Any = app, kind: type[Auth] = Auth, **settings: Any):
        return kind(secret=SECRET, **settings).install(target)

    return make


@pytest.fixture
def auth(install) -> Auth:
    return install()


@pytest.fixture
def reached() -> list[Any]:
    """What has reached a handler of the application."""
    return []
