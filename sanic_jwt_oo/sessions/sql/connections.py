"""The connections to a database of one event loop.

Every operation ends within its timeout, with a result or with
`SessionStoreUnavailable`, whatever the database or the network does. A
connection that was interrupted is not used again. An operation in progress
completes even if its caller is cancelled. This module does not know the
queries.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
)
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, TypeVar
from weakref import WeakSet

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...exceptions import SessionStoreUnavailable
from .direct import Direct, Statement, Values, was_rolled_back
from .engines import close_driver, url_without_password
from .failures import Unreachable, is_failure, may_retry
from .operations import Operations
from .progress import TRANSACTION_TIMEOUT
from .schema import metadata
from .transactions import (
    begin_immediate,
    begin_limited,
    enable_wal,
    has_tables,
    set_synchronous,
)

_T = TypeVar("_T")
Work: TypeAlias = Callable[[AsyncConnection], Awaitable[_T]]

_logger = logging.getLogger("sanic_jwt_oo")

_ADVISORY_LOCK = 0x5A17C


class Connections:
    """An engine, and operations on it that are limited in time.

    Args:
        engine: The engine.
        own: Whether the store created the engine, and disposes of it.
        timeout: The timeout of an operation, in seconds.
    """

    def __init__(self, engine: AsyncEngine, own: bool, timeout: float) -> None:
        self.engine: AsyncEngine = engine
        self._own = own
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._timeout = timeout
        self._operations = Operations(timeout, completes=self._is_sqlite)
        self._holders: set[asyncio.Task[Any]] = set()
        self._failing = False
        self._ready = False
        self._creating_tables = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._drivers: WeakSet[Any] = WeakSet()
        self._direct: Direct | None = None
        if own:
            self._direct = Direct(
                engine, timeout, self._operations, self._writing
            )
            event.listen(engine.sync_engine, "connect", self._track_driver)

    def __repr__(self) -> str:
        return url_without_password(self.engine.url)

    def close(self) -> asyncio.Task[None]:
        """Let operations in progress complete or time out, then close.

        No new operation may begin after this call.
        """
        for task in self._holders:
            self._operations.cancel_late(task)
        return asyncio.create_task(self._close())

    async def _close(self) -> None:
        await self._operations.settle()
        if self._direct is not None:
            self._direct.close()
        await self._operations.end()
        if not self._own:
            return
        try:
            await asyncio.wait_for(self.engine.dispose(), self._timeout)
        except Exception as exc:  # drivers may raise nearly anything
            _logger.warning("Cannot close connections to %r: %r", self, exc)
        await asyncio.gather(*map(self._join_thread, self._drivers))

    def drop(self) -> None:
        """Drop the connections of an event loop that is closed."""
        for driver in self._drivers:
            close_driver(driver)

    async def _join_thread(self, driver: Any) -> None:
        """Wait for the thread of an aiosqlite connection.

        If a query was interrupted, the thread ends after it, and its event
        loop must still be open then.
        """
        # In older releases of aiosqlite the connection is the thread.
        thread = getattr(driver, "_thread", driver)
        if hasattr(thread, "join"):
            await asyncio.to_thread(thread.join, self._timeout)

    def _track_driver(self, connection: Any, record: Any) -> None:
        self._drivers.add(connection.driver_connection)

    async def execute(self, statement: Statement, values: Values) -> Any:
        """Execute one statement, which is committed at once.

        With SQLite, a power failure may undo it.

        Returns:
            The rows of a query; of another statement, how many have changed,
            or `None` if that is not known because the connection was lost.

        Raises:
            SessionStoreUnavailable: It failed, or did not end in time.
        """
        work = self._execute(statement, values)
        return await self.run(work, self._timeout)

    async def read(self, work: Work[_T]) -> _T:
        """Return the result of a single query.

        Raises:
            SessionStoreUnavailable: It failed, or did not end in time.
        """
        return await self.run(
            self._retry_once(self._read, work), self._timeout
        )

    async def write(self, work: Work[_T], *, durable: bool = False) -> _T:
        """Return the result of a transaction after it was committed.

        Rows read with `FOR UPDATE` are up to date, and locked.

        Args:
            work: The queries; they may run twice, if the first transaction
                was certainly rolled back.
            durable: Whether SQLite waits until the data is on disk.

        Raises:
            SessionStoreUnavailable: The transaction failed, or it is not
                known whether it was committed.
        """
        attempt = self._write_durably if durable else self._write
        return await self.run(self._retry_once(attempt, work), self._timeout)

    def execute_later(
        self, statements: Iterable[Statement], values: Values
    ) -> None:
        """Execute statements that nobody waits for, except `close`."""

        async def work() -> None:
            for statement in statements:
                await self.execute(statement, values)

        self._operations.in_background(work())

    async def hold_connection(self, work: Work[_T]) -> _T:
        """Return the result of work that holds a connection.

        The work itself has no timeout; it runs each query with
        `with_timeout`.
        """
        return await self.run(self._hold_connection(work), None)

    async def with_timeout(self, query: Awaitable[_T]) -> _T:
        """Return the result of a query within `hold_connection`."""
        with self._operations.uninterrupted():
            if self._is_sqlite:
                return await query
            return await asyncio.wait_for(query, self._timeout)

    async def run(
        self, work: Coroutine[Any, Any, _T], timeout: float | None
    ) -> _T:
        """Return the result of work; see `Operations.run`."""
        try:
            result = await self._operations.run(work, timeout)
        except Exception as exc:
            if not isinstance(exc, asyncio.TimeoutError):
                # Look for the tables again. Not after a timeout: it says
                # nothing about them, and the next operation would make all
                # others wait for one more.
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

    async def _execute(self, statement: Statement, values: Values) -> Any:
        if self._direct is not None:
            try:
                await self._prepare()
                return await self._direct.execute(statement, values)
            except Unreachable:
                raise
            except Exception as exc:
                if not (statement.is_select or was_rolled_back(exc)):
                    return None
                # SQLAlchemy classifies errors, and replaces lost connections

        async def work(connection: AsyncConnection) -> Any:
            result = await connection.execute(statement, values)
            return result.all() if statement.is_select else result.rowcount

        attempt = self._read if statement.is_select else self._write
        return await self._retry_once(attempt, work)

    async def _retry_once(
        self,
        attempt: Callable[[Work[_T], _Stage], Awaitable[_T]],
        work: Work[_T],
    ) -> _T:
        """Make an attempt, and a second one if the connection was lost."""
        stage = _Stage()
        try:
            return await attempt(work, stage)
        except (DBAPIError, OSError) as exc:
            if stage.committing or not may_retry(exc):
                raise
        return await attempt(work, stage)

    async def _hold_connection(self, work: Work[_T]) -> _T:
        task: Any = asyncio.current_task()
        self._holders.add(task)
        try:
            async with self._connection("AUTOCOMMIT") as connection:
                return await work(connection)
        finally:
            self._holders.discard(task)

    async def _read(self, work: Work[_T], stage: _Stage) -> _T:
        with self._operations.uninterrupted():
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
        """Provide a connection with a transaction; the caller commits."""
        if not self._is_sqlite:
            with self._operations.uninterrupted():
                async with self._connection("READ COMMITTED") as connection:
                    await begin_limited(
                        connection,
                        min(self._timeout, TRANSACTION_TIMEOUT),
                    )
                    yield connection
            return
        async with self._writing:  # SQLite has no queue: it would poll
            with self._operations.uninterrupted():
                async with self._connection("AUTOCOMMIT") as connection:
                    if self._own:
                        await set_synchronous(connection, synchronous)
                    await begin_immediate(connection)
                    if self._operations.is_cancelled(asyncio.current_task()):
                        # cancelled while it waited: nothing is written yet
                        raise asyncio.CancelledError
                    yield connection

    @asynccontextmanager
    async def _connection(self, level: Any) -> AsyncIterator[AsyncConnection]:
        """Provide a connection; create the tables first if necessary."""
        await self._prepare()
        async with self._connected(level) as connection:
            yield connection

    async def _prepare(self) -> None:
        """Create the tables if it is not known that they exist."""
        if self._ready:
            return
        with self._operations.uninterrupted():
            async with self._creating_tables:
                if not self._ready:
                    await self._create_tables()
                    self._ready = True

    @asynccontextmanager
    async def _connected(self, level: Any) -> AsyncIterator[AsyncConnection]:
        """Provide a connection, and close it even if the task is cancelled."""
        connection = self.engine.connect()
        try:
            with self._operations.uninterrupted():
                await self._connect(connection, level)
            yield connection
        finally:
            if connection.sync_connection is not None:
                await self._close_connection(connection)

    async def _close_connection(self, connection: AsyncConnection) -> None:
        """Close a connection, even if the end of a loop cancels all tasks."""
        closing = self._operations.in_background(connection.close())
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await asyncio.sleep(0)  # it may have been cancelled too
            if closing.cancelled() and not connection.closed:
                await connection.close()
            raise

    async def _connect(self, connection: AsyncConnection, level: Any) -> None:
        try:
            await connection.start()
        except (TypeError, ImportError):
            raise
        except Exception as exc:
            raise Unreachable from exc
        if not (self._own and self._is_sqlite):
            await connection.execution_options(isolation_level=level)

    async def _create_tables(self) -> None:
        """Create the tables if they are missing; lock only in that case."""
        async with self._connected("AUTOCOMMIT") as connection:
            if self._own and self._is_sqlite:
                await enable_wal(connection)
            if await connection.run_sync(has_tables):
                return
        level = "AUTOCOMMIT" if self._is_sqlite else "READ COMMITTED"
        async with self._connected(level) as connection:
            if self._is_sqlite:
                await begin_immediate(connection)
            else:
                await begin_limited(
                    connection,
                    min(self._timeout, TRANSACTION_TIMEOUT),
                )
                lock = text("SELECT pg_advisory_xact_lock(:key)")
                await connection.execute(lock, {"key": _ADVISORY_LOCK})
            await connection.run_sync(metadata.create_all)
            await connection.commit()


class _Stage:
    """Whether an attempt has reached its commit."""

    committing = False
