"""What a session is, and how its refresh token is swapped for the next."""

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
"""Id of a user; the number 1 and the text `"1"` are two users."""

SHARDS = 64
"""How many parts the ids of users fall into."""

SLACK = 60.0
"""How many seconds to keep what is over, for a clock that is behind."""

STEP = 250
"""How many sessions are ended in one step, or shown on one page, at most."""

LATEST = 253_402_300_800
"""The year 10000; what lasts longer is kept as if it lasted until then."""

_SESSION_ID = re.compile("[0-9a-f]{34}")
_MOMENT = re.compile(r"[0-9]{1,12}\.[0-9]{1,12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A log-in on one device, and the family of refresh tokens it has had.

    All times are in seconds since the epoch.

    Attributes:
        id: Names the session, in access tokens too (`sid`); no secret.
        user_id: The user who logged in.
        label: What the user knows the device by.
        created: When the user logged in.
        last_used: When it was last refreshed.
        ends: When it ends, however much it is used.
        expires: When it ends unless it is refreshed before; at most `ends`.
        access_until: Until when its access tokens may be good, leeway
            included.
        family: SHA-256 of what its refresh tokens have in common, in
            hexadecimal digits.
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
    """A refresh token that was presented, and the one to take its place.

    Tokens stand here as SHA-256, in hexadecimal digits.

    Attributes:
        session_id: The session.
        family: What the tokens of the family have in common.
        presented: The token that was presented.
        successor: The token that follows it.
        now: When it was presented, in seconds since the epoch.
        grace: For how many seconds its predecessor gets `successor` again.
        expires: When the session is to expire; its `ends`, if that is
            earlier.
        access_until: Until when the access token may be good that is issued
            with the successor.
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
        """Tell whether a predecessor swapped at `swapped` is in the window.

        `now` was taken before the store was waited for, perhaps on a machine
        whose clock is behind: a time before `swapped` counts as `swapped`.
        """
        return self.grace > max(0, self.now - swapped)

    def new_expiry(
        self, last_used: float, expires: float, ends: float
    ) -> float:
        """Return when the session expires after this swap.

        A caller whose clock is behind never shortens the session.

        Args:
            last_used: When the session was last used, up to now.
            expires: When it would have expired, up to now.
            ends: When it ends in any case.
        """
        if self.now < last_used:
            return min(ends, max(expires, self.expires))
        return min(ends, self.expires)


class Cursor(NamedTuple):
    """A place in the list of a user's sessions, right behind one of them.

    Its text is made for a query string, and names a session but no secret.

    Attributes:
        last_used: When that session was last used.
        session_id: Its id.
    """

    last_used: float
    session_id: str

    def __str__(self) -> str:
        return f"{float(self.last_used)!r}-{self.session_id}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Return the cursor of a text.

        Raises:
            ValueError: It is none.
        """
        last_used, _, session_id = text.partition("-")
        if not (_MOMENT.fullmatch(last_used) and is_session_id(session_id)):
            raise ValueError("This is no place in a list of sessions.")
        return cls(float(last_used), session_id)


class Page(NamedTuple):
    """Some sessions of a user, the most recently used first.

    Attributes:
        sessions: The sessions; fewer than asked for if some have just ended.
        following: Where the next page begins, if there may be one.
    """

    sessions: list[Session]
    following: Cursor | None


class Outcome(Enum):
    """What became of a `Swap`."""

    SWAPPED = "swapped"
    """The token was the present one; its successor is, from now on."""
    AGAIN = "again"
    """The token was swapped less than the grace window ago; the successor
    that it got then is the present one still."""
    REUSED = "reused"
    """The token is of the family and was swapped before: the session is
    revoked."""
    REFUSED = "refused"
    """There is no such session, or the token is none of its family, or has
    another successor; nothing has changed."""


def shard_of(text: str) -> int:
    """Return which of the `SHARDS` parts a text belongs to."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()[0] % SHARDS


def user_key(user_id: UserId) -> str:
    """Return the text that stores keep for the id of a user.

    A `UUID` is its text, as in a token.

    Raises:
        TypeError: It is neither text nor a whole number.
    """
    if isinstance(user_id, UUID):
        user_id = str(user_id)
    if not isinstance(user_id, (str, int)) or isinstance(user_id, bool):
        raise TypeError(f"The id of a user is {user_id!r}, no str or int.")
    return json.dumps(user_id)


def user_id_from(key: str) -> UserId:
    """Return the id that `user_key` made a text of."""
    user_id: UserId = json.loads(key)
    return user_id


def new_session_id(user_id: UserId) -> str:
    """Return an id with 128 random bits.

    Its first two hexadecimal digits are the shard of the user, so that a
    store may keep the sessions of one user in one place.
    """
    return f"{shard_of(user_key(user_id)):02x}{secrets.token_hex(16)}"


def is_session_id(text: str) -> bool:
    """Tell whether a text has the form of what `new_session_id` returns."""
    return _SESSION_ID.fullmatch(text) is not None
