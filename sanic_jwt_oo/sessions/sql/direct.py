"""Single statements on connections that are kept between operations.

SQLAlchemy opens the connections and compiles the statements. A statement then
takes one round trip; with SQLite, one call in the thread of the connection.
Its own ways of executing a statement take several, for checking a connection
out, the transaction, and returning it: see
`docs/performance/measurements.md`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
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

from .failures import Unreachable
from .progress import TRANSACTION_TIMEOUT

Statement: TypeAlias = Select[Any] | Insert | Update | Delete
Values: TypeAlias = Mapping[str, Any]

_MAX_CONNECTIONS = 5
_MAX_READERS = 2  # of SQLite: more threads only wait for each other
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
        drop: Closes one of the `connections` in the background.

    Attributes:
        places: One of them has to be taken to execute a statement.
        connections: The connections that are not closed yet.
        idle: Those that are not in use, the last used one at the end.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        timeout: float,
        drop: Callable[[Direct, Any], None],
    ) -> None:
        self._is_sqlite = engine.dialect.name == "sqlite"
        self.places: asyncio.Semaphore = asyncio.Semaphore(
            _MAX_READERS if self._is_sqlite else _MAX_CONNECTIONS
        )
        self.idle: list[Any] = []
        self.connections: set[Any] = set()
        self._engine = engine
        wait = 0.8 * min(timeout, TRANSACTION_TIMEOUT)
        self._constants = {"lock_timeout": f"{max(1, 1000 * wait):.0f}ms"}
        self._drop = drop
        self._compiled: dict[Statement, tuple[str, list[str], Values]] = {}

    async def execute(
        self,
        statement: Statement,
        values: Values,
        is_cancelled: Callable[[], bool],
    ) -> Any:
        """Execute a statement in one of the `places`.

        Args:
            statement: The statement.
            values: Its parameters.
            is_cancelled: Whether to change nothing any more; SQLite asks
                once it has waited for other processes.

        Returns:
            The rows of a query; of another statement, how many have changed.
        """
        text, arguments = self._compile(statement, values)
        driver = await self._connection()
        try:
            if not self._is_sqlite:
                if statement.is_select:
                    result = await driver.fetch(text, *arguments)
                else:
                    status = await driver.execute(text, *arguments)
                    result = int(status.rpartition(" ")[2])
            elif statement.is_select:
                result = await driver.execute_fetchall(text, arguments)
            else:
                result = await driver._execute(
                    _change, driver, text, arguments, is_cancelled
                )
        except (Exception, asyncio.CancelledError):
            self._drop(self, driver)
            raise
        self.idle.append(driver)
        return result

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
            self._drop(self, driver)

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
                self._drop(self, driver)
                raise
        return driver


def _change(
    driver: Any,
    text: str,
    arguments: Sequence[Any],
    is_cancelled: Callable[[], bool],
) -> int:
    """Execute a statement in a transaction, in the thread of a connection."""
    connection: sqlite3.Connection = driver._conn
    connection.execute("BEGIN IMMEDIATE")
    try:
        count = 0
        if not is_cancelled():
            count = connection.execute(text, arguments).rowcount
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return count


def was_rolled_back(exc: Exception) -> bool:
    """Return whether the database itself has refused a statement."""
    if isinstance(exc, sqlite3.Error):
        return True
    state: str | None = getattr(exc, "sqlstate", None)
    return state is not None and not state.startswith("08")
