"""Engines: where sessions can be kept, and how it is connected to."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from threading import Thread
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ...exceptions import InvalidConfiguration
from ...loops import close_socket

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class _SQLite(sqlite3.Connection):
    """A connection that leaves no transaction behind, however it is closed.

    What is cancelled along with its event loop is closed while statements
    are not finished; SQLite would keep the file locked until they are.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def engine_for(place: str, timeout: float) -> AsyncEngine:
    """Return a new engine for a URL; connects to nothing yet."""
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
    check(url)
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


def check(url: URL) -> None:
    """Refuse a place that cannot hold sessions."""
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


def abandon(driver: Any) -> None:
    """Close a driver's connection whose event loop is closed."""
    if hasattr(driver, "_transport"):
        if not driver.is_closed():
            close_socket(driver._transport)
    elif hasattr(driver, "stop"):
        # in a thread it finds no event loop that it would tell of the end
        with suppress(RuntimeError):  # no thread starts while Python ends
            stopping = Thread(target=driver.stop)
            stopping.start()
            stopping.join()


def place_of(url: URL) -> str:
    """Return where a URL leads to, without a password."""
    return str(
        URL.create(
            url.get_backend_name(),
            host=url.host,
            port=url.port,
            database=url.database,
        )
    )
