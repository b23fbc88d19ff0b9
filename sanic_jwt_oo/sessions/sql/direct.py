"""Single statements on connections that are kept between operations.

SQLAlchemy opens the connections and compiles the statements. A statement then
takes one round trip; with SQLite, it shares one call in the thread of the
connection with the others that wait.
Its own ways of executing a statement take several, for checking a connection
out, the transaction, and returning it: see
`docs/performance/measurements.md`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any, TypeAlias

from sqlalchemy import (
    Delete,
    Insert,
    Select,
    Update,
    bindparam,
    func,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from .batches import Batches, change, query
from .failures import Unreachable
from .operations import Operations
from .progress import TRANSACTION_TIMEOUT

Statement: TypeAlias = Select[Any] | Insert | Update | Delete
Values: TypeAlias = Mapping[str, Any]

_MAX_CONNECTIONS = 5  # of PostgreSQL; SQLite has one to read, one to write
_CLOSE_TIMEOUT = 2.0  # seconds; that of asyncpg ends no wait for a cancel
_LIMITED = (
    select(func.set_config("lock_timeout", bindparam("lock_timeout"), true()))
    .scalar_subquery()
    .is_not(None)
)
"""Lets PostgreSQL give up on a lock before the operation times out.

Otherwise it would execute the statement when nobody expects that any more.
"""


class Direct:
    """The connections, and the statements that they execute.

    A connection on which a statement fails or is interrupted is dropped.

    Args:
        engine: The engine that opens connections.
        timeout: The timeout of an operation, in seconds.
        operations: The operations in progress.
        writing: Is held by all that write to SQLite, which has no queue for
            them: they would poll.

    Attributes:
        connections: The connections that are not closed yet.
        idle: Those that are not in use, the last used one at the end.
        reads: The queries of SQLite.
        writes: The other statements of SQLite.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        timeout: float,
        operations: Operations,
        writing: asyncio.Lock,
    ) -> None:
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._places = asyncio.Semaphore(_MAX_CONNECTIONS)
        self.idle: list[Any] = []
        self.connections: set[Any] = set()
        self._engine = engine
        wait = 0.8 * min(timeout, TRANSACTION_TIMEOUT)
        self._constants = {"lock_timeout": f"{max(1, 1000 * wait):.0f}ms"}
        self._operations = operations
        self._compiled: dict[Statement, tuple[str, list[str], Values]] = {}
        self.reads: Batches
        self.writes: Batches
        self.reads, self.writes = (
            Batches(
                perform,
                self._connection,
                self._give_back,
                lock,
                operations.in_background,
            )
            for perform, lock in ((query, nullcontext()), (change, writing))
        )

    async def execute(self, statement: Statement, values: Values) -> Any:
        """Execute a statement.

        Returns:
            The rows of a query; of another statement, how many have changed.
        """
        text, arguments = self._compile(statement, values)
        is_query = statement.is_select
        if self._is_sqlite:
            batches = self.reads if is_query else self.writes
            return await batches.execute(text, arguments)
        async with self._places:
            with self._operations.uninterrupted():
                driver = await self._connection()
                failed = True
                try:
                    if is_query:
                        result = await driver.fetch(text, *arguments)
                    else:
                        status = await driver.execute(text, *arguments)
                        result = int(status.rpartition(" ")[2])
                    failed = False
                finally:
                    self._give_back(driver, failed)
                return result

    def _give_back(self, driver: Any, failed: bool) -> None:
        if failed:
            self._drop(driver)
        else:
            self.idle.append(driver)

    def close(self) -> None:
        """Close the connections in the background."""
        for driver in [*self.connections]:
            self._drop(driver)

    def _drop(self, driver: Any) -> None:
        async def close() -> None:
            # once: aiosqlite would wait for its thread again
            if driver in self.connections:
                self.connections.discard(driver)
                limit = None if self._is_sqlite else _CLOSE_TIMEOUT
                await asyncio.wait_for(driver.close(), limit)

        self._operations.in_background(close())

    def _compile(
        self, statement: Statement, values: Values
    ) -> tuple[str, list[Any]]:
        """Return the text for the driver, and the arguments in its order."""
        try:
            text, names, constants = self._compiled[statement]
        except KeyError:
            limited = statement
            if isinstance(statement, Update) and not self._is_sqlite:
                limited = statement.where(_LIMITED)
            compiled: Any = limited.compile(dialect=self._engine.dialect)
            text, names = str(compiled), compiled.positiontup
            constants = {**compiled.params, **self._constants}
            self._compiled[statement] = text, names, constants
        return text, [
            values[name] if name in values else constants[name]
            for name in names
        ]

    async def _connection(self) -> Any:
        """Return a connection that is not known to be lost."""
        while True:
            driver = self.idle.pop() if self.idle else await self._connect()
            if self._is_sqlite or not driver.is_closed():
                return driver
            self._drop(driver)

    async def _connect(self) -> Any:
        """Take a connection from the pool for good."""
        try:
            pooled: Any = await self._engine.raw_connection()
        except (TypeError, ImportError):
            raise
        except Exception as exc:
            raise Unreachable from exc
        driver = pooled.driver_connection
        pooled.detach()
        self.connections.add(driver)
        if self._is_sqlite:
            try:
                await driver.execute("PRAGMA synchronous = NORMAL")
            except (Exception, asyncio.CancelledError):
                self._drop(driver)
                raise
        return driver


def was_rolled_back(exc: Exception) -> bool:
    """Return whether the database itself has refused a statement."""
    if isinstance(exc, sqlite3.Error):
        return True
    state: str | None = getattr(exc, "sqlstate", None)
    return state is not None and not state.startswith("08")
