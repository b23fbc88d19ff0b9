"""Objects that belong to an event loop, as connections do.

What keeps connections is often made once, at import, and used in one event
loop after another, or in several at the same time: by tests, by scripts that
call `asyncio.run()` twice, by threads. Stores and limits ask here for what
belongs to the running loop. Nothing is known here of what that is.
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
_HELD = (
    *("_available_connections", "_in_use_connections"),  # a pool
    "_connections",  # a node
)
_Loop: TypeAlias = asyncio.AbstractEventLoop
_Closing: TypeAlias = "asyncio.Task[None]"


class _Kept(Generic[_T]):
    """A value, the loop that it belongs to, and what runs when that ends."""

    def __init__(
        self, loop: _Loop, value: _T, close: Callable[[_T], _Closing]
    ) -> None:
        self.loop = loop
        self.value = value
        self.is_open = True
        self.end = self._until_the_end(close)
        _step(self.end.__anext__())

    async def _until_the_end(
        self, close: Callable[[_T], _Closing]
    ) -> AsyncGenerator[None, None]:
        """Close the value when the loop shuts its generators down.

        `asyncio.run` and its like do so before they close a loop.
        """
        try:
            yield
        finally:
            if self.is_open:
                await close(self.value)


class PerLoop(Generic[_T]):
    """One value for each event loop.

    A value is closed when `close` is called in its loop, or that shuts down;
    where a loop is closed without that, it is dropped later.

    Args:
        make: Returns the value for the running loop.
        close: Begins to close a value, in its loop.
        drop: Lets go of a value whose loop is closed, in whichever thread
            and without awaiting anything.
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
        self._current: dict[_Loop, _Kept[_T]] = {}
        self._kept: list[_Kept[_T]] = []
        self._lock = Lock()
        # nothing that is given to it may refer to the owner of this object
        finalize(self, _drop_closed, self._kept, drop)

    def get(self) -> _T:
        """Return the value for the running loop; made if there is none."""
        loop = asyncio.get_running_loop()
        try:
            return self._current[loop].value
        except KeyError:
            self._sweep()
        kept = _Kept(loop, self._make(), self._close)
        with self._lock:
            self._kept.append(kept)
        self._current[loop] = kept
        return kept.value

    async def close(self) -> None:
        """Close the value of the running loop; its next one is new.

        Closing goes on if the caller is cancelled.
        """
        self._sweep()
        kept = self._current.pop(asyncio.get_running_loop(), None)
        if kept is not None:
            closing = self._close(kept.value)
            closing.add_done_callback(partial(self._forget, kept))
            kept.is_open = False
            _step(kept.end.aclose())
            await asyncio.shield(closing)

    def _forget(self, kept: _Kept[_T], closing: _Closing) -> None:
        if not closing.cancelled():  # or it is dropped along with its loop
            with self._lock:
                self._kept.remove(kept)

    def _sweep(self) -> None:
        with self._lock:
            closed = _drop_closed(self._kept, self._drop)
            for kept in closed:
                self._kept.remove(kept)
                self._current.pop(kept.loop, None)


def drop_pool(pool: Any) -> None:
    """Close the connections of a pool of redis-py whose loop is closed.

    A node of a cluster is one too.
    """
    for name in _HELD:
        for connection in [*getattr(pool, name, ())]:
            writer = getattr(connection, "_writer", None)
            if writer is not None:
                connection._reader = connection._writer = None
                close_socket(writer.transport)


def close_socket(transport: Any) -> None:
    """Close the socket of a transport whose event loop is closed.

    Such a loop calls nothing back any more. So the transport would keep the
    socket until it is garbage, and warn of that. uvloop closes its sockets
    itself.
    """
    encrypted = getattr(transport, "_ssl_protocol", None)
    if encrypted is not None:
        transport._closed = True
        close_socket(encrypted._transport)
    elif getattr(transport, "_sock", None) is not None:
        with suppress(RuntimeError):  # what the closed loop says
            transport.abort()
        with suppress(RuntimeError):
            transport._call_connection_lost(None)


def _drop_closed(
    everything: list[_Kept[_T]], drop: Callable[[_T], None]
) -> list[_Kept[_T]]:
    closed = [kept for kept in everything if kept.loop.is_closed()]
    for kept in closed:
        drop(kept.value)
    return closed


def _step(awaitable: Awaitable[Any]) -> None:
    """Run what does not wait for anything."""
    with suppress(StopIteration):
        next(awaitable.__await__())
