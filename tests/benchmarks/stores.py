"""What an operation of a session store costs, beside its driver alone.

The store and a bare driver on the same database take turns, one operation
after the other, in a loop as Sanic uses it. What the driver does is what a
careful application would write with it: one connection, whose statements are
prepared once. `python -m tests.benchmarks.stores FOLDER ROUNDS` measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, fields
from importlib.metadata import version
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import aiosqlite
import asyncpg
import redis.asyncio
import uvloop

from sanic_jwt_oo.sessions import (
    Outcome,
    RedisSessionStore,
    Session,
    SessionStore,
    SQLSessionStore,
    Swap,
)
from sanic_jwt_oo.sessions.model import user_key
from sanic_jwt_oo.sessions.redis.scripts import START, SWAP
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken
from tests.sessions import postgres
from tests.sessions.servers import redis_server

from .children import child, result
from .growth import DAY, KEY, NOW, make

ROUNDS, BATCH = 40, 20
LIMIT = 100
STEPS = ("log-in", "refresh", "check")

_users = count(1)


@dataclass
class Client:
    """A session, and the swap of its first token."""

    session: Session
    token: RefreshToken
    swap: Swap

    @classmethod
    def new(cls) -> Client:
        """Return a client of another user."""
        session, token = make(next(_users))
        swap = Swap(
            session_id=session.id,
            family=token.family,
            presented=token.digest,
            successor=token.successor(KEY).digest,
            now=NOW + 60,
            grace=10,
            expires=NOW + 7 * DAY,
            access_until=NOW + 960,
        )
        return cls(session, token, swap)

    def row(self) -> list[Any]:
        """Return the row of a SQL table."""
        return [
            self.session.id,
            user_key(self.session.user_id),
            *astuple(self.session)[2:],
            self.token.digest,
            None,
            None,
        ]


class Ours:
    """The operations of a session store."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store

    async def log_in(self, client: Client) -> None:
        await self.store.start(client.session, client.token.digest, LIMIT)

    async def refresh(self, client: Client) -> None:
        session = await self.store.get(client.session.id, NOW)
        assert session is not None
        assert session.family == client.swap.family
        assert await self.store.swap(client.swap) is Outcome.SWAPPED

    async def check(self, client: Client) -> None:
        assert not await self.store.is_revoked(client.session.id, "jti", NOW)

    async def close(self) -> None:
        await self.store.close()


SELECT = "SELECT * FROM jwt_sessions WHERE id = $1"
UPDATE = (
    "UPDATE jwt_sessions SET token = $1, predecessor = $2, swapped = $3, "
    "last_used = $4, expires = $5, access_until = $6 WHERE id = $7"
)
INSERT = (
    "INSERT INTO jwt_sessions (id, user_key, label, created, last_used, "
    "ends, expires, access_until, family, token, predecessor, swapped) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
)
CHECK = (
    "SELECT EXISTS (SELECT 1 FROM jwt_sessions WHERE id = $1 "
    "AND expires > $2), EXISTS (SELECT 1 FROM jwt_revocations "
    "WHERE revoked_id = $3 AND until > $4)"
)


def changes(row: Any, swap: Swap) -> list[Any]:
    """Return the arguments of UPDATE, after looking at the row."""
    assert row[6] > swap.now
    assert row[8:10] == (swap.family, swap.presented)
    return [
        swap.successor,
        swap.presented,
        swap.now,
        max(row[4], swap.now),
        min(row[5], swap.expires),
        max(row[7], swap.access_until),
        swap.session_id,
    ]


class BareSQLite:
    """aiosqlite with a write-ahead log, and one connection."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def open(self) -> None:
        self._connection = await aiosqlite.connect(self._path)
        await self._connection.execute("PRAGMA synchronous = NORMAL")

    async def log_in(self, client: Client) -> None:
        await self._connection.execute(INSERT, client.row())
        await self._connection.commit()

    async def refresh(self, client: Client) -> None:
        connection = self._connection
        cursor = await connection.execute(SELECT, (client.session.id,))
        row = await cursor.fetchone()
        await connection.execute(UPDATE, changes(row, client.swap))
        await connection.commit()

    async def check(self, client: Client) -> None:
        cursor = await self._connection.execute(
            CHECK, (client.session.id, NOW, "jti", NOW)
        )
        assert await cursor.fetchone() == (1, 0)

    async def close(self) -> None:
        await self._connection.close()


class BarePostgreSQL:
    """asyncpg with one connection."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def open(self) -> None:
        self._connection = await asyncpg.connect(self._url, ssl=False)

    async def log_in(self, client: Client) -> None:
        await self._connection.execute(INSERT, *client.row())

    async def refresh(self, client: Client) -> None:
        async with self._connection.transaction():
            row = await self._connection.fetchrow(
                f"{SELECT} FOR UPDATE", client.session.id
            )
            await self._connection.execute(
                UPDATE, *changes(tuple(row), client.swap)
            )

    async def check(self, client: Client) -> None:
        row = await self._connection.fetchrow(
            CHECK, client.session.id, NOW, "jti", NOW
        )
        assert tuple(row) == (True, False)

    async def close(self) -> None:
        await self._connection.close()


class BareRedis:
    """redis-py with one script call for each operation."""

    def __init__(self, url: str) -> None:
        self._client = redis.asyncio.Redis.from_url(url, decode_responses=True)

    async def open(self) -> None:
        script = self._client.register_script
        self._start, self._swap = script(START.text), script(SWAP.text)
        self._check = script(
            "local till = redis.call('ZSCORE', KEYS[2], ARGV[1])\n"
            "return {redis.call('HGET', KEYS[1], 'expires'), till}"
        )

    async def log_in(self, client: Client) -> None:
        session = client.session
        owner = f"{user_key(session.user_id):>064}"
        values = {
            field.name: getattr(session, field.name)
            for field in fields(session)
        }
        args = [session.id, owner, session.expires, session.last_used]
        await self._start(
            [f"{{x}}:s:{session.id}", f"{{x}}:u:{owner}", f"{{x}}:l:{owner}"],
            [
                *("{x}:", session.created, *args, LIMIT, 250, "channel", "v"),
                *(part for pair in values.items() for part in pair),
                *("owner", owner, "token", client.token.digest),
            ],
        )

    async def refresh(self, client: Client) -> None:
        swap = client.swap
        outcome = await self._swap(
            [f"{{x}}:s:{swap.session_id}"],
            [
                *("{x}:", swap.now, swap.session_id, swap.family),
                *(swap.presented, swap.successor, swap.grace, swap.expires),
                *(swap.access_until, "channel", "v"),
            ],
        )
        assert outcome == "swapped"

    async def check(self, client: Client) -> None:
        expires, until = await self._check(
            [f"{{x}}:s:{client.session.id}", "{x}:revoked"], ["jti"]
        )
        assert float(expires) > NOW
        assert until is None

    async def close(self) -> None:
        await self._client.aclose()


@contextmanager
def sqlite_places(folder: Path) -> Iterator[tuple[Ours, Any, str]]:
    """Yield the store, the driver on the same file, and the version."""
    path = folder / "stores.db"
    store = SQLSessionStore(f"sqlite:///{path}")
    yield Ours(store), BareSQLite(path), aiosqlite.sqlite_version


@contextmanager
def postgres_places(folder: Path) -> Iterator[tuple[Ours, Any, str]]:
    """Yield the store, the driver on the same database, and the version."""
    servers = postgres.running()
    server = next(servers)
    try:
        url = server.url("postgres")
        [row] = asyncio.run(server.execute("SHOW server_version"))
        yield (
            Ours(SQLSessionStore(url)),
            BarePostgreSQL(url),
            row[0].split()[0],
        )
    finally:
        servers.close()


@contextmanager
def redis_places(folder: Path) -> Iterator[tuple[Ours, Any, str]]:
    """Yield the store, the client of the same server, and the version."""
    server = redis_server(folder / "redis", "--appendonly", "no")
    server.start()
    try:
        url = f"redis://127.0.0.1:{server.port}"
        with redis.Redis.from_url(url) as client:
            number = client.info("server")["redis_version"]
        yield Ours(RedisSessionStore(url)), BareRedis(url), number
    finally:
        server.stop()


PLACES: dict[str, Callable[[Path], Any]] = {
    "SQLite": sqlite_places,
    "PostgreSQL": postgres_places,
    "Redis": redis_places,
}


async def take_turns(ours: Ours, bare: Any, rounds: int) -> dict[str, Any]:
    """Return what each step takes, in microseconds: one figure a round."""
    spent: dict[str, Any] = {step: {"ours": [], "bare": []} for step in STEPS}
    await ours.store.open()
    await bare.open()
    for number in range(rounds + 2):
        clients = [(Client.new(), Client.new()) for _ in range(BATCH)]
        for step in STEPS:
            method = step.replace("-", "_")
            steps = getattr(ours, method), getattr(bare, method)
            taken = await _turn(steps, clients)
            if number >= 2:  # the first rounds warm up
                for name, value in zip(("ours", "bare"), taken, strict=True):
                    spent[step][name].append(round(value * 1e6, 1))
    await ours.close()
    await bare.close()
    return spent


async def _turn(
    steps: tuple[Callable[[Client], Awaitable[None]], ...],
    clients: list[tuple[Client, ...]],
) -> list[float]:
    """Take a step for each client in turn; return the medians."""
    times: list[list[float]] = [[] for _ in steps]
    for pair in clients:
        for step, client, found in zip(steps, pair, times, strict=True):
            started = time.perf_counter()
            await step(client)
            found.append(time.perf_counter() - started)
    return [median(found) for found in times]


def run(folder: Path, rounds: int) -> dict[str, Any]:
    """Measure every kind of store."""
    found: dict[str, Any] = {"limit": LIMIT, "with": {}, "kinds": {}}
    for kind, places in PLACES.items():
        with places(folder) as (ours, bare, number), ExitStack() as stack:
            loop = uvloop.new_event_loop()
            stack.callback(loop.close)
            work = take_turns(ours, bare, rounds)
            found["kinds"][kind] = loop.run_until_complete(work)
            loop.run_until_complete(loop.shutdown_asyncgens())
            found["with"][kind] = number
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
