"""`SQLSessionStore`: what is done in the tables, a transaction a method."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    false,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...exceptions import InvalidConfiguration
from ..feed import RevocationFeed
from ..model import (
    SLACK,
    Cursor,
    Outcome,
    Page,
    Session,
    Swap,
    UserId,
    user_id_from,
    user_key,
)
from ..store import SessionStore
from .database import Database
from .progress import OVERLAP, Progress
from .schema import escape, revocations, sessions, unescape

_PURGED = 4
_PAGE = 5_000
_MOST = 2**31
_BY_LAST_USE = (sessions.c.last_used.desc(), sessions.c.id.desc())


class SQLSessionStore(SessionStore):
    """Keeps sessions in a SQLite file or in PostgreSQL.

    The tables `jwt_sessions` and `jwt_revocations` are made when they are
    missing; otherwise no right to make any is needed. What is over leaves
    them by itself, a few rows with each log-in.

    PostgreSQL loses nothing that it has acknowledged. With SQLite, a power
    failure may undo log-ins and refreshes of the last moments, whose users
    log in again; what was revoked stays revoked. Several processes of one
    machine may use one file, on a local disk.

    ```python
    session_store = SQLSessionStore("postgresql://shop@localhost/shop")
    ```

    Args:
        place: A URL that begins with `sqlite:///` or `postgresql://`; or an
            engine of the application for `sqlite+aiosqlite` or
            `postgresql+asyncpg`, which stays the application's to dispose
            of, and whose settings of SQLite (journal, synchronous) count. It
            is not made anew for another event loop; dispose of it before its
            loop ends, or use `NullPool`.
        timeout: How many seconds an operation may take.
        feed_interval: Every how many seconds a feed looks for what was
            revoked elsewhere; it holds a connection for that.

    Raises:
        InvalidConfiguration: The place cannot keep sessions, or an argument
            is not positive.
        ImportError: The driver is not installed.
    """

    def __init__(
        self,
        place: str | AsyncEngine,
        *,
        timeout: float = 5.0,
        feed_interval: float = 1.0,
    ) -> None:
        if not 0 < feed_interval <= OVERLAP / 3:
            raise InvalidConfiguration(
                "The feed_interval has to be more than 0 and at most "
                f"{OVERLAP / 3:.0f} seconds."
            )
        self._database = Database(place, timeout)
        self._feed_interval = feed_interval
        self.staleness: float = 3 * feed_interval

    def __repr__(self) -> str:
        return f"SQLSessionStore({self._database!r})"

    async def open(self) -> None:
        """Make the tables, unless they are there; see `SessionStore.open`."""
        await self._database.open()

    async def close(self) -> None:
        """Close the connections; see `SessionStore.close`."""
        await self._database.close()

    async def start(
        self, session: Session, token: str, max_sessions: int | None = None
    ) -> list[Session]:
        """Keep a new session; see `SessionStore.start`."""
        key = user_key(session.user_id)
        row = {
            "id": escape(session.id),
            "user_key": key,
            "label": escape(session.label),
            "created": session.created,
            "last_used": session.last_used,
            "ends": session.ends,
            "expires": session.expires,
            "access_until": session.access_until,
            "family": session.family,
            "token": token,
        }

        surplus = None
        if max_sessions is not None:
            # all but the newest, this one not counted
            surplus = (
                select(sessions.c.id)
                .where(
                    _living_of(session.user_id, session.created),
                    sessions.c.id != row["id"],
                )
                .order_by(*_BY_LAST_USE)
                .offset(min(max_sessions, _MOST) - 1)
                .limit(self.step)
            )

        async def work(connection: AsyncConnection) -> list[Session]:
            await connection.execute(insert(sessions).values(row))
            ids = await _purge(connection, session.created, surplus)
            if not ids:
                return []
            which = and_(sessions.c.id.in_(ids), sessions.c.user_key == key)
            return await _end(which, session.created, connection)

        return await self._database.write(work)

    async def get(self, session_id: str, now: float) -> Session | None:
        """Return a living session; see `SessionStore.get`."""
        query = select(sessions).where(_living(session_id, now))

        async def work(connection: AsyncConnection) -> Session | None:
            row = (await connection.execute(query)).one_or_none()
            return None if row is None else _session_of(row)

        return await self._database.read(work)

    async def swap(self, swap: Swap) -> Outcome:
        """Swap a refresh token; see `SessionStore.swap`."""
        outcome = await self._database.write(partial(_swap, swap, False))
        if outcome is Outcome.REUSED:  # decided anew, and then to stay
            outcome = await self._database.write(
                partial(_swap, swap, True), durable=True
            )
        return outcome

    async def page(
        self,
        user_id: UserId,
        now: float,
        limit: int,
        after: Cursor | None = None,
    ) -> Page:
        """Return some sessions of a user; see `SessionStore.page`."""
        which = _living_of(user_id, now)
        if after is not None:
            used, same = sessions.c.last_used, escape(after.session_id)
            which = and_(
                which,
                or_(
                    used < after.last_used,
                    and_(used == after.last_used, sessions.c.id < same),
                ),
            )
        query = (
            select(sessions)
            .where(which)
            .order_by(*_BY_LAST_USE)
            .limit(limit + 1)
        )

        async def work(connection: AsyncConnection) -> list[Session]:
            return [
                _session_of(row) for row in await connection.execute(query)
            ]

        found = await self._database.read(work)
        if len(found) <= limit:
            return Page(found, None)
        last = found[limit - 1]
        return Page(found[:limit], Cursor(last.last_used, last.id))

    async def revoke(self, session_id: str, now: float) -> Mapping[str, float]:
        """End a session; see `SessionStore.revoke`."""
        ended = await self._database.write(
            partial(_end, _living(session_id, now), now), durable=True
        )
        return _told(ended)

    async def revoke_all(
        self, user_id: UserId, now: float, *, but: str | None = None
    ) -> Mapping[str, float]:
        """End the sessions of a user; see `SessionStore.revoke_all`."""
        which = _living_of(user_id, now)
        if but is not None:
            which = and_(which, sessions.c.id != escape(but))
        ended: dict[str, float] = {}
        async for step in self._revoke(which, now):
            ended.update(step)
        return ended

    def revoke_everyone(
        self, now: float
    ) -> AsyncIterator[Mapping[str, float]]:
        """End all sessions; see `SessionStore.revoke_everyone`."""
        return self._revoke(sessions.c.expires > now - SLACK, now)

    async def _revoke(
        self, which: ColumnElement[bool], now: float
    ) -> AsyncIterator[Mapping[str, float]]:
        """End sessions in the order of their ids, which stay the same.

        The ids are read without a lock: of rows that others end meanwhile,
        a query with one would return fewer than there are.
        """
        last = ""
        while True:
            ids = await self._database.read(
                partial(_ids_after, last, which, self.step)
            )
            if not ids:
                return
            these = and_(sessions.c.id > last, sessions.c.id <= ids[-1], which)
            last = ids[-1]
            yield _told(
                await self._database.write(
                    partial(_end, these, now), durable=True
                )
            )

    async def revoke_token(
        self, token_id: str, until: float, now: float
    ) -> None:
        """Revoke one access token; see `SessionStore.revoke_token`."""

        async def work(connection: AsyncConnection) -> None:
            await _log(connection, {token_id: until}, now)
            await _purge(connection, now)

        await self._database.write(work, durable=True)

    async def is_revoked(
        self, session_id: str | None, token_id: str | None, now: float
    ) -> bool:
        """Tell whether a token is revoked; see `SessionStore.is_revoked`."""
        reasons: list[ColumnElement[bool]] = []
        if session_id is not None:
            reasons.append(~exists().where(_living(session_id, now)))
        if token_id is not None:
            in_log = exists().where(
                revocations.c.revoked_id == escape(token_id),
                revocations.c.until > now,
            )
            reasons.append(in_log)
        query = select(or_(false(), *reasons))

        async def work(connection: AsyncConnection) -> bool:
            return bool((await connection.execute(query)).scalar_one())

        return await self._database.read(work)

    async def follow(self, feed: RevocationFeed) -> None:
        """Tell a feed what is revoked; see `SessionStore.follow`."""
        await self._database.stay(partial(self._poll, feed))

    async def _poll(
        self, feed: RevocationFeed, connection: AsyncConnection
    ) -> None:
        progress, long_ago = Progress(), time.time() - 2 * OVERLAP
        while True:
            started = time.monotonic()
            seq = begin = progress.floor
            while page := await self._database.in_time(
                _log_after(seq, connection)
            ):
                for row in page:
                    feed.add({unescape(row.revoked_id): row.until})
                seq = page[-1].seq
                old = [row.seq for row in page if row.revoked < long_ago]
                begin = max([begin, *old])
                if len(page) < _PAGE:
                    break
            progress.advance(started, time.monotonic(), seq)
            progress.begin(begin)
            long_ago = 0
            feed.confirm(started)
            await asyncio.sleep(self._feed_interval)


async def _swap(
    swap: Swap, may_end: bool, connection: AsyncConnection
) -> Outcome:
    """Decide on a token, and end its session only if that is allowed."""
    this_one = sessions.c.id == escape(swap.session_id)
    query = select(sessions).where(this_one).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None or row.expires <= swap.now or row.family != swap.family:
        return Outcome.REFUSED
    changes: dict[str, Any] = {
        "last_used": max(row.last_used, swap.now),
        "expires": swap.new_expiry(row.last_used, row.expires, row.ends),
        "access_until": max(row.access_until, swap.access_until),
    }
    if swap.presented == row.token:
        outcome = Outcome.SWAPPED
        changes["token"] = swap.successor
        changes["predecessor"] = swap.presented
        changes["swapped"] = swap.now
    elif swap.presented == row.predecessor and swap.is_within_grace(
        row.swapped
    ):
        if swap.successor != row.token:
            return Outcome.REFUSED
        outcome = Outcome.AGAIN
    else:
        if may_end:
            await _end(this_one, swap.now, connection)
        return Outcome.REUSED
    await connection.execute(update(sessions).where(this_one).values(changes))
    return outcome


async def _ids_after(
    last: str,
    which: ColumnElement[bool],
    limit: int,
    connection: AsyncConnection,
) -> Sequence[str]:
    query = (
        select(sessions.c.id)
        .where(sessions.c.id > last, which)
        .order_by(sessions.c.id)
        .limit(limit)
    )
    return (await connection.execute(query)).scalars().all()


async def _end(
    which: ColumnElement[bool], now: float, connection: AsyncConnection
) -> list[Session]:
    """End sessions, locked in one order so that nobody waits for ever."""
    query = (
        select(sessions).where(which).order_by(sessions.c.id).with_for_update()
    )
    ended = [_session_of(row) for row in await connection.execute(query)]
    if ended:
        ids = [escape(session.id) for session in ended]
        await _delete(connection, sessions.c.id, ids)
        await _log(connection, _told(ended), now)
    return ended


def _told(ended: Iterable[Session]) -> dict[str, float]:
    return {session.id: session.access_until for session in ended}


async def _log(
    connection: AsyncConnection, revoked: Mapping[str, float], now: float
) -> None:
    rows = [
        {"revoked_id": escape(revoked_id), "revoked": now, "until": until}
        for revoked_id, until in revoked.items()
    ]
    await connection.execute(insert(revocations).inline(), rows)


async def _log_after(
    seq: int, connection: AsyncConnection
) -> Sequence[Row[Any]]:
    """Return a page of the log, without what does not matter any more."""
    query = (
        select(revocations)
        .where(
            revocations.c.seq > seq,
            revocations.c.until > time.time() - SLACK,
        )
        .order_by(revocations.c.seq)
        .limit(_PAGE)
    )
    return (await connection.execute(query)).all()


async def _purge(
    connection: AsyncConnection,
    now: float,
    surplus: Select[tuple[str]] | None = None,
) -> list[str]:
    """Let a few rows go that are over, by the clock of everybody.

    What somebody else is busy with is left to a later log-in.

    Args:
        connection: Has a transaction under way.
        now: The time.
        surplus: A query for ids that is asked in the same round trip.

    Returns:
        The ids.
    """
    keys = (sessions.c.id, revocations.c.seq)
    queries = [
        select(key)
        .where(over <= now - SLACK)
        .order_by(over)
        .limit(_PURGED)
        .with_for_update(skip_locked=True)
        for key, over in zip(
            keys, (sessions.c.expires, revocations.c.until), strict=True
        )
    ]
    found: list[list[Any]] = [[], [], []]
    asked = [*queries, *([] if surplus is None else [surplus])]
    rows: Any = await connection.execute(_all_of(asked))
    for kind, key in rows:
        found[kind].append(key)
    for key, values in zip(keys, found, strict=False):
        if values:
            await _delete(connection, key, map(key.type.python_type, values))
    return found[2]


def _all_of(queries: Sequence[Select[Any]]) -> CompoundSelect[Any]:
    """Return a query for the number of a query, and what it finds as text."""
    parts: list[Any] = [
        select(literal(number, Integer), cast(query.subquery().c[0], Text))
        for number, query in enumerate(queries)
    ]
    return union_all(*parts)


async def _delete(
    connection: AsyncConnection, key: Column[Any], values: Iterable[Any]
) -> None:
    """Delete rows one by one in a single batch: it has no highest number."""
    statement = delete(key.table).where(key == bindparam("value"))
    await connection.execute(statement, [{"value": v} for v in values])


def _living(session_id: str, now: float) -> ColumnElement[bool]:
    return and_(sessions.c.id == escape(session_id), sessions.c.expires > now)


def _living_of(user_id: UserId, now: float) -> ColumnElement[bool]:
    key = user_key(user_id)
    return and_(sessions.c.user_key == key, sessions.c.expires > now)


def _session_of(row: Row[Any]) -> Session:
    return Session(
        id=unescape(row.id),
        user_id=user_id_from(row.user_key),
        label=unescape(row.label),
        created=row.created,
        last_used=row.last_used,
        ends=row.ends,
        expires=row.expires,
        access_until=row.access_until,
        family=row.family,
    )
