"""What a session costs when there are a few of them, and when there are many.

Two stores of a kind, one with few sessions and one with many, take turns at
what a log-in, a refresh and a check ask of them. `python -m
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
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

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
from tests.sessions.servers import Server, program, redis_server

from .children import child, result

FEW, MANY = 1_000, 1_000_000
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


class SQLite:
    """A file; filled past the store, which would sync for each session."""

    def __init__(self, folder: Path, count: int) -> None:
        self._path = folder / f"{count}.db"
        self._count = count
        self.store: SessionStore = SQLSessionStore(f"sqlite:///{self._path}")

    async def fill(self) -> None:
        """Put the sessions in."""
        await self.store.open()
        with sqlite3.connect(self._path) as connection:
            names = [
                row[1]
                for row in connection.execute(
                    "PRAGMA table_info(jwt_sessions)"
                )
            ]
            marks = ", ".join("?" * len(names))
            connection.executemany(
                f"INSERT INTO jwt_sessions VALUES ({marks})", self._rows(names)
            )
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def _rows(self, names: list[str]) -> Iterator[list[Any]]:
        for number in range(self._count):
            session, token = make(number)
            values = {
                **{n: getattr(session, n, None) for n in names},
                "user_key": user_key(session.user_id),
                "token": token.digest,
            }
            yield [values[name] for name in names]

    async def octets(self) -> float:
        """Return what a session takes, on disk."""
        return self._path.stat().st_size / self._count

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()


class Redis:
    """A server of its own."""

    def __init__(self, folder: Path, count: int) -> None:
        self._count = count
        self._server: Server = redis_server(
            folder / str(count), "--appendonly", "no"
        )
        self._server.start()
        self._url = f"redis://127.0.0.1:{self._server.port}"
        self.store: SessionStore = RedisSessionStore(self._url)

    async def fill(self) -> None:
        """Put the sessions in, and note what they take."""
        numbers = iter(range(self._count))

        async def worker() -> None:
            for number in numbers:
                session, token = make(number)
                await self.store.start(session, token.digest)

        before = await self._used()
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        self._octets = (await self._used() - before) / self._count

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


KINDS: dict[str, Callable[[Path, int], Any]] = {
    "SQLite": SQLite,
    "Redis": Redis,
}


class Turn:
    """Sessions that come, are used and go; the store is as it was then."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self.made = [make(MANY + number) for number in range(BATCH)]
        self.spent: dict[str, float] = {}

    async def take(self) -> dict[str, float]:
        """Return what each step takes, in microseconds."""
        await self._time("log-in", self._log_in)
        await self._time("refresh", self._refresh)
        await self._time("check", self._check)
        for session, _ in self.made:
            await self.store.revoke(session.id, NOW)
        return self.spent

    async def _time(
        self,
        name: str,
        step: Callable[[Session, RefreshToken], Awaitable[None]],
    ) -> None:
        started = time.perf_counter()
        for session, token in self.made:
            await step(session, token)
        spent = (time.perf_counter() - started) / BATCH
        self.spent[name] = round(spent * 1e6, 1)

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


async def run(folder: Path, scale: float) -> dict[str, Any]:
    """Fill the stores, let them take turns, and return what they took."""
    counts = FEW, max(FEW, int(MANY * scale))
    found: dict[str, Any] = {
        "few": counts[0],
        "many": counts[1],
        "with": {
            "SQLite": sqlite3.sqlite_version,
            "Redis": _version_of_redis(),
            **{name: version(name) for name in ("SQLAlchemy", "redis")},
        },
        "kinds": {},
    }
    for kind, place in KINDS.items():
        async with AsyncExitStack() as stack:
            places = [place(folder, count) for count in counts]
            for one in places:
                stack.push_async_callback(one.close)
                await one.fill()
            turns: list[list[dict[str, float]]] = [[], []]
            for number in range(ROUNDS + 1):
                for one, taken in zip(places, turns, strict=True):
                    spent = await Turn(one.store).take()
                    if number:  # the first round warms up
                        taken.append(spent)
            found["kinds"][kind] = {
                "octets": round(await places[1].octets()),
                "steps": {
                    step: [[spent[step] for spent in taken] for taken in turns]
                    for step in turns[0][0]
                },
            }
    return found


def _version_of_redis() -> str:
    path = program("redis-server", "valkey-server", package="redis-server")
    told = subprocess.run([path, "--version"], capture_output=True, text=True)
    found = re.search(r"v=(\S+)", told.stdout)
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
