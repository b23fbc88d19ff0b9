"""`SessionStore`: what a place to keep sessions in has to be able to do.

Write a subclass for a store that is not here. What has to be atomic is said
with each method; `tests/sessions/conformance.py` checks the rest of it.
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
    """Keeps sessions, and what has been revoked of them.

    All times are in seconds since the epoch and come from the caller, whose
    clock counts; the clocks of several machines have to agree to well within
    the grace window. A session whose `expires` has come is as good as gone,
    and goes away by itself some time later. Nothing that a store keeps is
    good for authentication: tokens reach it as SHA-256.

    A store that cannot answer, or has not answered in time, raises
    `SessionStoreUnavailable`, and works again without a restart once what it
    needs is back. It may be used by several event loops, one after another or
    at the same time. A method that is cancelled has done all or nothing.

    Attributes:
        shared: Whether other processes see the same sessions.
        staleness: The bound of the feed, in seconds; see `follow`.
        step: How many sessions are looked at or ended in one step, at most:
            in one query, transaction or script. No call keeps the others
            waiting for longer than a step takes, however many sessions a
            user has.
    """

    shared: bool = True
    staleness: float
    step: int = STEP

    async def open(self) -> None:  # noqa: B027
        """Prepare for use; called whenever an application starts.

        A store that is not reachable at that moment need not say so.
        """

    async def close(self) -> None:  # noqa: B027
        """Let go of the connections of the running event loop.

        Called when the last application stops that has opened the store in
        this loop. What is under way should end first, and the next use open
        new connections: an application may close a store by itself at any
        time.
        """

    async def enter(self) -> None:
        """Open the store for one more user in the running event loop."""
        loop = asyncio.get_running_loop()
        users = self._users()
        users[loop] = users.get(loop, 0) + 1
        await self.open()

    async def leave(self) -> None:
        """Close the store unless it has other users in this event loop.

        One `leave` belongs to each `enter`; another one does no harm.
        """
        loop = asyncio.get_running_loop()
        users = self._users()
        users[loop] = users.get(loop, 0) - 1
        if users[loop] <= 0:
            del users[loop]
            await self.close()

    @property
    def in_use(self) -> bool:
        """Whether somebody has entered, and not left, in this event loop."""
        return asyncio.get_running_loop() in self._users()

    def _users(self) -> WeakKeyDictionary[asyncio.AbstractEventLoop, int]:
        # a store of an application need not call our __init__
        users: WeakKeyDictionary[asyncio.AbstractEventLoop, int]
        users = vars(self).setdefault("_used_in", WeakKeyDictionary())
        return users

    @abstractmethod
    async def start(
        self, session: Session, token: str, max_sessions: int | None = None
    ) -> Sequence[Session]:
        """Keep a new session, and end those that are too many.

        If the user then has more living sessions than `max_sessions`, the
        least recently used of the others end, as `revoke` does it, in the
        same atomic step where the store can. One call ends `step` of them at
        most: where there are more, the log-ins that follow end the rest.
        Calls at the same time need not see each other's sessions, so that
        for a moment there may be as many too many as there were calls.

        Args:
            session: The session, whose id is new.
            token: SHA-256 of its first refresh token.
            max_sessions: How many living sessions the user may have, this
                one included: 1 or more; `None`: any number.

        Returns:
            The sessions that it has ended.
        """

    @abstractmethod
    async def get(self, session_id: str, now: float) -> Session | None:
        """Return a session unless it has expired or was revoked."""

    @abstractmethod
    async def swap(self, swap: Swap) -> Outcome:
        """Put a successor in the place of a refresh token, in one step.

        It is one atomic step with all that it looks at, and in this order:

        1. The session is not there, has expired, or its family is another
           one: `REFUSED`.
        2. The presented token is the present one: from now on the successor
           is, the presented one is its predecessor, and `expires` and, if
           they grow, `last_used` and `access_until` are set: `SWAPPED`.
        3. It is the predecessor, and `swap.is_within_grace` of the time it
           was swapped at: `last_used`, `expires` and `access_until` are set
           as before and the answer is `AGAIN` if the successor is the
           present token, and `REFUSED`, with nothing set, if it is not.
        4. Anything else: the session is revoked, as `revoke` does it:
           `REUSED`.

        `swap.now` was taken before this waited for anything, and on another
        machine perhaps: it may be earlier than that of a swap that came
        first. Then `swap.new_expiry` shortens nothing.
        """

    @abstractmethod
    async def page(
        self,
        user_id: UserId,
        now: float,
        limit: int,
        after: Cursor | None = None,
    ) -> Page:
        """Return some sessions of a user, the most recently used first.

        Sessions with the same `last_used` are in the descending order of
        their ids. A session that is used while somebody turns the pages
        moves to the front, and may be on no later page.

        Args:
            user_id: The user.
            now: The time.
            limit: How many sessions a page has at most: 1 up to `step`.
            after: Where the page begins; `None`: with the first session.
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
        """End a session, in one atomic step with telling the feed.

        Returns:
            The id and `access_until` of the session, or nothing if there is
            none.
        """

    @abstractmethod
    async def revoke_all(
        self, user_id: UserId, now: float, *, but: str | None = None
    ) -> Mapping[str, float]:
        """End all sessions of a user, but for one; as `revoke` does it.

        It ends them a `step` at a time, each an atomic step with telling the
        feed. Every session that there was when it began has ended when it
        returns, whatever was refreshed meanwhile; a session that is started
        at the same time either ends or begins after this. When it raises an
        error, some of them may have ended, and it is to be called again.
        """

    @abstractmethod
    def revoke_everyone(
        self, now: float
    ) -> AsyncIterator[Mapping[str, float]]:
        """End all sessions of all users, as `revoke_all` does it.

        Sessions that have expired by the clock of the caller, but perhaps
        not by that of others, end too.

        Yields:
            What each step has ended, as `revoke` returns it.
        """

    @abstractmethod
    async def revoke_token(
        self, token_id: str, until: float, now: float
    ) -> None:
        """Revoke one access token, and tell the feed in the same step.

        Args:
            token_id: Its `jti`.
            until: When it is not accepted any more in any case. If it was
                revoked before, the later time counts.
            now: The time.
        """

    @abstractmethod
    async def is_revoked(
        self, session_id: str | None, token_id: str | None, now: float
    ) -> bool:
        """Tell whether an access token was revoked.

        It was if it names a session that `get` would not return, or if its
        own id was given to `revoke_token`; each is only asked if there is
        one.
        """

    @abstractmethod
    async def follow(self, feed: RevocationFeed) -> None:
        """Tell a feed what is revoked, until this is cancelled or fails.

        First everything that matters at this time, then whatever comes. At
        least every `staleness` seconds, and better three times as often, the
        feed has to have it confirmed that it knows everything, or else it is
        not current.
        """
