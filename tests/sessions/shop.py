"""A shop with sessions, and its clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import httpx
import jwt
from sanic import Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.examples.serving import served

from .conformance import NOW

SECRET = "the secret of a shop that keeps sessions"
USERS: dict[str, dict[str, Any]] = {
    "ada": {"user_id": "ada"},
    "bob": {"user_id": "bob"},
}
_names = count(1)


class Clock:
    """The clock of a shop, which only a test advances."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> float:
        return self.time


class Shop(JWTAuth[Any]):
    """Logs in any user without a password."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("session_store", MemorySessionStore())
        super().__init__(**{"secret": SECRET, **settings})
        self.clock = Clock()
        self.now = self.clock  # type: ignore[method-assign]
        self.users = {**USERS}
        self.events: list[Any] = []

    async def authenticate(self, request: Request) -> Any:
        return self.users.get(request.json.get("username"))

    async def retrieve_user(self, request: Request, payload: Any) -> Any:
        return self.users.get(payload["user_id"])


class HeardShop(Shop):
    """Records the events that its hooks receive."""

    def on_login(self, event: Any) -> None:
        self.events.append(event)

    on_login_failed = on_refresh = on_refresh_reused = on_login
    on_logout = on_session_evicted = on_token_rejected = on_login


def app_of(auth: Shop) -> Sanic[Any, Any]:
    """Return an application with a route for each `revocation_check`."""
    app: Sanic[Any, Any] = Sanic(f"sessions-{next(_names)}")
    auth.install(app)

    def route(path: str, **settings: Any) -> None:
        @app.route(path, name=path[1:], methods=["GET", "POST"])
        @auth.protected(**settings)
        async def handler(request: Request) -> Any:
            return json(await auth.extract_payload(request))

    route("/open-ended", verify_exp=False)
    route("/default")
    for check in ("never", "feed", "store"):
        route(f"/{check}", revocation_check=check)
    return app


class Device:
    """A client that holds the last tokens it received."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.access = self.refresh = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}

    @property
    def claims(self) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            self.access, options={"verify_signature": False}
        )
        return claims

    def _keep(self, response: httpx.Response) -> httpx.Response:
        if response.status_code == 200:
            self.access = response.json()["access_token"]
            self.refresh = response.json()["refresh_token"]
        return response

    async def log_in(
        self, username: str = "ada", **headers: str
    ) -> httpx.Response:
        return self._keep(
            await self.client.post(
                "/auth", json={"username": username}, headers=headers
            )
        )

    async def renew(
        self, token: str | None = None, headers: Any = None
    ) -> httpx.Response:
        """Present a refresh token, by default the last one."""
        token = self.refresh if token is None else token
        return self._keep(
            await self.client.post(
                "/auth/refresh", json={"refresh_token": token}, headers=headers
            )
        )

    async def get(self, path: str) -> int:
        response = await self.client.get(path, headers=self.headers)
        return response.status_code

    async def post(self, path: str, **options: Any) -> httpx.Response:
        return await self.client.post(path, headers=self.headers, **options)


@asynccontextmanager
async def open_shop(auth: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a shop; yield a client of it."""
    app = app_of(auth)
    async with served(app) as client:
        yield client
