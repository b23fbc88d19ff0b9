"""How transactions begin in SQLite and in PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from .schema import metadata


def has_tables(connection: Connection) -> bool:
    """Tell whether the tables are there."""
    found = inspect(connection)
    return all(found.has_table(name) for name in metadata.tables)


async def begin(connection: AsyncConnection, limit: float) -> None:
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


async def begin_immediate(connection: AsyncConnection) -> None:
    """Begin a transaction of SQLite that nobody else writes beside."""
    if not connection.in_transaction():
        await connection.begin()
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    if driver.in_transaction:  # an application's engine may begin by itself
        await connection.exec_driver_sql("ROLLBACK")
    await connection.exec_driver_sql("BEGIN IMMEDIATE")


async def synchronize(connection: AsyncConnection, level: str) -> None:
    """Say for which power failures SQLite is to wait for the disk."""
    raw = await connection.get_raw_connection()
    if raw.info.get("synchronous") != level:
        await connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
        raw.info["synchronous"] = level


async def keep_a_log(connection: AsyncConnection) -> None:
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
