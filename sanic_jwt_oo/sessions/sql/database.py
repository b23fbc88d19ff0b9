"""The engine, and what keeps its failures away from the store.

Whatever the database or the way to it does, a caller has a result or
`SessionStoreUnavailable` when the time for an operation is over, and no
connection that was cut off in the middle is used again. An operation that has
begun ends as a whole, also without its caller. What is done in the tables is
not known here.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterator,
)
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeAlias, TypeVar
from weakref import WeakSet

from sqlalchemy import event, inspect, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    ResourceClosedError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    create_async_engine,
)

from ...exceptions import InvalidConfiguration, SessionStoreUnavailable
from .progress import WRITING
from .schema import metadata

_T = TypeVar("_T")
Work: TypeAlias = Callable[[AsyncConnection], Awaitable[_T]]

_logger = logging.getLogger("sanic_jwt_oo")

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
_UNDEFINED_TABLE = "42P01"
# shutting down, crashed, starting; serialization failure, deadlock
_ROLLED_BACK = ("57P01", "57P02", "57P03", "40001", "40P01")
_ADVISORY_LOCK = 0x5A17C


class _Unreachable(Exception):
    """There is no connection to be had."""


class Database:
    """An engine whose operations end in time, one way or another.

    Args:
        place: A URL, or an engine of the application.
        timeout: How many seconds an operation may take.

    Raises:
        InvalidConfiguration: The place cannot hold sessions.
    """

    def __init__(self, place: str | AsyncEngine, timeout: float) -> None:
        if not timeout > 0:
            raise InvalidConfiguration("The timeout has to be positive.")
        self._timeout = timeout
        self._own = not isinstance(place, AsyncEngine)
        self._engine = (
            place
            if isinstance(place, AsyncEngine)
            else _engine_for(place, timeout)
        )
        _check(self._engine.url)
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self._running: set[asyncio.Task[Any]] = set()
        self._begun: dict[asyncio.Task[Any] | None, bool] = {}
        self._closing: set[asyncio.Task[Any]] = set()
        self._staying: set[asyncio.Task[Any]] = set()
        self._failing = False
        self._drivers: WeakSet[Any] = WeakSet()
        if self._own and self._is_sqlite:
            engine = self._engine.sync_engine
            event.listen(engine, "connect", self._note_driver)
        self._reset()

    def __repr__(self) -> str:
        url = self._engine.url
        place = URL.create(
            url.get_backend_name(),
            host=url.host,
            port=url.port,
            database=url.database,
        )
        return str(place)

    async def open(self) -> None:
        """Make the tables, unless they are there."""
        await self.read(_nothing)

    async def close(self) -> None:
        """Let what is under way end in its time, and close our connections.

        Closing goes on if the caller is cancelled.
        """
        await asyncio.shield(asyncio.create_task(self._close()))

    async def _close(self) -> None:
        drivers = {*self._drivers}
        for task in self._staying:
            self._give_up(task, self._timeout)
        await self._wait_for(self._running)
        for task in self._running:
            self._give_up(task)
        await self._wait_for(self._running | self._closing)
        self._reset()
        if self._own:
            try:
                await asyncio.wait_for(self._engine.dispose(), self._timeout)
            except asyncio.TimeoutError:
                _logger.warning("Connections of %r do not close.", self)
        await asyncio.gather(*map(self._join, drivers))

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
            if not _is_failure(exc):
                raise
            cause = exc.__cause__ if isinstance(exc, _Unreachable) else exc
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

    def _reset(self) -> None:
        self._ready = False
        self._preparing = asyncio.Lock()
        self._writing = asyncio.Lock()

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
            if stage.committing or not _left_no_trace(exc):
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
                    await _begin(connection, min(self._timeout, WRITING))
                    yield connection
            return
        async with self._writing:  # SQLite would have us poll for our turn
            with self._undisturbed():
                async with self._connection("AUTOCOMMIT") as connection:
                    if self._own:
                        await _synchronize(connection, synchronous)
                    await _begin_immediate(connection)
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
        connection = self._engine.connect()
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
            raise _Unreachable from exc
        if not (self._own and self._is_sqlite):
            await connection.execution_options(isolation_level=level)

    async def _prepare(self) -> None:
        """Make the tables if they are missing; else no lock is needed."""
        async with self._connected("AUTOCOMMIT") as connection:
            if self._own and self._is_sqlite:
                await _keep_a_log(connection)
            if await connection.run_sync(_has_tables):
                return
        level = "AUTOCOMMIT" if self._is_sqlite else "READ COMMITTED"
        async with self._connected(level) as connection:
            if self._is_sqlite:
                await _begin_immediate(connection)
            else:
                await _begin(connection, min(self._timeout, WRITING))
                lock = text("SELECT pg_advisory_xact_lock(:key)")
                await connection.execute(lock, {"key": _ADVISORY_LOCK})
            await connection.run_sync(metadata.create_all)
            await connection.commit()


class _SQLite(sqlite3.Connection):
    """A connection that leaves no transaction behind, however it is closed.

    What is cancelled along with its event loop is closed while statements
    are not finished; SQLite would keep the file locked until they are.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


class _Stage:
    """How far an attempt has come."""

    committing = False


async def _nothing(connection: AsyncConnection) -> None:
    return None


def _has_tables(connection: Connection) -> bool:
    found = inspect(connection)
    return all(found.has_table(name) for name in metadata.tables)


async def _begin(connection: AsyncConnection, limit: float) -> None:
    """Begin a transaction of PostgreSQL whose every step is limited.

    So nobody has to wait for one whose process has stopped.
    """
    await connection.execute(
        text(
            "SELECT set_config('statement_timeout', :limit, true), "
            "set_config('lock_timeout', :limit, true), "
            "set_config('idle_in_transaction_session_timeout', :limit, true)"
        ),
        {"limit": f"{1000 * limit:.0f}ms"},
    )


async def _begin_immediate(connection: AsyncConnection) -> None:
    """Begin a transaction of SQLite that nobody else writes beside."""
    if not connection.in_transaction():
        await connection.begin()
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    if driver.in_transaction:  # an application's engine may begin by itself
        await connection.exec_driver_sql("ROLLBACK")
    await connection.exec_driver_sql("BEGIN IMMEDIATE")


async def _synchronize(connection: AsyncConnection, level: str) -> None:
    """Say for which power failures SQLite is to wait for the disk."""
    raw = await connection.get_raw_connection()
    if raw.info.get("synchronous") != level:
        await connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
        raw.info["synchronous"] = level


async def _keep_a_log(connection: AsyncConnection) -> None:
    """Let readers go on while somebody writes.

    Several processes that do this at the same time are told to come again.
    """
    while True:
        try:
            await connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        except DBAPIError as exc:
            if "locked" not in str(exc.orig):
                raise
            await asyncio.sleep(0.02)
        else:
            return


def _engine_for(place: str, timeout: float) -> AsyncEngine:
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):
        raise InvalidConfiguration(
            "The place of the sessions is no URL of a database, such as "
            "sqlite:///sessions.db or postgresql://localhost/shop."
        ) from None
    if url.drivername not in _DRIVERS:
        raise InvalidConfiguration(
            f"Sessions are not kept with {url.drivername!r}; use a URL that "
            "begins with sqlite:/// or postgresql://."
        )
    url = url.set(drivername=_DRIVERS[url.drivername])
    if "sslmode" in url.query:  # asyncpg has another name for it
        mode = url.query["sslmode"]
        url = url.difference_update_query(["sslmode"])
        url = url.update_query_dict({"ssl": mode})
    _check(url)
    options: dict[str, Any] = {}
    arguments: dict[str, Any] = {"timeout": timeout}
    if url.get_backend_name() == "sqlite":
        options["isolation_level"] = "AUTOCOMMIT"
        arguments["factory"] = _SQLite
    else:
        # the place of a connection that was given up is the next to be used,
        # before others that nobody has tried since
        options["pool_use_lifo"] = True
    try:
        return create_async_engine(
            url,
            connect_args=arguments,
            hide_parameters=True,
            pool_timeout=timeout,
            **options,
        )
    except ModuleNotFoundError as exc:
        raise ImportError(
            f"SQLSessionStore needs {exc.name}, from the extra sql: in a "
            "checkout of sanic_jwt_oo, pip install '.[sql]'."
        ) from exc


def _check(url: URL) -> None:
    backend, database = url.get_backend_name(), url.database or ""
    if url.drivername not in _DRIVERS.values():
        raise InvalidConfiguration(
            f"Sessions are not kept with {url.drivername!r}; give an engine "
            "for sqlite+aiosqlite or postgresql+asyncpg."
        )
    if backend == "sqlite" and (
        not database
        or ":memory:" in database
        or "mode=memory" in database
        or url.query.get("mode") == "memory"
    ):
        raise InvalidConfiguration(
            "SQLite in memory would keep a set of sessions for each "
            "connection; name a file, or use MemorySessionStore."
        )


def _is_failure(exc: Exception) -> bool:
    """Tell a failure of the database from a mistake of ours."""
    if isinstance(exc, DBAPIError):
        state = getattr(exc.orig, "sqlstate", None)
        return not isinstance(exc, _OURS) or state == _UNDEFINED_TABLE
    if type(exc).__module__.startswith("asyncpg."):
        # not every release of SQLAlchemy makes one of its own of each: of
        # InternalClientError, say, when a connection is lost while in use
        return True
    return isinstance(
        exc,
        (
            _Unreachable,
            OSError,
            asyncio.TimeoutError,
            PoolTimeoutError,
            ResourceClosedError,
        ),
    )


def _left_no_trace(exc: DBAPIError | OSError) -> bool:
    """Tell whether the transaction is over, and another may be tried."""
    if isinstance(exc, OSError):
        return not isinstance(exc, TimeoutError)
    state = getattr(exc.orig, "sqlstate", None)
    return exc.connection_invalidated or state in _ROLLED_BACK
