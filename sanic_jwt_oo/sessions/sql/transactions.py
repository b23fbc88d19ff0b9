"""Begin transactions in SQLite and in PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from .schema import metadata


def has_tables(connection: Connection) -> bool:
    """Return whether the tables exist."""
    found = inspect(connection)
    return all(found.has_table(name) for name in metadata.tables)


async def begin_limited(connection: AsyncConnection, limit: float) -> None:
    """Begin a PostgreSQL transaction with timeouts, in seconds.

    No other transaction then waits for one whose process has stopped.
    """
    await connection.execute(
        text(
            "SELECT set_config('statement_timeout', :limit, true), "
            "set_config('lock_timeout', :limit, true), "
            "set_config('idle_in_transaction_session_timeout', :limit, true)"
        ),
        {"limit": f"{1000 * limit:.0f}ms"},
    )


async def begin_immediate(connection: AsyncConnection) -> None:
    """Begin a SQLite transaction that holds the write lock."""
    if not connection.in_transaction():
        await connection.begin()
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    if driver.in_transaction:  # an application's engine may begin one itself
        await connection.exec_driver_sql("ROLLBACK")
    await connection.exec_driver_sql("BEGIN IMMEDIATE")


async def set_synchronous(connection: AsyncConnection, level: str) -> None:
    """Set the pragma `synchronous` of SQLite, unless it is set already."""
    raw = await connection.get_raw_connection()
    if raw.info.get("synchronous") != level:
        await connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
        raw.info["synchronous"] = level


async def enable_wal(connection: AsyncConnection) -> None:
    """Switch SQLite to a write-ahead log, so that a writer blocks no reader.

    SQLite raises "locked" if several processes do this at the same time.
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
