"""`SessionStore`: the interface of a session store.

Subclass it to keep sessions elsewhere. Each method documents which steps must
be atomic; `tests/sessions/conformance.py` checks everything else.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from weakref import WeakKeyDictionary

from .feed import RevocationFeed
from .model import (
    STEP,
    Cursor,
    Outcome,
    Page,
    Session,
    Swap,
    UserId,
)


class SessionStore(ABC):
    """Keeps sessions and revocations.

    All times are in seconds since the epoch and come from the caller, whose
    clock decides; the clocks of several machines must agree to well within
    the grace window. A session is expired from its `expires` on, and is
    removed some time later. Nothing in a store can be used to authenticate:
    a store receives only the SHA-256 of a token.

    A store that cannot respond, or does not respond in time, raises
    `SessionStoreUnavailable`, and works again without a restart once its
    server is back. Several event loops may use it, one after another or at
    the same time. A cancelled method has done everything or nothing.

    Attributes:
        shared: Whether other processes see the same sessions.
        staleness: For how many seconds a feed stays current without a
            confirmation; see `follow`.
        step: The maximum number of sessions read or ended in one step: in
            one query, transaction or script. No call blocks the others for
            longer than one step, however many sessions a user has.
    """

    shared: bool = True
    staleness: float
    step: int = STEP

    async def open(self) -> None:  # noqa: B027
        """Prepare for use; called whenever an application starts.

        A store whose server is not reachable need not raise an error here.
        """

    async def close(self) -> None:  # noqa: B027
        """Close the connections of the running event loop.

        Called when the last application that opened the store in this loop
        stops. Operations in progress should complete first, and the next use
        should open new connections: an application may call this at any
        time.
        """

    async def enter(self) -> None:
        """Open the store for one more application in this event loop."""
        loop = asyncio.get_running_loop()
        users = self._users()
        users[loop] = users.get(loop, 0) + 1
        await self.open()

    async def leave(self) -> None:
        """Close the store unless others use it in this event loop.

        Call it once for each `enter`; an extra call does no harm.
        """
        loop = asyncio.get_running_loop()
        users = self._users()
        users[loop] = users.get(loop, 0) - 1
        if users[loop] <= 0:
            del users[loop]
            await self.close()

    @property
    def in_use(self) -> bool:
        """Whether an `enter` in this event loop still lacks its `leave`."""
        return asyncio.get_running_loop() in self._users()

    def _users(self) -> WeakKeyDictionary[asyncio.AbstractEventLoop, int]:
        # Not set in __init__: a subclass need not call ours.
        users: WeakKeyDictionary[asyncio.AbstractEventLoop, int]
        users = vars(self).setdefault("_used_in", WeakKeyDictionary())
        return users

    @abstractmethod
    async def start(
        self, session: Session, token: str, max_sessions: int | None = None
    ) -> Sequence[Session]:
        """Store a new session, and end the user's sessions over the limit.

        If the user then has more live sessions than `max_sessions`, the
        least recently used of the others are ended as in `revoke`, in the
        same atomic step if the store supports that. One call ends at most
        `step` sessions; later logins end the rest. Concurrent calls need not
        see each other's sessions, so the limit may briefly be exceeded by
        the number of such calls.

        Args:
            session: The session, with a new id.
            token: SHA-256 of its first refresh token, in hexadecimal.
            max_sessions: The maximum number of live sessions of the user,
                this one included, at least 1; `None` for no limit.

        Returns:
            The sessions that were ended.
        """

    @abstractmethod
    async def get(self, session_id: str, now: float) -> Session | None:
        """Return a session; `None` if it has expired or was revoked."""

    @abstractmethod
    async def swap(self, swap: Swap) -> Outcome:
        """Replace a refresh token by its successor.

        Everything it reads and writes is one atomic step. The first case
        that applies decides:

        1. The session does not exist, has expired, or has another family:
           return `REFUSED`.
        2. The presented token is current: make the successor current and the
           presented token its predecessor. Set `expires` to
           `swap.new_expiry`, and `last_used` and `access_until` if they
           grow. Return `SWAPPED`.
        3. The presented token is the predecessor, and `swap.is_within_grace`
           of the time of its swap. If the successor is current, set
           `last_used`, `expires` and `access_until` as in case 2 and return
           `AGAIN`; otherwise change nothing and return `REFUSED`.
        4. Otherwise, revoke the session as in `revoke` and return `REUSED`.

        `swap.now` was read before waiting for the store, perhaps on another
        machine: it may be earlier than that of the previous swap.
        `swap.new_expiry` does not shorten the session then.
        """

    @abstractmethod
    async def page(
        self,
        user_id: UserId,
        now: float,
        limit: int,
        after: Cursor | None = None,
    ) -> Page:
        """Return one page of a user's sessions, most recently used first.

        Sessions with the same `last_used` are in descending order of their
        ids. A session that is refreshed while a caller reads page after page
        moves to the front, and may then be on none of the remaining pages.

        Args:
            user_id: The id of the user.
            now: The time.
            limit: The size of the page, from 1 to `step`.
            after: Where the page begins; `None` for the first page.
        """

    async def of_user(self, user_id: UserId, now: float) -> list[Session]:
        """Return all sessions of a user, page by page; see `page`."""
        found: dict[str, Session] = {}
        after = None
        while True:
            page = await self.page(user_id, now, self.step, after)
            found.update((session.id, session) for session in page.sessions)
            after = page.following
            if after is None:
                return [*found.values()]

    @abstractmethod
    async def revoke(self, session_id: str, now: float) -> Mapping[str, float]:
        """End a session, and publish it to the feeds in one atomic step.

        Returns:
            The id of the session mapped to its `access_until`; empty if
            there is no live session.
        """

    @abstractmethod
    async def revoke_all(
        self, user_id: UserId, now: float, *, but: str | None = None
    ) -> Mapping[str, float]:
        """End all sessions of a user, except `but`.

        It ends up to `step` sessions at a time, and publishes each batch to
        the feeds in the same atomic step. When it returns, every session
        that existed when it began has ended, even if it was refreshed
        meanwhile; a session that is started at the same time may end or not.
        If it raises an error, some sessions may have ended; call it again.

        Returns:
            The ids of the ended sessions mapped to their `access_until`.
        """

    @abstractmethod
    def revoke_everyone(
        self, now: float
    ) -> AsyncIterator[Mapping[str, float]]:
        """End all sessions of all users, in batches as in `revoke_all`.

        This includes sessions that have just expired by the caller's clock:
        another clock may be behind.

        Yields:
            The ids of the sessions ended in each batch, mapped to their
            `access_until`.
        """

    @abstractmethod
    async def revoke_token(
        self, token_id: str, until: float, now: float
    ) -> None:
        """Revoke one access token, and publish it to the feeds atomically.

        Args:
            token_id: The claim `jti` of the token.
            until: When the token is no longer accepted anyway. If it was
                revoked before, the later time applies.
            now: The time.
        """

    @abstractmethod
    async def is_revoked(
        self, session_id: str | None, token_id: str | None, now: float
    ) -> bool:
        """Return whether an access token is revoked.

        It is if `get` would not return its session, or if `revoke_token` was
        called with its id.

        Args:
            session_id: The claim `sid`; `None` if the token has none.
            token_id: The claim `jti`; `None` if the token has none.
            now: The time.
        """

    @abstractmethod
    async def follow(self, feed: RevocationFeed) -> None:
        """Send revocations to a feed until this is cancelled or fails.

        Add all current revocations first, then new ones as they occur: also
        those of the last minutes whose `access_until` has passed, for a
        WebSocket may live longer than the tokens of its session. Call
        `feed.confirm` at least every `staleness` seconds, better three times
        as often: without it, the feed is not current.
        """
