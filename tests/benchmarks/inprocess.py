"""An application without a network: its own HTTP protocol on a wire in memory.

What a request runs through is what runs in a server, from the bytes that
arrive to the bytes that leave, without sockets and threads, so that the same
requests take the same steps each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sanic import Sanic
from sanic.application.constants import ServerStage
from sanic.application.state import ApplicationServerInfo
from sanic.http.constants import HTTP
from sanic.server.protocols.http_protocol import HttpProtocol

from .credentials import CSRF

OK = b"HTTP/1.1 200 "


class Wire(asyncio.Transport):
    """Keeps what the protocol writes."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = b""

    def write(self, data: Any) -> None:
        self.answer += data

    def set_write_buffer_limits(
        self, high: int | None = None, low: int | None = None
    ) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass


class Connection:
    """One connection to an application that is kept alive."""

    def __init__(self, app: Sanic) -> None:
        loop = asyncio.get_running_loop()
        self._wire = Wire()
        self._protocol = HttpProtocol(loop=loop, app=app)
        self._protocol.connection_made(self._wire)

    async def send(self, message: bytes) -> bytes:
        """Send a request and return the whole answer."""
        wire = self._wire
        wire.answer = b""
        self._protocol.data_received(message)
        while not wire.answer:
            await asyncio.sleep(0)
        return wire.answer

    async def expect_ok(self, message: bytes) -> None:
        """Send a request that has to be answered with 200."""
        response = await self.send(message)
        if not response.startswith(OK):
            raise RuntimeError(f"{message!r} was answered with {response!r}")

    async def close(self) -> None:
        """End the connection."""
        task = self._protocol._task
        self._protocol.connection_lost(None)
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def connect(app: Sanic) -> AsyncIterator[Connection]:
    """Start an application and connect to it."""
    # no timer fires while something is measured
    app.config.REQUEST_TIMEOUT = app.config.RESPONSE_TIMEOUT = 1_000_000
    app.config.KEEP_ALIVE_TIMEOUT = 1_000_000
    app.config.ACCESS_LOG = False
    # what Sanic notes of a server that listens
    server = {"version": HTTP.VERSION_1, "port": 80}
    app.state.server_info.append(
        ApplicationServerInfo(server, ServerStage.SERVING)
    )
    await app._startup()
    for action in ("before", "after"):
        await app._server_event("init", action)
    feed = getattr(app.ctx, "feed", None)
    while feed is not None and not feed.is_current:
        await asyncio.sleep(0)
    connection = Connection(app)
    try:
        yield connection
    finally:
        await connection.close()
        for action in ("before", "after"):
            await app._server_event("shutdown", action)
        app.state.server_info.clear()


def get(path: str, token: str | None = None) -> bytes:
    """Return a GET request as it goes over the wire."""
    credentials = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n{credentials}\r\n".encode()


def with_cookie(path: str, token: str, method: str = "GET") -> bytes:
    """Return a request whose token is in a cookie, without a body."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\n"
        f"Cookie: __Host-access_token={token}\r\n"
        f"X-CSRF-Token: {CSRF}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def post(path: str, body: str) -> bytes:
    """Return a POST request with a JSON body as it goes over the wire."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body.encode())}\r\n\r\n{body}"
    ).encode()
