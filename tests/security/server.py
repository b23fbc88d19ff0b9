"""A real server on a free port, for tests that need a connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sanic import Sanic


class Connection:
    """One keep-alive connection to a server."""

    def __init__(self, reader: Any, writer: Any) -> None:
        self._reader, self._writer = reader, writer

    async def send(self, octets: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send bytes; return status, headers and body of the response.

        The status is 0 if the server closes the connection without one.
        """
        try:
            self._writer.write(octets)
            await self._writer.drain()
            octets_in = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, {}, b""
        head = octets_in.decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        length = int(headers.get("content-length", 0))
        if octets.startswith(b"HEAD"):
            length = 0
        body = await self._reader.readexactly(length)
        return int(first.split()[1]), headers, body

    async def closed(self) -> None:
        """Wait until the server sends more, or closes the connection."""
        await self._reader.read(1)

    async def request(
        self,
        method: str,
        path: str,
        bearer: str | None = None,
        body: bytes = b"",
    ) -> tuple[int, dict[str, str], bytes]:
        """Send a request; the connection stays open."""
        lines = [f"{method} {path} HTTP/1.1", "Host: shop.example"]
        if bearer is not None:
            lines.append(f"Authorization: Bearer {bearer}")
        if body:
            lines.append("Content-Type: application/json")
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        return await self.send(head + body)


class Server:
    """An application that listens."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._writers: list[Any] = []

    async def connect(self) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers.append(writer)
        return Connection(reader, writer)

    async def hang_up(self) -> None:
        for writer in self._writers:
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def served(
    app: Sanic, access_log: bool = False
) -> AsyncIterator[Server]:
    """Serve an application from this event loop."""
    app.config.TOUCHUP = False
    app.config.MOTD = False
    sock = socket.create_server(("127.0.0.1", 0))
    running: Any = await app.create_server(
        sock=sock, access_log=access_log, return_asyncio_server=True
    )
    await running.startup()
    await running.before_start()
    await running.after_start()
    await running.start_serving()
    server = Server(sock.getsockname()[1])
    try:
        yield server
    finally:
        await server.hang_up()
        await running.before_stop()
        running.close()
        await running.wait_closed()
        await running.after_stop()
