"""Engines for the supported databases, and checks of their URLs."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from threading import Thread
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ...exceptions import InvalidConfiguration
from ...runtime.loops import close_socket

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


class _SQLite(sqlite3.Connection):
    """A connection that rolls back when it is closed.

    When an event loop ends, connections are closed in the middle of
    statements; without a rollback, SQLite would keep the file locked.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def create_engine(place: str, timeout: float) -> AsyncEngine:
    """Return a new engine for a URL; it does not connect yet.

    Raises:
        InvalidConfiguration: The database is not supported.
        ImportError: The driver is not installed.
    """
    url = _parse_url(place)
    options: dict[str, Any] = {}
    arguments: dict[str, Any] = {"timeout": timeout}
    if url.get_backend_name() == "sqlite":
        options["isolation_level"] = "AUTOCOMMIT"
        arguments["factory"] = _SQLite
    else:
        # reuse the pool slot of a lost connection before older connections,
        # which may be lost as well
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
            f"SQLSessionStore requires {exc.name}. Install the extra sql: in "
            "a checkout of sanic_jwt_oo, run pip install '.[sql]'."
        ) from exc


def _parse_url(place: str) -> URL:
    """Return a URL with the asynchronous driver of its database."""
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):
        raise InvalidConfiguration(
            "place is not a valid database URL, such as "
            "sqlite:///sessions.db or postgresql://localhost/shop."
        ) from None
    if url.drivername not in _DRIVERS:
        raise InvalidConfiguration(
            f"{url.drivername!r} is not supported for sessions. Use a URL "
            "that begins with sqlite:/// or postgresql://."
        )
    url = url.set(drivername=_DRIVERS[url.drivername])
    if "sslmode" in url.query:  # asyncpg has another name for it
        mode = url.query["sslmode"]
        url = url.difference_update_query(["sslmode"])
        url = url.update_query_dict({"ssl": mode})
    check_url(url)
    return url


def check_url(url: URL) -> None:
    """Check that a database is supported.

    Raises:
        InvalidConfiguration: It is not.
    """
    backend, database = url.get_backend_name(), url.database or ""
    if url.drivername not in _DRIVERS.values():
        raise InvalidConfiguration(
            f"{url.drivername!r} is not supported for sessions. Use an engine "
            "for sqlite+aiosqlite or postgresql+asyncpg."
        )
    if backend == "sqlite" and (
        not database
        or ":memory:" in database
        or "mode=memory" in database
        or url.query.get("mode") == "memory"
    ):
        raise InvalidConfiguration(
            "SQLite in memory keeps a separate database for each connection. "
            "Use a file, or MemorySessionStore."
        )


def close_driver(driver: Any) -> None:
    """Close a driver connection whose event loop is closed."""
    if hasattr(driver, "_transport"):
        if not driver.is_closed():
            close_socket(driver._transport)
    elif hasattr(driver, "stop"):
        # In a thread without an event loop, it does not try to notify one.
        with suppress(RuntimeError):  # at exit, no thread can be started
            stopping = Thread(target=driver.stop)
            stopping.start()
            stopping.join()


def url_without_password(url: URL) -> str:
    """Return a URL as text, without user name, password and options."""
    return str(
        URL.create(
            url.get_backend_name(),
            host=url.host,
            port=url.port,
            database=url.database,
        )
    )
