"""The tables; `docs/reference/session-schema.md` shows them as DDL.

All times are in seconds since the epoch. Texts that come from outside are
kept with `escape`, since PostgreSQL takes neither NUL nor lone surrogates.
"""

from __future__ import annotations

import json

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

metadata: MetaData = MetaData()

sessions: Table = Table(
    "jwt_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_key", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("last_used", Double, nullable=False),
    Column("ends", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("access_until", Double, nullable=False),
    Column("family", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("predecessor", Text),
    Column("swapped", Double),
    # a hash takes ids of any length
    Index("jwt_sessions_user_key", "user_key", postgresql_using="hash"),
    Index("jwt_sessions_expires", "expires"),
)
"""The living sessions, each with its present token and the one before."""

revocations: Table = Table(
    "jwt_revocations",
    metadata,
    Column(
        "seq",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("revoked_id", Text, nullable=False),
    Column("revoked", Double, nullable=False),
    Column("until", Double, nullable=False),
    Index("jwt_revocations_id", "revoked_id", postgresql_using="hash"),
    Index("jwt_revocations_until", "until"),
    # a number is never used twice: feeds go by it
    sqlite_autoincrement=True,
)
"""The log of what was revoked: ids of sessions and of access tokens."""


def escape(text: str) -> str:
    """Return a text as ASCII, by the rules of JSON."""
    return json.dumps(text)[1:-1]


def unescape(text: str) -> str:
    """Return the text that `escape` was given."""
    return str(json.loads(f'"{text}"'))
