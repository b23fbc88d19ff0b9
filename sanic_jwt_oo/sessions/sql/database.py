"""The database of a store, with connections for each event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...exceptions import InvalidConfiguration
from ...runtime.loops import PerLoop
from .connections import Connections, Work
from .direct import Statement, Values
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
        closing: WeakSet[asyncio.Task[None]] = WeakSet()

        def close(connections: Connections) -> asyncio.Task[None]:
            task = connections.close()
            closing.add(task)
            return task

        self._closing = closing
        self._connections: PerLoop[Connections] = PerLoop(
            lambda: Connections(_engine(place, timeout), own, timeout),
            close,
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
        if the caller is cancelled; the next call waits for it. An operation
        that begins meanwhile opens new connections.
        """
        await self._connections.close()
        loop = asyncio.get_running_loop()
        earlier = {
            task
            for task in [*self._closing]
            if task.get_loop() is loop and not task.done()
        }
        if earlier:
            await asyncio.wait(earlier)

    async def fetch(
        self, query: Statement, values: Values
    ) -> Sequence[Sequence[Any]]:
        """Return the rows of a query; see `Connections.execute`."""
        rows: Sequence[Sequence[Any]]
        rows = await self.current.execute(query, values)
        return rows

    async def change(self, statement: Statement, values: Values) -> int | None:
        """Return how many rows have changed; see `Connections.execute`."""
        count: int | None = await self.current.execute(statement, values)
        return count

    async def read(self, work: Work[_T]) -> _T:
        """Return the result of a single query; see `Connections.read`."""
        return await self.current.read(work)

    async def write(self, work: Work[_T], *, durable: bool = False) -> _T:
        """Return the result of a transaction; see `Connections.write`."""
        return await self.current.write(work, durable=durable)

    def change_later(
        self, statements: Iterable[Statement], values: Values
    ) -> None:
        """Change rows later; see `Connections.execute_later`."""
        self.current.execute_later(statements, values)

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
