"""Values that belong to one event loop, such as connections.

A store is often created once, at import, and used in several event loops,
one after another or at the same time: by tests, by scripts that call
`asyncio.run()` twice, by threads. Session stores and login limits keep their
connections in a `PerLoop`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, Generic, TypeAlias, TypeVar
from weakref import finalize

_T = TypeVar("_T")
_CONNECTION_ATTRIBUTES = (
    *("_available_connections", "_in_use_connections"),  # of a pool
    "_connections",  # of a node of a cluster
)
_Loop: TypeAlias = asyncio.AbstractEventLoop
_Closing: TypeAlias = "asyncio.Task[None]"


class _LoopValue(Generic[_T]):
    """A value with its event loop, closed when the loop shuts down."""

    def __init__(
        self, loop: _Loop, value: _T, close: Callable[[_T], _Closing]
    ) -> None:
        self.loop = loop
        self.value = value
        self.is_open = True
        self.finalizer = self._close_with_loop(close)
        _run_once(self.finalizer.__anext__())

    async def _close_with_loop(
        self, close: Callable[[_T], _Closing]
    ) -> AsyncGenerator[None, None]:
        """Close the value when the loop shuts down its async generators.

        `asyncio.run` and similar functions do so before they close a loop.
        """
        try:
            yield
        finally:
            if self.is_open:
                await close(self.value)


class PerLoop(Generic[_T]):
    """Holds one value for each event loop.

    A value is closed when `close` is called in its loop, or when the loop
    shuts down. If a loop is closed without either, the value is dropped
    later.

    Args:
        make: Creates the value for the running loop.
        close: Starts to close a value, in its loop.
        drop: Releases a value whose loop is closed. It may run in any thread
            and cannot await anything.
    """

    def __init__(
        self,
        make: Callable[[], _T],
        close: Callable[[_T], _Closing],
        drop: Callable[[_T], None],
    ) -> None:
        self._make = make
        self._close = close
        self._drop = drop
        self._current: dict[_Loop, _LoopValue[_T]] = {}
        self._entries: list[_LoopValue[_T]] = []
        self._lock = Lock()
        # These arguments must not refer to the owner of this object: it
        # would never be collected.
        finalize(self, _drop_closed, self._entries, drop)

    def get(self) -> _T:
        """Return the value for the running loop; create it on first use."""
        loop = asyncio.get_running_loop()
        try:
            return self._current[loop].value
        except KeyError:
            self._drop_closed_loops()
        entry = _LoopValue(loop, self._make(), self._close)
        with self._lock:
            self._entries.append(entry)
        self._current[loop] = entry
        return entry.value

    async def close(self) -> None:
        """Close the value of the running loop; the next use creates another.

        Closing continues if the caller is cancelled.
        """
        self._drop_closed_loops()
        entry = self._current.pop(asyncio.get_running_loop(), None)
        if entry is not None:
            closing = self._close(entry.value)
            closing.add_done_callback(partial(self._remove, entry))
            entry.is_open = False
            _run_once(entry.finalizer.aclose())
            await asyncio.shield(closing)

    def _remove(self, entry: _LoopValue[_T], closing: _Closing) -> None:
        if not closing.cancelled():  # otherwise it is dropped with its loop
            with self._lock:
                self._entries.remove(entry)

    def _drop_closed_loops(self) -> None:
        with self._lock:
            closed = _drop_closed(self._entries, self._drop)
            for entry in closed:
                self._entries.remove(entry)
                self._current.pop(entry.loop, None)


def drop_pool(pool: Any) -> None:
    """Close the connections of a redis-py pool whose loop is closed.

    Args:
        pool: A connection pool, or a node of a cluster.
    """
    for name in _CONNECTION_ATTRIBUTES:
        for connection in [*getattr(pool, name, ())]:
            writer = getattr(connection, "_writer", None)
            if writer is not None:
                connection._reader = connection._writer = None
                close_socket(writer.transport)


def close_socket(transport: Any) -> None:
    """Close the socket of a transport whose event loop is closed.

    A closed loop runs no callbacks, so the transport would keep the socket
    until it is garbage collected, and then issue a warning. uvloop closes
    its sockets itself.
    """
    encrypted = getattr(transport, "_ssl_protocol", None)
    if encrypted is not None:
        transport._closed = True
        close_socket(encrypted._transport)
    elif getattr(transport, "_sock", None) is not None:
        with suppress(RuntimeError):  # the loop is closed
            transport.abort()
        with suppress(RuntimeError):
            transport._call_connection_lost(None)


def _drop_closed(
    entries: list[_LoopValue[_T]], drop: Callable[[_T], None]
) -> list[_LoopValue[_T]]:
    closed = [entry for entry in entries if entry.loop.is_closed()]
    for entry in closed:
        drop(entry.value)
    return closed


def _run_once(awaitable: Awaitable[Any]) -> None:
    """Run an awaitable up to its first suspension."""
    with suppress(StopIteration):
        next(awaitable.__await__())
