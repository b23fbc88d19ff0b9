"""The operations of session stores, and the same work by hand.

What a driver does is what a careful application would write with it:
statements that are prepared once, and no more messages than it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields, replace
from itertools import count
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg
import redis.asyncio

from sanic_jwt_oo.sessions import (
    Outcome,
    Session,
    SessionStore,
    Swap,
)
from sanic_jwt_oo.sessions.model import user_key
from sanic_jwt_oo.sessions.redis.scripts import START, SWAP
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken

from .growth import DAY, KEY, NOW, make

POOL = 5
LIMIT = 100

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
        self._connection = await aiosqlite.connect(self._path, timeout=30)
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
