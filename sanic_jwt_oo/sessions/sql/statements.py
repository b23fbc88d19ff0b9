"""The operations that are one statement each, with named parameters.

SQLAlchemy compiles them once for a database. Whatever they cannot decide is
left to a transaction of `store`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Case,
    Column,
    ColumnElement,
    Delete,
    Double,
    Insert,
    Select,
    Text,
    Update,
    bindparam,
    case,
    delete,
    exists,
    insert,
    select,
    update,
)

from .schema import revocations, sessions

_columns = sessions.c


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=Text)


def _time(name: str) -> BindParameter[float]:
    return bindparam(name, type_=Double)


def _larger(
    one: ColumnElement[float], other: ColumnElement[float]
) -> Case[float]:
    return case((one > other, one), else_=other)


def _smaller(
    one: ColumnElement[float], other: ColumnElement[float]
) -> Case[float]:
    return case((one < other, one), else_=other)


_is_live = (_columns.id == _text("session_id")) & (
    _columns.expires > _time("now")
)

GET: Select[Any] = select(sessions).where(_is_live)
"""`session_id, now`: the row of a live session."""

CHECK: Any = select(
    exists().where(_is_live),
    exists().where(
        revocations.c.revoked_id == _text("token_id"),
        revocations.c.until > _time("now"),
    ),
)
"""`session_id, token_id, now`: whether a session is live, and whether an
access token was revoked."""

SWAP: Update = (
    update(sessions)
    .where(
        _is_live,
        _columns.family == _text("of_family"),
        _columns.token == _text("presented"),
    )
    .values(
        token=_text("successor"),
        predecessor=_text("presented"),
        swapped=_time("now"),
        last_used=_larger(_columns.last_used, _time("now")),
        access_until=_larger(_columns.access_until, _time("new_access_until")),
        expires=_smaller(
            _columns.ends,
            case(
                (
                    # a caller whose clock is behind shortens nothing
                    _columns.last_used > _time("now"),
                    _larger(_columns.expires, _time("new_expires")),
                ),
                else_=_time("new_expires"),
            ),
        ),
    )
)
"""`session_id, of_family, presented, successor, now, new_expires,
new_access_until`: replace a token that is current; see `SessionStore.swap`.

PostgreSQL waits for a transaction that has changed the row, and then looks at
the condition again.
"""

_names = [column.name for column in _columns if not column.nullable]
_values = select(
    *(bindparam(f"new_{n}", type_=_columns[n].type) for n in _names)
)
_over_limit = (
    select(_columns.id)
    .where(
        _columns.user_key == _text("new_user_key"),
        _columns.expires > _time("new_created"),
    )
    .offset(bindparam("others", type_=BigInteger))
)

START: Insert = insert(sessions).from_select(_names, _values)
"""A parameter `new_...` for each column of a new session: store it."""

START_WITHIN_LIMIT: Insert = insert(sessions).from_select(
    _names, _values.where(~_over_limit.exists())
)
"""The same, and `others`: store it, unless the user has more live sessions
than these."""


def _purge(key: Column[Any], expiry: Column[float]) -> Delete:
    is_expired = expiry <= _time("until")
    some = (
        select(key)
        .where(is_expired)
        .order_by(expiry)
        .limit(bindparam("most", type_=BigInteger))
        .with_for_update(skip_locked=True)
    )
    return delete(key.table).where(is_expired, key.in_(some))


PURGE: tuple[Delete, ...] = (
    _purge(_columns.id, _columns.expires),
    _purge(revocations.c.seq, revocations.c.until),
)
"""`until, most`: delete rows that expired before a time, the oldest first.

Rows that another transaction has locked are left to a later call.
"""
