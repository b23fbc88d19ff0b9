"""The data model: a session, and the swap of its refresh token."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import NamedTuple, TypeAlias
from uuid import UUID

UserId: TypeAlias = str | int | UUID
"""The id of a user; the integer 1 and the string `"1"` are two users."""

SHARDS = 64
"""The number of shards that user ids are divided into."""

SLACK = 60.0
"""How many seconds to keep expired entries: another clock may be behind."""

REVOKED_FOR = 2 * SLACK
"""For how many seconds stores publish that a session has ended, at least.

Its access tokens may have expired, and a WebSocket still be open.
"""

STEP = 250
"""The default limit of sessions ended in one step, or listed on one page."""

LATEST = 253_402_300_800
"""The year 10000, in seconds since the epoch; later times are capped."""

_SESSION_ID = re.compile("[0-9a-f]{34}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}\.[0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A login on one device, with one family of refresh tokens.

    All times are in seconds since the epoch.

    Attributes:
        id: The session id, also the claim `sid` of its access tokens. It is
            not a secret.
        user_id: The id of the user who logged in.
        label: A name by which the user recognizes the device.
        created: When the user logged in.
        last_used: When the session was last refreshed.
        ends: When the session ends, even if it is in use.
        expires: When the session ends unless it is refreshed; at most `ends`.
        access_until: Until when its access tokens may be valid, leeway
            included.
        family: SHA-256 of the prefix that all its refresh tokens share, in
            hexadecimal.
    """

    id: str
    user_id: UserId
    label: str
    created: float
    last_used: float
    ends: float
    expires: float
    access_until: float
    family: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A request to swap a presented refresh token for its successor.

    Tokens and the family are given as SHA-256, in hexadecimal. All times are
    in seconds since the epoch.

    Attributes:
        session_id: The id of the session.
        family: The family of the presented token; see `Session.family`.
        presented: The token that was presented.
        successor: The token that replaces it.
        now: When the token was presented.
        grace: For how many seconds after a swap the previous token is
            accepted again, in exchange for the same successor.
        expires: The new expiry of the session; `Session.ends` caps it.
        access_until: Until when the access token issued with the successor
            may be valid, leeway included.
    """

    session_id: str
    family: str
    presented: str
    successor: str
    now: float
    grace: float
    expires: float
    access_until: float

    def is_within_grace(self, swapped: float) -> bool:
        """Return whether a token swapped at `swapped` is within the grace.

        `now` was read before waiting for the store, perhaps on a machine
        whose clock is behind, so it may be earlier than `swapped`. It then
        counts as equal.
        """
        return self.grace > max(0, self.now - swapped)

    def new_expiry(
        self, last_used: float, expires: float, ends: float
    ) -> float:
        """Return when the session expires after this swap.

        A caller whose clock is behind never shortens the session.

        Args:
            last_used: `Session.last_used` before the swap.
            expires: `Session.expires` before the swap.
            ends: `Session.ends`.
        """
        if self.now < last_used:
            return min(ends, max(expires, self.expires))
        return min(ends, self.expires)


class Cursor(NamedTuple):
    """A position in the list of a user's sessions, after one of them.

    Its text is safe in a query string and contains no secret.

    Attributes:
        last_used: When that session was last used, in seconds since the
            epoch.
        session_id: The id of that session.
    """

    last_used: float
    session_id: str

    def __str__(self) -> str:
        return f"{float(self.last_used)!r}-{self.session_id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Parse the text of a cursor.

        Raises:
            ValueError: The text is not a cursor.
        """
        last_used, _, session_id = text.partition("-")
        if not (_TIMESTAMP.fullmatch(last_used) and is_session_id(session_id)):
            raise ValueError("This is not a cursor of a list of sessions.")
        return cls(float(last_used), session_id)


class Page(NamedTuple):
    """Some sessions of a user, the most recently used first.

    Attributes:
        sessions: The sessions; fewer than requested if some just ended.
        following: The cursor for the next page; `None` on the last page.
    """

    sessions: list[Session]
    following: Cursor | None


class Outcome(Enum):
    """The result of a `Swap`."""

    SWAPPED = "swapped"
    """The token was current and has been replaced by its successor."""
    AGAIN = "again"
    """The token was swapped within the grace window, and its successor is
    still current: the client receives the same successor again."""
    REUSED = "reused"
    """The token belongs to the family but was swapped before: the session
    has been revoked."""
    REFUSED = "refused"
    """There is no such session, or the token is not of its family, or has
    another successor. Nothing has changed."""


def shard_of(text: str) -> int:
    """Return the shard of a text: a number below `SHARDS`."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()[0] % SHARDS


def user_key(user_id: UserId) -> str:
    """Return the text under which stores keep a user id.

    A `UUID` is the same user as its text: tokens contain the text.

    Raises:
        TypeError: The id is not a `str`, `int` or `UUID`.
    """
    if isinstance(user_id, UUID):
        user_id = str(user_id)
    if not isinstance(user_id, (str, int)) or isinstance(user_id, bool):
        raise TypeError(
            f"The user id {user_id!r} is not a str, an int or a UUID."
        )
    return json.dumps(user_id)


def user_id_from(key: str) -> UserId:
    """Return the user id of a text made by `user_key`."""
    user_id: UserId = json.loads(key)
    return user_id


def new_session_id(user_id: UserId) -> str:
    """Return a new session id with 128 random bits.

    The first two hexadecimal digits are the shard of the user, so that a
    store can keep all sessions of one user in one shard.
    """
    return f"{shard_of(user_key(user_id)):02x}{secrets.token_hex(16)}"


def is_session_id(text: str) -> bool:
    """Return whether a text has the format of a session id."""
    return _SESSION_ID.fullmatch(text) is not None
