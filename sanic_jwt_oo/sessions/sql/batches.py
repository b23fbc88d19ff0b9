"""Statements for SQLite, of which those that wait are executed together.

A call in the thread of a connection costs more than most statements do. A
batch of them is one call; if they change rows, they share a transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple, TypeAlias

MAX_STATEMENTS = 25  # of a batch: others may want to write as well


class Call(NamedTuple):
    """A statement with its arguments, and where its result is awaited.

    If `result` was cancelled before the statement began, nothing changes.
    """

    text: str
    arguments: Sequence[Any]
    result: asyncio.Future[Any]


Perform: TypeAlias = Callable[[Any, Sequence[Call]], Sequence[Any]]
"""Executes statements, in the thread of a connection of aiosqlite.

Returns their results. The last one may be an exception; the statements after
it have not been executed.
"""


class Batches:
    """The statements that wait for a connection.

    Args:
        perform: Executes some of them.
        connect: Returns a connection that is not in use.
        give_back: Takes it back; the second argument says whether a statement
            has failed or was interrupted.
        lock: Is held for each batch.
        start: Starts a task.
    """

    def __init__(
        self,
        perform: Perform,
        connect: Callable[[], Awaitable[Any]],
        give_back: Callable[[Any, bool], None],
        lock: AbstractAsyncContextManager[None],
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self.perform = perform
        self._connect = connect
        self._give_back = give_back
        self._lock = lock
        self._start = start
        self._waiting: OrderedDict[asyncio.Future[Any], Call] = OrderedDict()
        self._task: asyncio.Task[None] | None = None

    async def execute(self, text: str, arguments: Sequence[Any]) -> Any:
        """Execute a statement together with others that wait.

        If the caller is cancelled, a statement that has begun is completed.
        """
        result = asyncio.get_running_loop().create_future()
        self._waiting[result] = Call(text, arguments, result)
        if self._task is None:
            self._begin()
        try:
            return await result
        finally:
            self._waiting.pop(result, None)

    def _begin(self) -> None:
        self._task = self._start(self._run())
        self._task.add_done_callback(self._on_end)

    def _on_end(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if self._waiting:  # since then, or it was cancelled
            self._begin()

    async def _run(self) -> None:
        while self._waiting:
            async with self._lock:
                await self._run_batch()

    async def _run_batch(self) -> None:
        count = min(len(self._waiting), MAX_STATEMENTS)
        calls = [self._waiting.popitem(last=False)[1] for _ in range(count)]
        if not calls:  # cancelled while it waited for the lock
            return
        try:
            results = await self._perform(calls)
        except asyncio.CancelledError:
            for call in calls:
                call.result.cancel()
            raise
        for call in reversed(calls[len(results) :]):
            if not call.result.done():
                self._waiting[call.result] = call
                self._waiting.move_to_end(call.result, last=False)
        for call, result in zip(calls, results, strict=False):
            if call.result.done():
                continue
            if isinstance(result, Exception):
                call.result.set_exception(result)
            else:
                call.result.set_result(result)

    async def _perform(self, calls: Sequence[Call]) -> Sequence[Any]:
        try:
            driver = await self._connect()
        except Exception as exc:
            return [exc]
        results: Sequence[Any] = ()
        try:
            results = await driver._execute(self.perform, driver, calls)
        except Exception as exc:
            results = [exc]
        finally:
            failed = not results or isinstance(results[-1], Exception)
            self._give_back(driver, failed)
        return results


def query(driver: Any, calls: Sequence[Call]) -> Sequence[Any]:
    """Return the rows of queries; see `Perform`."""
    connection: sqlite3.Connection = driver._conn
    results: list[Any] = []
    for text, arguments, _ in calls:
        try:
            results.append(connection.execute(text, arguments).fetchall())
        except Exception as exc:
            return [*results, exc]
    return results


def change(driver: Any, calls: Sequence[Call]) -> Sequence[Any]:
    """Return how many rows statements have changed; see `Perform`.

    They share a transaction. If one fails, the first is executed alone, and
    the others have not been executed.
    """
    connection: sqlite3.Connection = driver._conn
    try:
        connection.execute("BEGIN IMMEDIATE")
    except Exception as exc:  # another process has locked the file
        return [exc]
    try:
        counts = [
            0
            if result.done()  # cancelled, perhaps while it waited
            else connection.execute(text, arguments).rowcount
            for text, arguments, result in calls
        ]
        connection.execute("COMMIT")
    except Exception as exc:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return change(driver, calls[:1]) if len(calls) > 1 else [exc]
    return counts
