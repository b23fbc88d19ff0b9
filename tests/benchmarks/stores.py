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
from collections.abc import (
    Awaitable,
    Callable,
    Iterator,
    Sequence,
)
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, fields, replace
from importlib.metadata import version
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import aiosqlite
import asyncpg
import redis.asyncio
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

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
CROWD, CHECKS, SPELL = 200, 4, 0.5
"""How many clients there are at once; how many of their operations a refresh
is one of; for how many seconds they go on in each round."""
POOL = 5
LIMIT = 100
STEPS = ("log-in", "refresh", "check")

_users = count(1)


@dataclass
class Client:
    """A session, and the swap of its first token."""

    session: Session
    token: RefreshToken
    swap: Swap

    def renew(self) -> None:
        """Continue with the successor of the token."""
        token = self.token.successor(KEY)
        self.token = token
        self.swap = replace(
            self.swap,
            presented=token.digest,
            successor=token.successor(KEY).digest,
        )

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

    async def open(self) -> None:
        await self.store.open()

    async def close(self) -> None:
        await self.store.close()


class Engine(Ours):
    """A store whose statements SQLAlchemy executes, with a pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(SQLSessionStore(engine))
        self._engine = engine

    async def close(self) -> None:
        await super().close()
        await self._engine.dispose()


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
        connection = self._connection
        async with connection.transaction():
            row = await connection.fetchrow(
                f"{SELECT} FOR UPDATE", client.session.id
            )
            await connection.execute(UPDATE, *changes(tuple(row), client.swap))

    async def check(self, client: Client) -> None:
        row = await self._connection.fetchrow(
            CHECK, client.session.id, NOW, "jti", NOW
        )
        assert tuple(row) == (True, False)

    async def close(self) -> None:
        await self._connection.close()


class Pool:
    """As many bare connections as the store has."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._places = [make() for _ in range(POOL)]
        self._free: asyncio.LifoQueue[Any] = asyncio.LifoQueue()

    async def open(self) -> None:
        for place in self._places:
            await place.open()
            self._free.put_nowait(place)

    async def _run(self, method: str, client: Client) -> None:
        place = await self._free.get()
        try:
            await getattr(place, method)(client)
        finally:
            self._free.put_nowait(place)

    async def log_in(self, client: Client) -> None:
        await self._run("log_in", client)

    async def refresh(self, client: Client) -> None:
        await self._run("refresh", client)

    async def check(self, client: Client) -> None:
        await self._run("check", client)

    async def close(self) -> None:
        for place in self._places:
            await place.close()


class BareRedis:
    """redis-py with one script call for each operation."""

    names = [field.name for field in fields(Session)]

    def __init__(self, url: str, connections: int = 1) -> None:
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url, decode_responses=True, max_connections=connections
        )
        self._client = redis.asyncio.Redis.from_pool(pool)

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


class BareTwoCalls(BareRedis):
    """A command that finds the session, and a script that swaps."""

    async def refresh(self, client: Client) -> None:
        key = f"{{x}}:s:{client.session.id}"
        found = await self._client.hmget(key, [*self.names])
        assert (
            float(dict(zip(self.names, found, strict=True))["expires"]) > NOW
        )
        await super().refresh(client)


Turns: TypeAlias = tuple[dict[str, Any], dict[str, Any], str]
"""Who takes turns one by one, and in crowds; the version of the server."""


@contextmanager
def sqlite_places(folder: Path) -> Iterator[Turns]:
    """Yield who takes turns on one file, and the version."""
    path = folder / "stores.db"
    store = SQLSessionStore(f"sqlite:///{path}")
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    places = {
        "ours": Ours(store),
        "bare": BareSQLite(path),
        "engine": Engine(engine),
    }
    crowds = {"ours": Ours(store), "bare": BareSQLite(path)}
    yield places, crowds, aiosqlite.sqlite_version


@contextmanager
def postgres_places(folder: Path) -> Iterator[Turns]:
    """Yield who takes turns in one database, and the version."""
    servers = postgres.running()
    server = next(servers)
    try:
        url = server.url("postgres")
        [row] = asyncio.run(server.execute("SHOW server_version"))
        engine = create_async_engine(url.replace(":", "+asyncpg:", 1))
        store = SQLSessionStore(url)
        places = {
            "ours": Ours(store),
            "bare": BarePostgreSQL(url),
            "engine": Engine(engine),
        }
        pool = Pool(lambda: BarePostgreSQL(url))
        yield places, {"ours": Ours(store), "bare": pool}, row[0].split()[0]
    finally:
        servers.close()


@contextmanager
def redis_places(folder: Path) -> Iterator[Turns]:
    """Yield who takes turns on one server, and the version."""
    server = redis_server(folder / "redis", "--appendonly", "no")
    server.start()
    try:
        url = f"redis://127.0.0.1:{server.port}"
        with redis.Redis.from_url(url) as client:
            number = client.info("server")["redis_version"]
        store = RedisSessionStore(url)
        places = {
            "ours": Ours(store),
            "bare": BareRedis(url),
            "two calls": BareTwoCalls(url),
        }
        crowds = {"ours": Ours(store), "bare": BareTwoCalls(url, 50)}
        yield places, crowds, number
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


async def crowd(place: Any, clients: Sequence[Client]) -> dict[str, float]:
    """Let clients refresh and check at the same time, for a while.

    Returns:
        Operations in a second, and the 99th percentile of their times in
        milliseconds.
    """
    started = time.perf_counter()
    times: list[float] = []

    async def use(client: Client) -> None:
        before = time.perf_counter()
        for number in count():
            if number % CHECKS:
                await place.check(client)
            else:
                await place.refresh(client)
                client.renew()
            now = time.perf_counter()
            times.append(now - before)
            before = now
            if now - started > SPELL:
                return

    await asyncio.gather(*map(use, clients))
    rate = len(times) / (time.perf_counter() - started)
    late = quantiles(times, n=100)[-1]
    return {"rate": round(rate), "late": round(1000 * late, 2)}


async def take_turns_in_crowds(
    places: dict[str, Any], rounds: int
) -> dict[str, Any]:
    """Return what `crowd` finds for the store and the driver, by round."""
    found: dict[str, Any] = {}
    clients = {name: [Client.new() for _ in range(CROWD)] for name in places}
    for name, place in places.items():
        await place.open()
        for client in clients[name]:
            await place.log_in(client)
    for number in range(rounds + 1):
        for name, place in places.items():
            for what, value in (await crowd(place, clients[name])).items():
                if number:
                    of_place = found.setdefault(name, {})
                    of_place.setdefault(what, []).append(value)
    for place in places.values():
        await place.close()
    return found


def run(folder: Path, rounds: int) -> dict[str, Any]:
    """Measure every kind of store."""
    found: dict[str, Any] = {
        **{"limit": LIMIT, "crowd": CROWD, "connections": POOL},
        **{"with": {}, "kinds": {}, "crowds": {}},
    }
    for kind, make_places in PLACES.items():
        with make_places(folder) as turns, ExitStack() as stack:
            places, crowds, found["with"][kind] = turns
            loop = uvloop.new_event_loop()
            stack.callback(loop.close)
            run = loop.run_until_complete
            found["kinds"][kind] = run(take_turns(places, rounds))
            found["crowds"][kind] = run(
                take_turns_in_crowds(crowds, max(1, rounds // 4))
            )
            run(loop.shutdown_asyncgens())
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
