"""The database of a store, in whichever event loop it is used."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...exceptions import InvalidConfiguration
from ...loops import PerLoop
from .connections import Connections, Work
from .engines import check, engine_for, place_of

_T = TypeVar("_T")


class Database:
    """Passes operations on to the connections of the running event loop.

    Each loop has an engine of its own, unless the engine is one of the
    application: that is not made anew for another loop.

    Args:
        place: A URL, or an engine of the application.
        timeout: How many seconds an operation may take.

    Raises:
        InvalidConfiguration: The place cannot hold sessions.
    """

    def __init__(self, place: str | AsyncEngine, timeout: float) -> None:
        if not timeout > 0:
            raise InvalidConfiguration("The timeout has to be positive.")
        own = not isinstance(place, AsyncEngine)
        self._url = _engine(place, timeout).url
        self._connections: PerLoop[Connections] = PerLoop(
            lambda: Connections(_engine(place, timeout), own, timeout),
            Connections.close,
            Connections.drop,
        )

    def __repr__(self) -> str:
        return place_of(self._url)

    @property
    def here(self) -> Connections:
        """The connections of the running event loop."""
        return self._connections.get()

    async def open(self) -> None:
        """Make the tables, unless they are there."""
        await self.read(_nothing)

    async def close(self) -> None:
        """Close the connections of the running loop, and drop lost ones.

        Closing goes on if the caller is cancelled. An operation that begins
        meanwhile has new connections.
        """
        await self._connections.close()

    async def read(self, work: Work[_T]) -> _T:
        """Return the result of a single query; see `Connections.read`."""
        return await self.here.read(work)

    async def write(self, work: Work[_T], *, durable: bool = False) -> _T:
        """Return the result of a transaction; see `Connections.write`."""
        return await self.here.write(work, durable=durable)

    async def stay(self, work: Work[_T]) -> _T:
        """Return the result of work that keeps a connection; see there."""
        return await self.here.stay(work)

    async def in_time(self, query: Awaitable[_T]) -> _T:
        """Return the result of a query within `stay`."""
        return await self.here.in_time(query)


def _engine(place: str | AsyncEngine, timeout: float) -> AsyncEngine:
    if isinstance(place, AsyncEngine):
        check(place.url)
        return place
    return engine_for(place, timeout)


async def _nothing(connection: AsyncConnection) -> None:
    return None
