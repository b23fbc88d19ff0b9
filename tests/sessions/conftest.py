from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from . import postgres as servers


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A PostgreSQL server of this worker."""
    yield from servers.running()


@pytest.fixture
async def postgres_url(postgres: servers.Postgres) -> AsyncIterator[str]:
    """The URL of a new database."""
    name = await postgres.new_database()
    yield postgres.url(name)
    await postgres.drop(name)
