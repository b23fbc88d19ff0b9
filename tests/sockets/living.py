"""An application whose clock a test moves, and clients of its sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sanic import Sanic
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.sockets import watch_of
from sanic_jwt_oo.sockets.watching import SocketWatch
from tests.conftest import SECRET
from tests.effort import MERCY

from .serving import NO_PROXY

ADA, BOB = {"user_id": 1}, {"user_id": 2}


class Auth(JWTAuth[dict[str, Any]]):
    """An installation whose clock stands still until a test moves it.

    Attributes:
        ahead: For how many seconds it was moved.
        ended: The events of the sockets that were closed.
        scopes: The scopes of the next token.
    """

    ahead = 0.0

    def __init__(self, **settings: Any) -> None:
        self.moment = float(int(time.time()))
        self.ended: list[Any] = []
        self.scopes = ["feed"]
        super().__init__(**{"secret": SECRET, **settings})

    def now(self) -> float:
        return self.moment + self.ahead

    def authenticate(self, request):
        return ADA

    def retrieve_user(self, payload):
        return {"user_id": payload["user_id"]}

    def add_scopes_to_payload(self, user):
        return self.scopes

    def on_socket_closed(self, event):
        self.ended.append(event)

    @property
    def watching(self) -> SocketWatch:
        return watch_of(self._sanic_jwt_oo)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and do what the timer would do."""
        self.ahead += seconds
        self.watching.check()

    async def token(self, user: Any = ADA) -> str:
        """Log a user in; return the access token."""
        return (await self.issue_tokens(user)).access_token


async def echo(request: Any, ws: Any) -> None:
    """Send back what is received."""
    while True:
        message = await ws.recv()
        if message is None:  # closed, under ASGI
            return
        await ws.send(message)


@asynccontextmanager
async def opened(
    port: int, token: str = "", path: str = "/feed", **options: Any
) -> AsyncIterator[ClientConnection]:
    """Open a socket with a token; it responds."""
    headers = options.pop("additional_headers", {})
    if token:
        headers = {**headers, "Authorization": f"Bearer {token}"}
    async with connect(
        f"ws://127.0.0.1:{port}{path}",
        additional_headers=headers,
        **NO_PROXY,
        **options,
    ) as ws:
        await respond(ws)
        yield ws


async def respond(ws: ClientConnection) -> None:
    """Fail unless a socket is open: its handler sends messages back."""
    await ws.send("ping")
    assert await asyncio.wait_for(ws.recv(), MERCY) == "ping"


async def closing(ws: ClientConnection) -> tuple[int, str]:
    """Wait until a server closes a socket; return code and reason."""
    with suppress(ConnectionClosed):
        while True:
            await asyncio.wait_for(ws.recv(), MERCY)
    return ws.protocol.close_code or 0, ws.protocol.close_reason or ""


async def settled(condition: Any) -> None:
    """Wait until a condition holds."""

    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.005)

    await asyncio.wait_for(wait(), MERCY)


def feed(app: Sanic, auth: Auth, path: str = "/feed", **settings: Any) -> None:
    """Add a protected socket that sends back what it receives."""
    handler = auth.protected(**settings)(echo)
    app.add_websocket_route(handler, path, name=path.strip("/"))
