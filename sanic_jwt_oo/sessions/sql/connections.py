"""The connections to a database that belong to one event loop.

Whatever the database or the way to it does, a caller has a result or
`SessionStoreUnavailable` when the time for an operation is over, and no
connection that was cut off in the middle is used again. An operation that has
begun ends as a whole, also without its caller. What is done in the tables is
not known here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
)
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias, TypeVar
from weakref import WeakSet

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...exceptions import SessionStoreUnavailable
from .engines import abandon, place_of
from .failures import Unreachable, is_failure, left_no_trace
from .progress import WRITING
from .schema import metadata
from .transactions import (
    begin,
    begin_immediate,
    has_tables,
    keep_a_log,
    synchronize,
)

_T = TypeVar("_T")
Work: TypeAlias = Callable[[AsyncConnection], Awaitable[_T]]

_logger = logging.getLogger("sanic_jwt_oo")

_ADVISORY_LOCK = 0x5A17C


class Connections:
    """An engine whose operations end in time, one way or another.

    Args:
        engine: The engine.
        own: Whether it is nobody else's.
        timeout: How many seconds an operation may take.
    """

    def __init__(self, engine: AsyncEngine, own: bool, timeout: float) -> None:
        self.engine: AsyncEngine = engine
        self._own = own
        self._timeout = timeout
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._running: set[asyncio.Task[Any]] = set()
        self._begun: dict[asyncio.Task[Any] | None, bool] = {}
        self._closing: set[asyncio.Task[Any]] = set()
        self._staying: set[asyncio.Task[Any]] = set()
        self._failing = False
        self._ready = False
        self._preparing = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._drivers: WeakSet[Any] = WeakSet()
        if own:
            event.listen(engine.sync_engine, "connect", self._note_driver)

    def __repr__(self) -> str:
        return place_of(self.engine.url)

    def close(self) -> asyncio.Task[None]:
        """Let what is under way end in its time, and close our connections.

        There may be no new operation any more.
        """
        for task in self._staying:
            self._give_up(task, self._timeout)
        return asyncio.create_task(self._close())

    async def _close(self) -> None:
        await self._wait_for(self._running)
        for task in self._running:
            self._give_up(task)
        await self._wait_for(self._running | self._closing)
        if not self._own:
            return
        try:
            await asyncio.wait_for(self.engine.dispose(), self._timeout)
        except Exception as exc:  # whatever a driver may raise
            _logger.warning("Connections of %r do not close: %r", self, exc)
        await asyncio.gather(*map(self._join, self._drivers))

    def drop(self) -> None:
        """Let go of our connections, whose event loop is closed."""
        for driver in self._drivers:
            abandon(driver)

    async def _wait_for(self, tasks: set[asyncio.Task[Any]]) -> None:
        if tasks:
            await asyncio.wait({*tasks}, timeout=self._timeout)

    async def _join(self, driver: Any) -> None:
        """Wait for the thread of a connection of aiosqlite.

        One that was given up in the middle of a query ends after it, and
        must find the event loop that it was begun in.
        """
        thread = getattr(driver, "_thread", driver)  # it was one itself
        if hasattr(thread, "join"):
            await asyncio.to_thread(thread.join, self._timeout)

    def _note_driver(self, connection: Any, record: Any) -> None:
        self._drivers.add(connection.driver_connection)

    async def read(self, work: Work[_T]) -> _T:
        """Return the result of a single query.

        Raises:
            SessionStoreUnavailable: There was no answer in time.
        """
        return await self.limited(self._try(self._read, work), self._timeout)

    async def write(self, work: Work[_T], *, durable: bool = False) -> _T:
        """Return the result of a transaction, once it is committed.

        Rows that it reads with `FOR UPDATE` are the newest, and stay so.

        Args:
            work: What to do in it; it may be begun a second time, if the
                first one has left no trace.
            durable: Whether SQLite waits for the disk.

        Raises:
            SessionStoreUnavailable: It is not committed, or not known to be.
        """
        attempt = self._write_durably if durable else self._write
        return await self.limited(self._try(attempt, work), self._timeout)

    async def stay(self, work: Work[_T]) -> _T:
        """Return the result of work with a connection all of its own.

        It takes what time it wants, each query of it through `in_time`.
        """
        return await self.limited(self._stay(work), None)

    async def in_time(self, query: Awaitable[_T]) -> _T:
        """Return the result of a query on a connection that is kept."""
        with self._undisturbed():
            if self._is_sqlite:
                return await query
            return await asyncio.wait_for(query, self._timeout)

    async def limited(
        self, work: Coroutine[Any, Any, _T], timeout: float | None
    ) -> _T:
        """Return the result of work, or give it up when its time is over.

        Work that has begun when its caller is cancelled goes on for as long
        as it may take. A connection that hangs may take its time to be cut
        off.
        """
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        try:
            await asyncio.wait({task}, timeout=timeout)
        except asyncio.CancelledError:
            self._give_up(task, self._timeout)
            raise
        self._give_up(task)
        try:
            if not task.done():
                raise asyncio.TimeoutError("The database did not answer.")
            if task.cancelled():
                raise ConnectionAbortedError("The store was closed.")
            result = task.result()
        except Exception as exc:
            if not isinstance(exc, asyncio.TimeoutError):
                # silence says nothing of the tables, and whoever looked for
                # them first would have all others wait for another silence
                self._ready = False
            if not is_failure(exc):
                raise
            cause = exc.__cause__ if isinstance(exc, Unreachable) else exc
            if not self._failing:
                self._failing = True
                _logger.warning("%r is not available: %r", self, cause)
            raise SessionStoreUnavailable() from cause
        self._failing = False
        return result

    def _give_up(self, task: asyncio.Task[Any], patience: float = 0) -> None:
        """End a task; what it has begun may take some seconds more.

        With SQLite it takes what it needs: the thread of a connection cannot
        be cancelled, and waits no longer than it was told to.
        """
        if task not in self._begun:
            task.cancel()
            return
        self._begun[task] = True
        if not self._is_sqlite:
            loop = asyncio.get_running_loop()
            loop.call_later(patience, task.cancel)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Use a connection; a task that is given up ends after that."""
        task = asyncio.current_task()
        if task in self._begun:
            yield
            return
        self._begun[task] = False
        try:
            yield
        finally:
            given_up = self._begun.pop(task)
        if given_up:
            raise asyncio.CancelledError

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        self._closing.discard(task)
        if not task.cancelled():
            task.exception()  # or asyncio would report it

    async def _try(
        self,
        attempt: Callable[[Work[_T], _Stage], Awaitable[_T]],
        work: Work[_T],
    ) -> _T:
        """Repeat once what failed with a connection that was cut."""
        stage = _Stage()
        try:
            return await attempt(work, stage)
        except (DBAPIError, OSError) as exc:
            if stage.committing or not left_no_trace(exc):
                raise
        return await attempt(work, stage)

    async def _stay(self, work: Work[_T]) -> _T:
        task: Any = asyncio.current_task()
        self._staying.add(task)
        try:
            async with self._connection("AUTOCOMMIT") as connection:
                return await work(connection)
        finally:
            self._staying.discard(task)

    async def _read(self, work: Work[_T], stage: _Stage) -> _T:
        with self._undisturbed():
            async with self._connection("AUTOCOMMIT") as connection:
                return await work(connection)

    async def _write(
        self, work: Work[_T], stage: _Stage, synchronous: str = "NORMAL"
    ) -> _T:
        async with self._transaction(synchronous) as connection:
            result = await work(connection)
            stage.committing = True
            await connection.commit()
            return result

    async def _write_durably(self, work: Work[_T], stage: _Stage) -> _T:
        return await self._write(work, stage, "FULL")

    @asynccontextmanager
    async def _transaction(
        self, synchronous: str
    ) -> AsyncIterator[AsyncConnection]:
        if not self._is_sqlite:
            with self._undisturbed():
                async with self._connection("READ COMMITTED") as connection:
                    await begin(connection, min(self._timeout, WRITING))
                    yield connection
            return
        async with self._writing:  # SQLite would have us poll for our turn
            with self._undisturbed():
                async with self._connection("AUTOCOMMIT") as connection:
                    if self._own:
                        await synchronize(connection, synchronous)
                    await begin_immediate(connection)
                    if self._begun[asyncio.current_task()]:
                        # given up while it waited: nothing is written yet
                        raise asyncio.CancelledError
                    yield connection

    @asynccontextmanager
    async def _connection(self, level: Any) -> AsyncIterator[AsyncConnection]:
        """Give a connection to a place that has the tables."""
        with self._undisturbed():
            if not self._ready:
                async with self._preparing:
                    if not self._ready:
                        await self._prepare()
                        self._ready = True
        async with self._connected(level) as connection:
            yield connection

    @asynccontextmanager
    async def _connected(self, level: Any) -> AsyncIterator[AsyncConnection]:
        connection = self.engine.connect()
        try:
            with self._undisturbed():
                await self._start(connection, level)
            yield connection
        finally:
            if connection.sync_connection is not None:
                closing = asyncio.create_task(connection.close())
                self._closing.add(closing)
                closing.add_done_callback(self._ended)
                await asyncio.shield(closing)

    async def _start(self, connection: AsyncConnection, level: Any) -> None:
        try:
            await connection.start()
        except (TypeError, ImportError):
            raise
        except Exception as exc:
            raise Unreachable from exc
        if not (self._own and self._is_sqlite):
            await connection.execution_options(isolation_level=level)

    async def _prepare(self) -> None:
        """Make the tables if they are missing; else no lock is needed."""
        async with self._connected("AUTOCOMMIT") as connection:
            if self._own and self._is_sqlite:
                await keep_a_log(connection)
            if await connection.run_sync(has_tables):
                return
        level = "AUTOCOMMIT" if self._is_sqlite else "READ COMMITTED"
        async with self._connected(level) as connection:
            if self._is_sqlite:
                await begin_immediate(connection)
            else:
                await begin(connection, min(self._timeout, WRITING))
                lock = text("SELECT pg_advisory_xact_lock(:key)")
                await connection.execute(lock, {"key": _ADVISORY_LOCK})
            await connection.run_sync(metadata.create_all)
            await connection.commit()


class _Stage:
    """How far an attempt has come."""

    committing = False
