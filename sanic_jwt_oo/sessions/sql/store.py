"""`SQLSessionStore`: the queries, one transaction for each method."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ...exceptions import InvalidConfiguration, SessionStoreUnavailable
from ..feed import RevocationFeed
from ..model import (
    REVOKED_FOR,
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
from .listening import Follower, append_and_push
from .progress import OVERLAP
from .schema import escape, revocations, sessions, unescape
from .statements import (
    CHECK,
    GET,
    PURGE,
    START,
    START_WITHIN_LIMIT,
    SWAP,
)

_PURGE_INTERVAL = 20
_PURGE_LIMIT = 100
_MAX_OFFSET = 2**31
_BY_LAST_USE = (sessions.c.last_used.desc(), sessions.c.id.desc())


class SQLSessionStore(SessionStore):
    """Keeps sessions in a SQLite file or in PostgreSQL.

    The tables `jwt_sessions` and `jwt_revocations` are created if they are
    missing; if they exist, no privilege to create tables is needed. Each
    login deletes a few expired rows.

    PostgreSQL loses nothing that it has acknowledged. With SQLite, a power
    failure may undo the most recent logins and refreshes, and their users
    log in again; revocations are never lost. Several processes on one
    machine may share one file on a local disk.

    ```python
    session_store = SQLSessionStore("postgresql://shop@localhost/shop")
    ```

    Args:
        place: A URL that begins with `sqlite:///` or `postgresql://`; or an
            engine for `sqlite+aiosqlite` or `postgresql+asyncpg`. The
            application disposes of an engine that it provides, and sets its
            SQLite pragmas (`journal_mode`, `synchronous`). Such an engine is
            shared by all event loops: dispose of it before its loop ends, or
            use `NullPool`.
        timeout: The timeout of an operation, in seconds.
        feed_interval: A third of `staleness`, in seconds. The feed reads new
            revocations that often, or half as often if they are pushed.
        listen: Whether PostgreSQL pushes revocations to the feed
            (`LISTEN`), which then holds one connection. Give all workers the
            same value. SQLite ignores it.

    Raises:
        InvalidConfiguration: The database is not supported, or an argument
            is out of range.
        ImportError: The driver is not installed.
    """

    def __init__(
        self,
        place: str | AsyncEngine,
        *,
        timeout: float = 5.0,
        feed_interval: float = 1.0,
        listen: bool = True,
    ) -> None:
        if not 0 < feed_interval <= OVERLAP / 3:
            raise InvalidConfiguration(
                "feed_interval must be greater than 0 and at most "
                f"{OVERLAP / 3:.0f} seconds."
            )
        self._database = Database(place, timeout)
        self._pushes = listen and not self._database.is_sqlite
        self._follower = Follower(self._database, feed_interval, self._pushes)
        self._writes = count()
        self.staleness: float = 3 * feed_interval

    def __repr__(self) -> str:
        return f"SQLSessionStore({self._database!r})"

    async def open(self) -> None:
        """Create missing tables; see `SessionStore.open`."""
        await self._database.open()

    async def close(self) -> None:
        """Close the connections; see `SessionStore.close`."""
        await self._database.close()

    async def start(
        self, session: Session, token: str, max_sessions: int | None = None
    ) -> list[Session]:
        """Store a new session; see `SessionStore.start`."""
        key = user_key(session.user_id)
        values: dict[str, Any] = {
            "new_id": escape(session.id),
            "new_user_key": key,
            "new_label": escape(session.label),
            "new_created": session.created,
            "new_last_used": session.last_used,
            "new_ends": session.ends,
            "new_expires": session.expires,
            "new_access_until": session.access_until,
            "new_family": session.family,
            "new_token": token,
        }
        others, statement = None, START
        if max_sessions is not None:
            others = values["others"] = min(max_sessions - 1, _MAX_OFFSET)
            statement = START_WITHIN_LIMIT
        ended: list[Session] = []
        stored = await self._database.change(statement, values)
        if stored is None:  # the connection was lost
            stored = bool(await self.get(session.id, session.created))
        if not stored:
            values.pop("others", None)
            ended = await self._database.write(
                partial(
                    _start, values, session, others, self.step, self._pushes
                )
            )
        self._purge_sometimes(session.created)
        return ended

    async def get(self, session_id: str, now: float) -> Session | None:
        """Return a session; see `SessionStore.get`."""
        rows = await self._database.fetch(
            GET, {"session_id": escape(session_id), "now": now}
        )
        return _to_session(rows[0]) if rows else None

    async def swap(self, swap: Swap) -> Outcome:
        """Swap a refresh token; see `SessionStore.swap`."""
        values = {
            "session_id": escape(swap.session_id),
            "of_family": swap.family,
            "presented": swap.presented,
            "successor": swap.successor,
            "now": swap.now,
            "new_expires": swap.expires,
            "new_access_until": swap.access_until,
        }
        swapped = await self._database.change(SWAP, values)
        if swapped:
            return Outcome.SWAPPED
        outcome = await self._database.write(
            partial(_swap, swap, False, self._pushes)
        )
        if swapped is None and outcome in (Outcome.REUSED, Outcome.REFUSED):
            # the connection was lost: it may be swapped, and not be reuse
            raise SessionStoreUnavailable
        if outcome is Outcome.REUSED:  # decide again, in a durable transaction
            outcome = await self._database.write(
                partial(_swap, swap, True, self._pushes), durable=True
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
        condition = _is_live_session_of(user_id, now)
        if after is not None:
            used, same = sessions.c.last_used, escape(after.session_id)
            condition = and_(
                condition,
                or_(
                    used < after.last_used,
                    and_(used == after.last_used, sessions.c.id < same),
                ),
            )
        query = (
            select(sessions)
            .where(condition)
            .order_by(*_BY_LAST_USE)
            .limit(limit + 1)
        )

        async def work(connection: AsyncConnection) -> list[Session]:
            return [
                _to_session(row) for row in await connection.execute(query)
            ]

        found = await self._database.read(work)
        if len(found) <= limit:
            return Page(found, None)
        last = found[limit - 1]
        return Page(found[:limit], Cursor(last.last_used, last.id))

    async def revoke(self, session_id: str, now: float) -> Mapping[str, float]:
        """End a session; see `SessionStore.revoke`."""
        ended = await self._database.write(
            partial(
                _end, _is_live_session(session_id, now), now, self._pushes
            ),
            durable=True,
        )
        return _revocations_of(ended)

    async def revoke_all(
        self, user_id: UserId, now: float, *, but: str | None = None
    ) -> Mapping[str, float]:
        """End the sessions of a user; see `SessionStore.revoke_all`."""
        condition = _is_live_session_of(user_id, now)
        if but is not None:
            condition = and_(condition, sessions.c.id != escape(but))
        ended: dict[str, float] = {}
        async for step in self._revoke(condition, now):
            ended.update(step)
        return ended

    def revoke_everyone(
        self, now: float
    ) -> AsyncIterator[Mapping[str, float]]:
        """End all sessions; see `SessionStore.revoke_everyone`."""
        return self._revoke(sessions.c.expires > now - SLACK, now)

    async def _revoke(
        self, condition: ColumnElement[bool], now: float
    ) -> AsyncIterator[Mapping[str, float]]:
        """End sessions in batches, in the order of their ids.

        The ids are read without a lock: with one, the query would return
        fewer rows than the limit if others end some of them meanwhile.
        """
        last = ""
        while True:
            ids = await self._database.read(
                partial(_read_ids, last, condition, self.step)
            )
            if not ids:
                return
            these = and_(
                sessions.c.id > last, sessions.c.id <= ids[-1], condition
            )
            last = ids[-1]
            yield _revocations_of(
                await self._database.write(
                    partial(_end, these, now, self._pushes), durable=True
                )
            )

    async def revoke_token(
        self, token_id: str, until: float, now: float
    ) -> None:
        """Revoke one access token; see `SessionStore.revoke_token`."""
        await self._database.write(
            partial(_append_to_log, {token_id: until}, now, self._pushes),
            durable=True,
        )
        self._purge_sometimes(now)

    async def is_revoked(
        self, session_id: str | None, token_id: str | None, now: float
    ) -> bool:
        """Return whether a token is revoked; see `SessionStore.is_revoked`."""
        values = {
            "session_id": escape(session_id or ""),
            "token_id": escape(token_id or ""),
            "now": now,
        }
        [(is_live, in_log)] = await self._database.fetch(CHECK, values)
        if session_id is not None and not is_live:
            return True
        return token_id is not None and bool(in_log)

    def _purge_sometimes(self, now: float) -> None:
        """Delete a few expired rows in the background, once in a while."""
        if next(self._writes) % _PURGE_INTERVAL == 0:
            values = {"until": now - SLACK, "most": _PURGE_LIMIT}
            self._database.change_later(PURGE, values)

    async def follow(self, feed: RevocationFeed) -> None:
        """Send revocations to a feed; see `SessionStore.follow`."""
        await self._follower.follow(feed)


async def _start(
    values: Mapping[str, Any],
    session: Session,
    others: int | None,
    limit: int,
    push: bool,
    connection: AsyncConnection,
) -> list[Session]:
    """Store a new session, and end all but a few others of its user."""
    await connection.execute(START, values)
    if others is None:
        return []
    surplus = _surplus(session, others, limit)
    ids = (await connection.execute(surplus)).scalars().all()
    if not ids:
        return []
    key = values["new_user_key"]
    condition = and_(sessions.c.id.in_(ids), sessions.c.user_key == key)
    return await _end(condition, session.created, push, connection)


async def _swap(
    swap: Swap, may_revoke: bool, push: bool, connection: AsyncConnection
) -> Outcome:
    """Swap a token; end the session of a reused one only if allowed."""
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
        if may_revoke:
            await _end(this_one, swap.now, push, connection)
        return Outcome.REUSED
    await connection.execute(update(sessions).where(this_one).values(changes))
    return outcome


async def _read_ids(
    last: str,
    condition: ColumnElement[bool],
    limit: int,
    connection: AsyncConnection,
) -> Sequence[str]:
    query = (
        select(sessions.c.id)
        .where(sessions.c.id > last, condition)
        .order_by(sessions.c.id)
        .limit(limit)
    )
    return (await connection.execute(query)).scalars().all()


async def _end(
    condition: ColumnElement[bool],
    now: float,
    push: bool,
    connection: AsyncConnection,
) -> list[Session]:
    """End sessions; always lock them in the same order, against deadlocks."""
    query = (
        select(sessions)
        .where(condition)
        .order_by(sessions.c.id)
        .with_for_update()
    )
    ended = [_to_session(row) for row in await connection.execute(query)]
    if ended:
        ids = [escape(session.id) for session in ended]
        await _delete(connection, sessions.c.id, ids)
        revoked = {
            session_id: max(until, now + REVOKED_FOR)
            for session_id, until in _revocations_of(ended).items()
        }
        await _append_to_log(revoked, now, push, connection)
    return ended


def _revocations_of(ended: Iterable[Session]) -> dict[str, float]:
    return {session.id: session.access_until for session in ended}


async def _append_to_log(
    revoked: Mapping[str, float],
    now: float,
    push: bool,
    connection: AsyncConnection,
) -> None:
    """Write revocations to the log, and perhaps push them."""
    if push:
        await append_and_push(connection, revoked, now)
        return
    rows = [
        {"revoked_id": escape(revoked_id), "revoked": now, "until": until}
        for revoked_id, until in revoked.items()
    ]
    await connection.execute(insert(revocations).inline(), rows)


async def _delete(
    connection: AsyncConnection, key: Column[Any], values: Iterable[Any]
) -> None:
    """Delete rows one by one in a batch, whose size has no limit."""
    statement = delete(key.table).where(key == bindparam("value"))
    await connection.execute(statement, [{"value": v} for v in values])


def _is_live_session(session_id: str, now: float) -> ColumnElement[bool]:
    return and_(sessions.c.id == escape(session_id), sessions.c.expires > now)


def _surplus(session: Session, kept: int, limit: int) -> Select[tuple[str]]:
    """Select sessions of a user, but for a new one and the last used ones.

    Args:
        session: The new session.
        kept: How many of the others are kept.
        limit: How many ids are selected at most.
    """
    return (
        select(sessions.c.id)
        .where(
            _is_live_session_of(session.user_id, session.created),
            sessions.c.id != escape(session.id),
        )
        .order_by(*_BY_LAST_USE)
        .offset(min(kept, _MAX_OFFSET))
        .limit(limit)
    )


def _is_live_session_of(user_id: UserId, now: float) -> ColumnElement[bool]:
    key = user_key(user_id)
    return and_(sessions.c.user_key == key, sessions.c.expires > now)


def _to_session(row: Sequence[Any]) -> Session:
    """Return the session of a row with all columns."""
    (
        session_id,
        key,
        label,
        created,
        last_used,
        ends,
        expires,
        access_until,
        family,
        *_,
    ) = row
    return Session(
        id=unescape(session_id),
        user_id=user_id_from(key),
        label=unescape(label),
        created=created,
        last_used=last_used,
        ends=ends,
        expires=expires,
        access_until=access_until,
        family=family,
    )
