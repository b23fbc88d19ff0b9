"""What an operation of a session store costs, beside its driver alone.

The store and a bare driver on the same database take turns, one operation
after the other, in a loop as Sanic uses it; then many clients at once do.
`python -m tests.benchmarks.stores FOLDER ROUNDS` measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import aiosqlite
import redis
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from sanic_jwt_oo.sessions import RedisSessionStore, SQLSessionStore
from tests.sessions import postgres
from tests.sessions.servers import redis_server

from . import crowds
from .children import child, result
from .places import (
    LIMIT,
    POOL,
    BarePostgreSQL,
    BareRedis,
    BareSQLite,
    BareTwoCalls,
    Client,
    Ours,
)

ROUNDS, BATCH = 40, 20
STEPS = ("log-in", "refresh", "check")


class Engine(Ours):
    """A store whose statements SQLAlchemy executes, with a pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(SQLSessionStore(engine))
        self._engine = engine

    async def close(self) -> None:
        await super().close()
        await self._engine.dispose()


Turns: TypeAlias = tuple[dict[str, Any], str, str]
"""Who takes turns, the URL of the database, and the version of the server."""


@contextmanager
def sqlite_places(folder: Path) -> Iterator[Turns]:
    """Yield who takes turns on one file."""
    path = folder / "stores.db"
    url = f"sqlite:///{path}"
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    places = {
        "ours": Ours(SQLSessionStore(url)),
        "bare": BareSQLite(path),
        "engine": Engine(engine),
    }
    yield places, url, aiosqlite.sqlite_version


@contextmanager
def postgres_places(folder: Path) -> Iterator[Turns]:
    """Yield who takes turns in one database."""
    servers = postgres.running()
    server = next(servers)
    try:
        url = server.url("postgres")
        [row] = asyncio.run(server.execute("SHOW server_version"))
        engine = create_async_engine(url.replace(":", "+asyncpg:", 1))
        places = {
            "ours": Ours(SQLSessionStore(url)),
            "bare": BarePostgreSQL(url),
            "engine": Engine(engine),
        }
        yield places, url, row[0].split()[0]
    finally:
        servers.close()


@contextmanager
def redis_places(folder: Path) -> Iterator[Turns]:
    """Yield who takes turns on one server."""
    server = redis_server(folder / "redis", "--appendonly", "no")
    server.start()
    try:
        url = f"redis://127.0.0.1:{server.port}"
        with redis.Redis.from_url(url) as client:
            number = client.info("server")["redis_version"]
        places = {
            "ours": Ours(RedisSessionStore(url)),
            "bare": BareRedis(url),
            "two calls": BareTwoCalls(url),
        }
        yield places, url, number
    finally:
        server.stop()


PLACES: dict[str, Callable[[Path], Any]] = {
    "SQLite": sqlite_places,
    "PostgreSQL": postgres_places,
    "Redis": redis_places,
}


async def take_turns(places: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Return what each step takes, in microseconds: one figure a round.

    The first two places, the store and the driver, take turns step by step;
    others run after them, so as not to disturb them.
    """
    spent: dict[str, Any] = {
        step: {name: [] for name in places} for step in STEPS
    }
    for place in places.values():  # the store creates the tables
        await place.open()
    for number in range(rounds + 2):
        for names in ([*places][:2], [*places][2:]):
            clients = [[Client.new() for _ in names] for _ in range(BATCH)]
            for step in STEPS:
                method = step.replace("-", "_")
                steps = [getattr(places[name], method) for name in names]
                taken = await _turn(steps, clients)
                if number >= 2:  # the first rounds warm up
                    for name, value in zip(names, taken, strict=True):
                        spent[step][name].append(round(value * 1e6, 1))
    for place in places.values():
        await place.close()
    return spent


async def _turn(
    steps: Sequence[Callable[[Client], Awaitable[None]]],
    clients: Sequence[Sequence[Client]],
) -> list[float]:
    """Take a step for each client in turn; return the medians."""
    times: list[list[float]] = [[] for _ in steps]
    for together in clients:
        for step, client, found in zip(steps, together, times, strict=True):
            started = time.perf_counter()
            await step(client)
            found.append(time.perf_counter() - started)
    return [median(found) for found in times]


def run(folder: Path, rounds: int) -> dict[str, Any]:
    """Measure every kind of store."""
    found: dict[str, Any] = {
        **{"limit": LIMIT, "crowd": crowds.CROWD, "connections": POOL},
        **{"with": {}, "kinds": {}, "crowds": {}, "workers": {}},
    }
    fewer = max(1, rounds // 4)
    for kind, make_places in PLACES.items():
        with make_places(folder) as turns, ExitStack() as stack:
            places, url, found["with"][kind] = turns
            loop = uvloop.new_event_loop()
            stack.callback(loop.close)
            found["kinds"][kind] = loop.run_until_complete(
                take_turns(places, rounds)
            )
            loop.run_until_complete(loop.shutdown_asyncgens())
            found["crowds"][kind] = crowds.alone(kind, url, fewer)
            found["workers"][kind] = crowds.together(kind, url, fewer)
    for name in ("SQLAlchemy", "aiosqlite", "asyncpg", "redis", "uvloop"):
        found["with"][name] = version(name)
    return found


def measure(rounds: int = ROUNDS) -> dict[str, Any]:
    """Measure in a process of its own."""
    print("asking session stores", flush=True)
    module = __spec__.name
    with (
        TemporaryDirectory() as folder,
        child(module, folder, rounds) as process,
    ):
        found: dict[str, Any] = result(process)
        return found


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]))))
