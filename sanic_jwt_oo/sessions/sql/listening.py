"""How a feed follows the log of revocations in a database.

PostgreSQL pushes: each transaction that revokes sends a notification, and the
connection that the feed holds listens for them. The log is read as well: all
of it at first, then what is new, at intervals. So a connection that is silent
is known to be alive, and what was not pushed is read. Where nothing is pushed,
the log is read more often: with SQLite, and through a pooler that gives each
transaction another connection.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Row, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ..feed import RevocationFeed
from ..model import SLACK
from .connections import Work
from .database import Database
from .progress import OVERLAP, Progress
from .schema import escape, revocations, unescape

Run: TypeAlias = Callable[[Work[Any]], Awaitable[Any]]

CHANNEL = (
    "concat('jwt_revocations_', "
    "CAST(CAST('jwt_revocations' AS regclass) AS oid))"
)
"""The channel, in SQL: each table of a database has its own."""

PUSHED_PAUSE = 2
"""The intervals between two reads of a feed that is pushed."""

_APPEND = text(
    f"""
    WITH logged AS (
        INSERT INTO jwt_revocations (revoked_id, revoked, until)
        SELECT id, :now, until FROM unnest(
            CAST(:ids AS text[]), CAST(:untils AS double precision[])
        ) AS ended (id, until)
        RETURNING seq, revoked_id, until
    )
    SELECT pg_notify({CHANNEL}, payload)
    FROM (
        SELECT CAST(json_object_agg(revoked_id, until) AS text) AS payload
        FROM logged GROUP BY seq / 50
    ) AS pages
    WHERE octet_length(payload) < 8000 -- what is longer will be read
    """  # noqa: S608 - all of it is written here
)

_PAGE = 5_000
_TESTS = 3
_MALFORMED = (AttributeError, RecursionError, TypeError, ValueError)

_logger = logging.getLogger("sanic_jwt_oo")


async def append_and_push(
    connection: AsyncConnection, revoked: Mapping[str, float], now: float
) -> None:
    """Write revocations to the log, and push them at the commit."""
    values = {
        "now": now,
        "ids": [escape(revoked_id) for revoked_id in revoked],
        "untils": [*revoked.values()],
    }
    await connection.execute(_APPEND, values)


class Follower:
    """Sends the revocations of a database to feeds.

    Args:
        database: The database.
        interval: The time between two reads of the log, in seconds.
        listen: Whether the database pushes revocations.
    """

    def __init__(
        self, database: Database, interval: float, listen: bool
    ) -> None:
        self._database = database
        self._interval = interval
        self._listens = listen
        self._warned = False

    async def follow(self, feed: RevocationFeed) -> None:
        """Send revocations to a feed; see `SessionStore.follow`."""
        log = _Log(feed)
        if self._listens:
            await self._database.hold_connection(partial(self._listen, log))
        elif self._database.is_sqlite:
            await self._database.hold_connection(partial(self._poll, log))
        else:
            await self._read_regularly(log, self._database.read)

    async def _poll(self, log: _Log, connection: AsyncConnection) -> None:
        await self._read_regularly(log, self._on(connection))

    async def _read_regularly(self, log: _Log, run: Run) -> None:
        while True:
            await log.read(run)
            await asyncio.sleep(self._interval)

    async def _listen(self, log: _Log, connection: AsyncConnection) -> None:
        """Listen before the first read, so that nothing is missed."""
        run, listener, tests = self._on(connection), _Listener(log.push), 0
        try:
            await run(listener.start)
            while True:
                listener.idle = False
                await log.read(run)
                listener.idle = True
                if not listener.works and tests < _TESTS:
                    tests += 1
                    await self._database.read(listener.test)
                elif not listener.works:
                    self._warn()
                pause = PUSHED_PAUSE if listener.works else 1
                await listener.wait(pause * self._interval)
        finally:
            # The next user of the connection must not be one who listens.
            await connection.invalidate()

    def _on(self, connection: AsyncConnection) -> Run:
        """Return a function that runs queries on a connection."""
        return lambda work: self._database.with_timeout(work(connection))

    def _warn(self) -> None:
        if not self._warned:
            _logger.warning(
                "Notifications of %r do not arrive: a pooler gives each "
                "transaction another connection. Revocations are read every "
                "%g seconds instead. Connect to PostgreSQL itself, or use a "
                "pooler in session mode; listen=False makes this the choice.",
                self._database,
                self._interval,
            )
        self._warned = True


class _Log:
    """The log of revocations, as far as a feed knows it."""

    def __init__(self, feed: RevocationFeed) -> None:
        self._feed = feed
        self._progress = Progress()
        self._long_ago = time.time() - 2 * OVERLAP

    async def read(self, run: Run) -> None:
        """Add what is new in the log to the feed; at first, all of it."""
        started = time.monotonic()
        page = await self._read_page(self._progress.floor, run)
        while len(page) == _PAGE:
            page = await self._read_page(page[-1].seq, run)
        self._progress.settle(started)
        self._long_ago = 0
        self._feed.confirm(started)

    async def _read_page(self, seq: int, run: Run) -> Sequence[Row[Any]]:
        page: Sequence[Row[Any]] = await run(partial(_read_page, seq))
        received, cutoff = time.monotonic(), time.time() - SLACK
        for row in page:
            self._progress.add(row.seq, received)
            if row.until > cutoff:
                self._feed.add({unescape(row.revoked_id): row.until})
        old = [row.seq for row in page if row.revoked < self._long_ago]
        self._progress.raise_floor(max(old, default=0))
        return page

    def push(self, payload: str) -> None:
        """Add the revocations of a notification to the feed.

        Only reading the log makes progress in it: any role of the database
        can send notifications.
        """
        with suppress(*_MALFORMED):
            pushed = json.loads(payload).items()
            self._feed.add({unescape(i): float(until) for i, until in pushed})


class _Listener:
    """The notifications that a connection receives.

    Args:
        push: Is called with the payload of each notification.

    Attributes:
        works: Whether notifications are known to arrive.
        idle: Whether the connection runs no query. This is when a pooler
            loses notifications.
    """

    def __init__(self, push: Callable[[str], None]) -> None:
        self.works = False
        self.idle = False
        self._push = push
        self._probe = json.dumps(secrets.token_hex(8))
        self._lost = asyncio.Event()

    async def start(self, connection: AsyncConnection) -> None:
        """Begin to listen.

        A server that names another process than it did when the connection
        was opened is behind a pooler, which `test` is for.
        """
        query = select(literal_column(CHANNEL), func.pg_backend_pid())
        channel, process = (await connection.execute(query)).one()
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        driver.add_termination_listener(lambda _: self._lost.set())
        await driver.add_listener(channel, self._receive)
        self.works = driver.get_server_pid() == process

    async def test(self, connection: AsyncConnection) -> None:
        """Send a notification to this listener, by another connection."""
        channel: ColumnElement[str] = literal_column(CHANNEL)
        await connection.execute(select(func.pg_notify(channel, self._probe)))

    def _receive(self, _: Any, pid: int, channel: str, payload: str) -> None:
        if payload != self._probe:
            self._push(payload)
        elif self.idle:
            self.works = True

    async def wait(self, seconds: float) -> None:
        """Wait, while notifications arrive.

        Raises:
            ConnectionResetError: The connection was closed.
        """
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._lost.wait(), seconds)
            raise ConnectionResetError("The connection was closed.")


async def _read_page(
    seq: int, connection: AsyncConnection
) -> Sequence[Row[Any]]:
    query = (
        select(revocations)
        .where(revocations.c.seq > seq)
        .order_by(revocations.c.seq)
        .limit(_PAGE)
    )
    return (await connection.execute(query)).all()
