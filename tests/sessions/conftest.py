from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

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


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path}/sessions.db"
