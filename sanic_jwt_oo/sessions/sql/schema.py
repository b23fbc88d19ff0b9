"""The tables; `docs/reference/session-schema.md` shows them as DDL.

All times are in seconds since the epoch. Text from outside is stored with
`escape`, since PostgreSQL accepts neither NUL nor lone surrogates.
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
    # a hash index accepts ids of any length
    Index("jwt_sessions_user_key", "user_key", postgresql_using="hash"),
    Index("jwt_sessions_expires", "expires"),
)
"""The sessions, each with its current refresh token and the previous one."""

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
    # feeds rely on it that no number is used twice
    sqlite_autoincrement=True,
)
"""The log of revocations: ids of sessions and of access tokens."""


def escape(text: str) -> str:
    """Return a text as ASCII, escaped as in JSON."""
    return json.dumps(text)[1:-1]


def unescape(text: str) -> str:
    """Reverse `escape`."""
    return str(json.loads(f'"{text}"'))
