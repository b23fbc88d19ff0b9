"""What a session costs when there are a few of them, and when there are many.

Stores of a kind take turns at what a log-in, a refresh and a check ask of
them: one with few sessions, and one each with many sessions, with many
revocations, and with a user who has many sessions. `python -m
tests.benchmarks.growth FOLDER SCALE` is the process that does it.
"""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import asdict, astuple, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import asyncpg
import redis.asyncio

from sanic_jwt_oo.sessions import (
    Outcome,
    RedisSessionStore,
    Session,
    SessionStore,
    SQLSessionStore,
    Swap,
)
from sanic_jwt_oo.sessions.model import new_session_id, user_key
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken
from tests.sessions.postgres import Postgres, binaries
from tests.sessions.servers import Server, program, redis_server

from .children import child, result

FEW, MANY = 1_000, 1_000_000
REVOKED = 150_000
"""The revocations of a quarter of an hour, 10,000 in a minute."""
CROWD = 10_000
"""The sessions of one user."""
ROUNDS, BATCH = 25, 40
AT_ONCE = 50
DAY = 24 * 3600
NOW = float(int(time.time()))
KEY = b"k" * 32


def make(user_id: int) -> tuple[Session, RefreshToken]:
    """Return a new session and its first token."""
    token = RefreshToken.first(new_session_id(user_id))
    session = Session(
        id=token.session_id,
        user_id=user_id,
        label="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0",
        created=NOW,
        last_used=NOW,
        ends=NOW + 30 * DAY,
        expires=NOW + 7 * DAY + user_id % DAY,
        access_until=NOW + 900,
        family=token.family,
    )
    return session, token


@dataclass(frozen=True)
class Contents:
    """What is in a store.

    Args:
        sessions: The sessions, each of another user.
        revoked: The revocations.
        crowd: The sessions of one more user.
    """

    sessions: int = FEW
    revoked: int = 0
    crowd: int = 0

    def made(self) -> Iterator[tuple[Session, RefreshToken]]:
        """Yield the sessions with their tokens."""
        for number in range(self.sessions):
            yield make(number)
        for _ in range(self.crowd):
            yield make(self.sessions)

    def session_rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the sessions as rows of a table."""
        for session, token in self.made():
            key = user_key(session.user_id)
            rest = astuple(session)[2:]
            yield session.id, key, *rest, token.digest, None, None

    def revocation_rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the revocations as rows of a table."""
        for number in range(1, self.revoked + 1):
            yield number, new_session_id(number), NOW, NOW + 900


class SQLite:
    """A file; filled past the store, which would sync for each session."""

    def __init__(self, folder: Path, name: str, contents: Contents) -> None:
        self._path = folder / f"{name}.db"
        self._contents = contents
        self.store: SessionStore = SQLSessionStore(f"sqlite:///{self._path}")

    async def fill(self) -> None:
        """Put the sessions in."""
        await self.store.open()
        with sqlite3.connect(self._path) as connection:
            for table, rows in (
                ("jwt_sessions", self._contents.session_rows()),
                ("jwt_revocations", self._contents.revocation_rows()),
            ):
                columns = connection.execute(f"PRAGMA table_info({table})")
                marks = ", ".join("?" for _ in columns)
                connection.executemany(
                    f"INSERT INTO {table} VALUES ({marks})", rows
                )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    async def octets(self) -> float:
        """Return what a session takes, on disk."""
        return self._path.stat().st_size / self._contents.sessions

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()


class PostgreSQL:
    """A server of its own, which does not wait for its disk."""

    def __init__(self, folder: Path, name: str, contents: Contents) -> None:
        programs = binaries()
        assert programs is not None
        self._server = Postgres(programs)
        self._contents = contents
        self.store: SessionStore = SQLSessionStore(
            self._server.url("postgres")
        )

    async def fill(self) -> None:
        """Put the sessions in, past the store."""
        await self.store.open()
        link = await asyncpg.connect(self._server.url("postgres"), ssl=False)
        for table, rows in (
            ("jwt_sessions", self._contents.session_rows()),
            ("jwt_revocations", self._contents.revocation_rows()),
        ):
            await link.copy_records_to_table(table, records=rows)
            await link.execute(f"VACUUM ANALYZE {table}")
        await link.execute(
            "SELECT setval('jwt_revocations_seq_seq', max(seq)) "
            "FROM jwt_revocations"
        )
        await link.close()

    async def octets(self) -> float:
        """Return what a session takes, on disk."""
        [row] = await self._server.execute(
            "SELECT pg_total_relation_size('jwt_sessions')"
        )
        size: int = row[0]
        return size / self._contents.sessions

    async def close(self) -> None:
        """Close the store, and end the server."""
        await self.store.close()
        self._server.close()


class Redis:
    """A server of its own."""

    def __init__(self, folder: Path, name: str, contents: Contents) -> None:
        self._contents = contents
        self._server: Server = redis_server(
            folder / name, "--appendonly", "no"
        )
        self._server.start()
        self._url = f"redis://127.0.0.1:{self._server.port}"
        self.store: SessionStore = RedisSessionStore(self._url)

    async def fill(self) -> None:
        """Put the sessions in, and note what they take."""
        before = await self._used()
        await self._at_once(
            self.store.start(session, token.digest)
            for session, token in self._contents.made()
        )
        used = await self._used() - before
        self._octets = used / self._contents.sessions
        await self._at_once(
            self.store.revoke_token(token_id, until, now)
            for _, token_id, now, until in self._contents.revocation_rows()
        )

    async def _at_once(self, calls: Iterator[Awaitable[object]]) -> None:
        async def worker() -> None:
            for call in calls:
                await call

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

    async def octets(self) -> float:
        """Return what a session takes, in memory."""
        return self._octets

    async def _used(self) -> int:
        async with redis.asyncio.Redis.from_url(self._url) as client:
            memory: int = (await client.info("memory"))["used_memory"]
            return memory

    async def close(self) -> None:
        """Close the store, and end the server."""
        await self.store.close()
        self._server.stop()


KINDS: dict[str, Callable[[Path, str, Contents], Any]] = {
    "SQLite": SQLite,
    "PostgreSQL": PostgreSQL,
    "Redis": Redis,
}


Step: TypeAlias = Callable[[Session, RefreshToken], Awaitable[None]]


class Turn:
    """Sessions that come, are used and go; the store is as it was then."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self.made = [make(MANY + number) for number in range(BATCH)]
        self.steps: dict[str, Step] = {
            "log-in": self._log_in,
            "refresh": self._refresh,
            "check": self._check,
        }

    async def end(self) -> None:
        """End the sessions."""
        for session, _ in self.made:
            await self.store.revoke(session.id, NOW)

    async def _log_in(self, session: Session, token: RefreshToken) -> None:
        # what is in the log of revocations is not what is measured
        session = replace(session, access_until=NOW)
        await self.store.start(session, token.digest)

    async def _refresh(self, session: Session, token: RefreshToken) -> None:
        found = await self.store.get(session.id, NOW)
        assert found is not None
        swap = Swap(
            session_id=session.id,
            family=found.family,
            presented=token.digest,
            successor=token.successor(KEY).digest,
            now=NOW,
            grace=10,
            expires=session.expires,
            access_until=NOW,
        )
        assert await self.store.swap(swap) is Outcome.SWAPPED

    async def _check(self, session: Session, token: RefreshToken) -> None:
        assert not await self.store.is_revoked(session.id, "token", NOW)


async def take_turns(
    stores: dict[str, SessionStore],
) -> dict[str, dict[str, float]]:
    """Return what each step takes in each store, in microseconds.

    One operation after the other goes to all stores, so that whatever slows
    the machine down meets all of them.
    """
    turns = {name: Turn(store) for name, store in stores.items()}
    spent = {
        step: dict.fromkeys(stores, 0.0)
        for step in next(iter(turns.values())).steps
    }
    for step, times in spent.items():
        for number in range(BATCH):
            for name, turn in turns.items():
                work = turn.steps[step](*turn.made[number])
                started = time.perf_counter()
                await work
                times[name] += (time.perf_counter() - started) * 1e6 / BATCH
    for turn in turns.values():
        await turn.end()
    return spent


def contents(scale: float) -> dict[str, Contents]:
    """Return what is in the stores of a kind."""
    return {
        "few": Contents(),
        "many": Contents(sessions=max(FEW, int(MANY * scale))),
        "revoked": Contents(revoked=int(REVOKED * scale)),
        "crowd": Contents(crowd=int(CROWD * scale)),
    }


async def run(folder: Path, scale: float) -> dict[str, Any]:
    """Fill the stores, let them take turns, and return what they took."""
    every = contents(scale)
    found: dict[str, Any] = {
        "contents": {name: asdict(one) for name, one in every.items()},
        "with": {
            "SQLite": sqlite3.sqlite_version,
            "PostgreSQL": _version("PostgreSQL"),
            "Redis": _version("Redis"),
            **{
                name: version(name)
                for name in ("SQLAlchemy", "asyncpg", "redis")
            },
        },
        "kinds": {},
    }
    for kind, place in KINDS.items():
        async with AsyncExitStack() as stack:
            places = {
                name: place(folder, name, one) for name, one in every.items()
            }
            for one in places.values():
                stack.push_async_callback(one.close)
                await one.fill()
            stores = {name: one.store for name, one in places.items()}
            await take_turns(stores)  # warms up
            rounds = [await take_turns(stores) for _ in range(ROUNDS)]
            found["kinds"][kind] = {
                "octets": round(await places["many"].octets()),
                "steps": {
                    step: {
                        name: [round(spent[step][name], 1) for spent in rounds]
                        for name in stores
                    }
                    for step in rounds[0]
                },
            }
    return found


def _version(kind: str) -> str:
    if kind == "Redis":
        path = program("redis-server", "valkey-server", package="redis-server")
        pattern = r"v=(\S+)"
    else:
        programs = binaries()
        assert programs is not None
        path, pattern = str(programs / "postgres"), r"(\d+\.\d+)"
    told = subprocess.run([path, "--version"], capture_output=True, text=True)
    found = re.search(pattern, told.stdout)
    return found[1] if found else "unknown"


def measure(scale: float) -> dict[str, Any]:
    """Measure in a process of its own."""
    print("filling session stores", flush=True)
    module = __spec__.name
    with (
        TemporaryDirectory() as folder,
        child(module, folder, scale) as process,
    ):
        found: dict[str, Any] = result(process)
        return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(Path(sys.argv[1]), float(sys.argv[2])))))
