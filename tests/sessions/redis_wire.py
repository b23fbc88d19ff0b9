"""A proxy of a server that loses responses."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Wire:
    """Listens on a port, and relays between clients and a server.

    Attributes:
        port: The port it listens on.
        cut_at: Bytes in a command upon which the connection is closed
            instead of passing on the response.
        cuts: How many times that happened.
        silent: How many of the first connections pass on nothing any more,
            without being closed.
    """

    def __init__(self, server_port: int) -> None:
        self.port = 0
        self.cut_at: bytes | None = None
        self.cuts = 0
        self.silent = 0
        self._connections = 0
        self._server_port = server_port
        self._links: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Wire:
        self._listener = await asyncio.start_server(
            self._connected, "127.0.0.1", 0
        )
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._listener.close()
        for link in self._links:
            link.close()
        await asyncio.gather(*self._tasks)

    def hush(self) -> None:
        """Stop relaying on all present connections, without closing them."""
        self.silent = self._connections

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._connections += 1
        number = self._connections
        there, to_server = await asyncio.open_connection(
            "127.0.0.1", self._server_port
        )
        links = {writer, to_server}
        self._links |= links
        cutting = False

        async def commands() -> None:
            nonlocal cutting
            while command := await reader.read(65536):
                if number <= self.silent:
                    continue
                cutting = bool(self.cut_at and self.cut_at in command)
                to_server.write(command)
            to_server.close()

        async def responds() -> None:
            while response := await there.read(65536):
                if number <= self.silent:
                    continue
                if cutting:
                    self.cuts += 1
                    break
                writer.write(response)
            writer.close()

        await asyncio.gather(commands(), responds(), return_exceptions=True)
        for link in links:
            link.close()
            with suppress(OSError):
                await link.wait_closed()
        self._links -= links
        self._tasks.discard(task)
