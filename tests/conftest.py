"""Fixtures for all tests: applications with unique names, and a client."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import settings
from sanic import Sanic
from sanic.response import json
from sanic_testing.testing import TestingResponse

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.login import throttling
from sanic_jwt_oo.sessions import RedisSessionStore, SQLSessionStore

from .documented import check_documented
from .effort import PATIENCE, THOROUGH
from .sessions.fixtures import *  # noqa: F403

SECRET = "a secret that is long enough for every hash of RFC 7518, truly so"
LOGGERS = [*map(logging.getLogger, ("sanic_jwt_oo", "sanic.root"))]
_numbers = count(1)
_left = pytest.StashKey[int]()
# the duration of an example is not a property of the code
settings.register_profile(
    "untimed", deadline=None, max_examples=100 if THOROUGH else 25
)
settings.load_profile("untimed")
Sanic.test_mode = True  # allow an application name to be used again


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count the long tests that are not run."""
    long = [item for item in items if item.get_closest_marker("long")]
    for item in long[:1]:
        item.config.stash[_left] = len(long)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Report the count from a worker of pytest-xdist."""
    output = getattr(session.config, "workeroutput", {})
    output["long"] = session.config.stash.get(_left, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Receive the count; every worker collects all tests."""
    output = getattr(node, "workeroutput", {})
    node.config.stash[_left] = output.get("long", 0)


def pytest_terminal_summary(
    terminalreporter: Any, config: pytest.Config
) -> None:
    """Print how many tests were left out."""
    left = config.stash.get(_left, 0)
    if left:
        terminalreporter.write_line(
            f"{left} long tests were left out; make test ALL=1 runs them."
        )


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Give stores and limits enough time on a busy machine.

    A test about timeouts sets its own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(throttling, "STORAGE_TIMEOUT", PATIENCE)
        for store in (RedisSessionStore, SQLSessionStore):
            defaults = store.__init__.__kwdefaults__  # type: ignore[misc]
            patch.setitem(defaults, "timeout", PATIENCE)
        yield


@pytest.fixture(autouse=True)
def untouched_sanic() -> Iterator[None]:
    """Undo changes by sanic-testing to Sanic, and by docs to log levels."""
    call = Sanic.__call__
    levels = [(logger, logger.level) for logger in LOGGERS]
    yield
    Sanic.__call__ = call  # type: ignore[method-assign]
    for logger, level in levels:
        logger.setLevel(level)


@pytest.fixture
def make_app() -> Callable[[], Sanic]:
    """Return a function that makes applications with unique names."""

    def make() -> Sanic:
        return Sanic(f"app-{next(_numbers)}")

    return make


@pytest.fixture
def app(make_app: Callable[[], Sanic]) -> Sanic:
    return make_app()


class Client:
    """Sends requests to an application in process and returns responses."""

    def __init__(self, app: Sanic) -> None:
        self._app = app

    async def __call__(
        self, method: str, path: str, token: str | None = None, **kwargs: Any
    ) -> Any:
        headers = kwargs.pop("headers", [])
        headers = [
            *(headers.items() if isinstance(headers, dict) else headers)
        ]
        if token is not None:
            headers.append(("Authorization", f"Bearer {token}"))
        cookies = kwargs.pop("cookies", {})
        if cookies:
            pairs = "; ".join(f"{n}={value}" for n, value in cookies.items())
            headers.append(("Cookie", pairs))
        client = self._app.asgi_client
        await self._start()
        url = str(client.base_url) + path
        response = await AsyncClient.request(
            client, method, url, headers=headers, **kwargs
        )
        response.__class__ = TestingResponse
        check_documented(self._app, method, path, response)
        return response

    async def _start(self) -> None:
        """Start the application once; Sanic's own client does so each time."""
        routes = len(self._app.router.routes)
        if getattr(self._app.ctx, "started_with", None) == routes:
            return
        self._app.ctx.started_with = routes
        self._app.router.reset()
        self._app.signal_router.reset()
        await self._app._startup()
        await self._app._server_event("init", "before")

    async def get(self, path: str, token: str | None = None, **k: Any) -> Any:
        return await self("GET", path, token, **k)

    async def post(self, path: str, token: str | None = None, **k: Any) -> Any:
        return await self("POST", path, token, **k)

    async def log_in(self, path: str = "/auth", **kwargs: Any) -> str:
        response = await self("POST", path, **kwargs)
        assert response.status == 200, response.text
        return response.json["access_token"]


@pytest.fixture
def client(app: Sanic) -> Client:
    return Client(app)


class Auth(JWTAuth[dict[str, Any]]):
    """Every user is Joe."""

    joe: dict[str, Any] = {"user_id": 1, "name": "joe"}

    def authenticate(self) -> dict[str, Any]:
        return dict(self.joe)

    def retrieve_user(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        return dict(self.joe) if payload["user_id"] == 1 else None


class RefreshAuth(Auth):
    """Keeps refresh tokens in a dictionary."""

    class Configuration:
        refresh_token_enabled = True

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.stored: dict[Any, str] = {}

    def store_refresh_token(self, user_id: Any, refresh_token: str) -> None:
        self.stored[user_id] = refresh_token

    async def retrieve_refresh_token(self, user_id: Any) -> str | None:
        return self.stored.get(user_id)


async def answer_payload(request: Any) -> Any:
    """A route handler that responds with the payload of the request."""
    return json(await request.app.ctx.auth.extract_payload(request))
