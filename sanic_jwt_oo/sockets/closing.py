"""Closes sockets: a task for each, only while it is being closed."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any

from ..events import SocketClosedEvent
from ..installation import Installation
from ..runtime.websocket_internals import end_socket
from .opened import OpenSocket

_logger = logging.getLogger("sanic_jwt_oo")

_AT_ONCE = 50
_PATIENCE = 5.0


class Closer:
    """Closes the sockets of one installation in one event loop.

    Args:
        installation: The installation.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._queue: deque[OpenSocket] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def close(self, socket: OpenSocket, code: int, reason: str) -> None:
        """Close a socket soon, unless that was asked for before."""
        if socket.closed is None:
            socket.closed = asyncio.get_running_loop().create_future()
            socket.code, socket.reason = code, reason
            self._queue.append(socket)
            if self._draining is None or self._draining.done():
                self._draining = asyncio.create_task(self._drain())

    async def end(self) -> None:
        """Wait for the sockets that are being closed, but not for long."""
        if self._draining is not None:
            await self._draining
        if self._tasks:
            _, late = await asyncio.wait([*self._tasks], timeout=_PATIENCE)
            for task in late:
                task.cancel()

    async def _drain(self) -> None:
        """Begin to close what is queued, some in each turn of the loop."""
        while self._queue:
            for _ in range(min(_AT_ONCE, len(self._queue))):
                task = asyncio.create_task(self._close(self._queue.popleft()))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(0)

    async def _close(self, socket: OpenSocket) -> None:
        try:
            await end_socket(
                socket.ws,
                socket.code,
                socket.reason,
                socket.cancel_handler,
            )
        except Exception:
            _logger.exception("A WebSocket could not be closed.")
        finally:
            socket.over()
        try:
            await self._report(socket)
        except Exception:
            _logger.exception("on_socket_closed() has raised an error.")

    async def _report(self, socket: OpenSocket) -> None:
        claims = socket.state.token.payload()
        name = socket.settings.user_id
        sending: Any = self._installation.events.send(
            SocketClosedEvent,
            socket.request,
            claims.get(name),
            socket.state.token.session_id,
            socket.code,
            socket.reason,
        )
        if sending is not None:
            await sending
