"""Real servers in this event loop, and handshakes byte by byte."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import signature
from typing import Any
from unittest.mock import AsyncMock, patch

import uvicorn
from sanic import Sanic
from websockets.asyncio.client import connect

from tests.security.server import served as served_by_sanic

SERVERS = ("sanic", "uvicorn", "hypercorn")
# websockets 14, which Sanic 24.12 needs, knows no proxies
NO_PROXY: dict[str, Any] = (
    {"proxy": None} if "proxy" in signature(connect).parameters else {}
)
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@asynccontextmanager
async def served(server: str, app: Any) -> AsyncIterator[int]:
    """Serve an application; yield the port."""
    if isinstance(app, Sanic):
        app.config.TOUCHUP = app.config.MOTD = False
    if server == "sanic":
        async with served_by_sanic(app) as own:
            yield own.port
        return
    sock = socket.create_server(("127.0.0.1", 0))
    serve = _uvicorn if server == "uvicorn" else _hypercorn
    port = sock.getsockname()[1]
    async with serve(app, sock):
        yield port


@asynccontextmanager
async def _uvicorn(app: Any, sock: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
    )
    task = asyncio.create_task(server._serve([sock]))
    while not server.started:
        assert not task.done()
        await asyncio.sleep(0)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def _hypercorn(app: Any, sock: socket.socket) -> AsyncIterator[None]:
    import hypercorn.asyncio
    from hypercorn.config import Config, Sockets

    config = Config()
    config.create_sockets = lambda: Sockets([], [sock], [])
    config.graceful_timeout = 0
    ends, started = asyncio.Event(), asyncio.Event()

    async def known(scope: Any, receive: Any, send: Any) -> None:
        async def note(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                started.set()

        await app(scope, receive, note)

    task = asyncio.create_task(
        hypercorn.asyncio.serve(known, config, shutdown_trigger=ends.wait)
    )
    await started.wait()
    try:
        yield
    finally:
        ends.set()
        # from Python 3.12 on, hypercorn waits for its clients for ever
        with patch.object(asyncio.Server, "wait_closed", AsyncMock()):
            await task
        sock.close()


@dataclass(frozen=True)
class Answer:
    """The response to a handshake."""

    status: int
    pairs: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        values = [value for found, value in self.pairs if found == name]
        assert len(values) < 2, values
        return values[0] if values else None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def handshake(
    port: int,
    path: str,
    *pairs: tuple[str, str],
    method: str = "GET",
    version: str = "1.1",
    without: Iterable[str] = (),
) -> Answer:
    """Send a handshake with additional headers; return the response.

    The status is 0 if the server closes the connection without one.
    """
    headers = [
        ("Host", f"127.0.0.1:{port}"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", KEY),
    ]
    lines = [f"{method} {path} HTTP/{version}"]
    lines += [
        f"{name}: {value}"
        for name, value in [h for h in headers if h[0] not in without]
        + [*pairs]
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        head = await reader.readuntil(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").strip().split("\r\n")
        found = tuple(
            (name.lower(), value.strip())
            for name, _, value in (line.partition(":") for line in rest)
        )
        status = int(first.split()[1])
        answer = Answer(status, found, b"")
        if status == 101 or method == "HEAD":
            return answer
        body = b""
        length = int(answer.header("content-length") or 0)
        chunked = answer.header("transfer-encoding") == "chunked"
        while length or chunked:
            if chunked:
                length = int(await reader.readline(), 16)
                chunked = length > 0
            body += await reader.readexactly(length)
            if answer.header("transfer-encoding") == "chunked":
                await reader.readline()
            length = 0
        return Answer(status, found, body)
    except asyncio.IncompleteReadError:
        return Answer(0, (), b"")
    finally:
        writer.close()
        await writer.wait_closed()


def opened(
    port: int, path: str, *pairs: tuple[str, str], **options: Any
) -> Any:
    """Open a socket with additional headers, as a context manager."""
    return connect(
        f"ws://127.0.0.1:{port}{path}",
        additional_headers=[*pairs],
        **NO_PROXY,
        **options,
    )
