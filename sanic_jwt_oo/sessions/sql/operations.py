"""Operations in progress: their timeouts, and what a cancellation does.

An operation that uses a connection completes even if its caller is cancelled.
Closing a store waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

_T = TypeVar("_T")


class Operations:
    """The operations of one event loop, each in a task of its own.

    Args:
        timeout: The timeout of an operation, in seconds.
        completes: Whether an operation that uses a connection cannot be
            stopped: the thread of a SQLite connection cannot be cancelled,
            and its waits have a timeout of their own.
    """

    def __init__(self, timeout: float, completes: bool) -> None:
        self._timeout = timeout
        self._completes = completes
        self._running: set[asyncio.Task[Any]] = set()
        self._background: set[asyncio.Task[Any]] = set()
        self._protected: dict[asyncio.Task[Any] | None, bool] = {}

    async def run(
        self, work: Coroutine[Any, Any, _T], timeout: float | None
    ) -> _T:
        """Return the result of work, or cancel it after the timeout.

        If the caller is cancelled, work that already uses a connection may
        complete within the timeout.

        Raises:
            asyncio.TimeoutError: It did not complete in time.
            ConnectionAbortedError: It was cancelled, by `end`.
        """
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._on_done)
        try:
            await asyncio.wait({task}, timeout=timeout)
        except asyncio.CancelledError:
            self.cancel_late(task)
            raise
        if not task.done():
            self.cancel(task)
            raise asyncio.TimeoutError("The database did not respond.")
        if task.cancelled():
            raise ConnectionAbortedError("The store was closed.")
        return task.result()

    def in_background(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Start work that `end` waits for."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._on_done)
        return task

    async def settle(self) -> None:
        """Wait until no operation is in progress; cancel those that last."""
        await self.end()
        for task in self._running:
            self.cancel(task)

    async def end(self) -> None:
        """Wait for all operations, and for the work in the background."""
        await self._wait_for(self._running | self._background)

    async def _wait_for(self, tasks: set[asyncio.Task[Any]]) -> None:
        if tasks:
            await asyncio.wait({*tasks}, timeout=self._timeout)

    def cancel_late(self, task: asyncio.Task[Any]) -> None:
        """Cancel a task; one that uses a connection after the timeout."""
        self.cancel(task, self._timeout)

    def cancel(self, task: asyncio.Task[Any], delay: float = 0) -> None:
        """Cancel a task; one that uses a connection ends after `delay`."""
        if task not in self._protected:
            task.cancel()
            return
        self._protected[task] = True
        if not self._completes:
            loop = asyncio.get_running_loop()
            loop.call_later(delay, task.cancel)

    def is_cancelled(self, task: asyncio.Task[Any] | None) -> bool:
        """Return whether a task that is `uninterrupted` was cancelled."""
        return self._protected.get(task, True)

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        """Protect the use of a connection: a cancellation waits for it."""
        task = asyncio.current_task()
        if task in self._protected:
            yield
            return
        self._protected[task] = False
        try:
            yield
        finally:
            if self._protected.pop(task):  # also instead of an error
                raise asyncio.CancelledError

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        self._background.discard(task)
        if not task.cancelled():
            task.exception()  # retrieved, so that asyncio does not report it
