"""Databases for sessions, on servers that a pytest worker starts once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from . import postgres as servers
from .servers import Cluster, Server, redis_server, say

__all__ = [
    "postgres",
    "postgres_url",
    "redis_cluster_url",
    "redis_node",
    "redis_nodes",
    "redis_url",
    "sqlite_url",
]


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
    """The URL of a file that does not exist yet."""
    return f"sqlite:///{tmp_path}/sessions.db"


@pytest.fixture(scope="session")
def redis_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Redis server of this worker."""
    server = redis_server(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of this worker."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def redis_url(redis_node: Server) -> str:
    """The URL of an empty Redis."""
    say(redis_node, "FLUSHALL")
    return f"redis://127.0.0.1:{redis_node.port}/0"


@pytest.fixture
def redis_cluster_url(redis_nodes: Cluster) -> str:
    """The URL of an empty cluster."""
    redis_nodes.flush()
    return f"redis://127.0.0.1:{redis_nodes.nodes[0].port}"
