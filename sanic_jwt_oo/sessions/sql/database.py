"""The database of a store, with connections for each event loop."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...exceptions import InvalidConfiguration
from ...runtime.loops import PerLoop
from .connections import Connections, Work
from .engines import check_url, create_engine, url_without_password

_T = TypeVar("_T")


class Database:
    """Delegates operations to the connections of the running event loop.

    Each event loop has an engine of its own. An engine that the application
    provides is used in every loop.

    Args:
        place: A URL, or an engine of the application.
        timeout: The timeout of an operation, in seconds.

    Raises:
        InvalidConfiguration: The database is not supported, or the timeout
            is not positive.
    """

    def __init__(self, place: str | AsyncEngine, timeout: float) -> None:
        if not timeout > 0:
            raise InvalidConfiguration("timeout must be positive.")
        own = not isinstance(place, AsyncEngine)
        self._url = _engine(place, timeout).url
        self._connections: PerLoop[Connections] = PerLoop(
            lambda: Connections(_engine(place, timeout), own, timeout),
            Connections.close,
            Connections.drop,
        )

    def __repr__(self) -> str:
        return url_without_password(self._url)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file, not PostgreSQL."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def current(self) -> Connections:
        """The connections of the running event loop."""
        return self._connections.get()

    async def open(self) -> None:
        """Create the tables if they are missing."""
        await self.read(_no_query)

    async def close(self) -> None:
        """Close the connections of the running event loop.

        It also drops those of event loops that are closed. Closing continues
        if the caller is cancelled. An operation that begins meanwhile opens
        new connections.
        """
        await self._connections.close()

    async def read(self, work: Work[_T]) -> _T:
        """Return the result of a single query; see `Connections.read`."""
        return await self.current.read(work)

    async def write(self, work: Work[_T], *, durable: bool = False) -> _T:
        """Return the result of a transaction; see `Connections.write`."""
        return await self.current.write(work, durable=durable)

    async def hold_connection(self, work: Work[_T]) -> _T:
        """Hold a connection; see `Connections.hold_connection`."""
        return await self.current.hold_connection(work)

    async def with_timeout(self, query: Awaitable[_T]) -> _T:
        """Return the result of a query within `hold_connection`."""
        return await self.current.with_timeout(query)


def _engine(place: str | AsyncEngine, timeout: float) -> AsyncEngine:
    if isinstance(place, AsyncEngine):
        check_url(place.url)
        return place
    return create_engine(place, timeout)


async def _no_query(connection: AsyncConnection) -> None:
    return None
