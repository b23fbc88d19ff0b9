"""A session store in the memory of one process: for development and tests."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from heapq import nlargest, nsmallest
from itertools import islice
from weakref import WeakSet

from ..exceptions import InvalidConfiguration
from .feed import RevocationFeed
from .model import (
    SLACK,
    Cursor,
    Outcome,
    Page,
    Session,
    Swap,
    UserId,
    user_key,
)
from .store import SessionStore

_MINIMUM_PURGE = 1_000


@dataclass(slots=True)
class _Entry:
    """A session with its current refresh token and the previous one."""

    session: Session
    token: str
    predecessor: str | None = None
    swapped: float = -math.inf


class MemorySessionStore(SessionStore):
    """Keeps sessions in memory; they are lost when the process ends.

    Worker processes do not share them. Use this store for development, or
    for an application that runs in one process. When the store is full, the
    least recently used session is ended.

    Args:
        maximum: The number of sessions to keep.

    Raises:
        InvalidConfiguration: `maximum` is not positive.
    """

    shared: bool = False
    staleness: float = math.inf

    def __init__(self, maximum: int = 10_000) -> None:
        if not maximum > 0:
            raise InvalidConfiguration("maximum must be positive.")
        self._maximum = maximum
        self._entries: dict[str, _Entry] = {}
        self._of_user: dict[str, set[str]] = {}
        self._revoked: dict[str, float] = {}
        self._purge_at = _MINIMUM_PURGE
        self._feeds: WeakSet[RevocationFeed] = WeakSet()

    async def start(
        self, session: Session, token: str, max_sessions: int | None = None
    ) -> list[Session]:
        """Store a new session; see `SessionStore.start`."""
        self._purge(session.created)
        while len(self._entries) >= self._maximum:
            self._end(next(iter(self._entries)))
        key = user_key(session.user_id)
        ended = self._sessions_over_limit(key, max_sessions, session.created)
        for old in ended:
            self._end(old.id)
        self._entries[session.id] = _Entry(session, token)
        self._of_user.setdefault(key, set()).add(session.id)
        return ended

    def _sessions_over_limit(
        self, key: str, max_sessions: int | None, now: float
    ) -> list[Session]:
        """Return the sessions to end before the user starts another one."""
        owned = self._of_user.get(key, ())
        if max_sessions is None or len(owned) < max_sessions:
            return []
        live = self._live_sessions(key, now)
        surplus = len(live) - max_sessions + 1  # room for the new session
        return nsmallest(min(surplus, self.step), live, key=_cursor)

    async def get(self, session_id: str, now: float) -> Session | None:
        """Return a session; see `SessionStore.get`."""
        entry = self._live_entry(session_id, now)
        return None if entry is None else entry.session

    async def swap(self, swap: Swap) -> Outcome:
        """Swap a refresh token; see `SessionStore.swap`."""
        entry = self._live_entry(swap.session_id, swap.now)
        if entry is None or entry.session.family != swap.family:
            return Outcome.REFUSED
        if swap.presented == entry.token:
            outcome = Outcome.SWAPPED
            entry.predecessor, entry.token = swap.presented, swap.successor
            entry.swapped = swap.now
        elif swap.presented == entry.predecessor and swap.is_within_grace(
            entry.swapped
        ):
            if swap.successor != entry.token:
                return Outcome.REFUSED
            outcome = Outcome.AGAIN
        else:
            self._end(swap.session_id)
            return Outcome.REUSED
        session = entry.session
        entry.session = replace(
            session,
            last_used=max(session.last_used, swap.now),
            expires=swap.new_expiry(
                session.last_used, session.expires, session.ends
            ),
            access_until=max(session.access_until, swap.access_until),
        )
        # Keep the entries in order of use, least recently used first.
        self._entries[session.id] = self._entries.pop(session.id)
        return outcome

    async def page(
        self,
        user_id: UserId,
        now: float,
        limit: int,
        after: Cursor | None = None,
    ) -> Page:
        """Return some sessions of a user; see `SessionStore.page`."""
        sessions = [
            session
            for session in self._live_sessions(user_key(user_id), now)
            if after is None or _cursor(session) < after
        ]
        first = nlargest(limit, sessions, key=_cursor)
        more = len(sessions) > limit
        return Page(first, _cursor(first[-1]) if more else None)

    async def of_user(self, user_id: UserId, now: float) -> list[Session]:
        """Return all sessions of a user; see `SessionStore.of_user`."""
        live = self._live_sessions(user_key(user_id), now)
        return sorted(live, key=_cursor, reverse=True)

    async def revoke(self, session_id: str, now: float) -> Mapping[str, float]:
        """End a session; see `SessionStore.revoke`."""
        if self._live_entry(session_id, now) is None:
            return {}
        return self._end(session_id)

    async def revoke_all(
        self, user_id: UserId, now: float, *, but: str | None = None
    ) -> Mapping[str, float]:
        """End the sessions of a user; see `SessionStore.revoke_all`."""
        ended: dict[str, float] = {}
        owned = [s.id for s in self._live_sessions(user_key(user_id), now)]
        async for step in self._revoke(i for i in owned if i != but):
            ended.update(step)
        return ended

    def revoke_everyone(
        self, now: float
    ) -> AsyncIterator[Mapping[str, float]]:
        """End all sessions; see `SessionStore.revoke_everyone`."""
        return self._revoke([*self._entries])

    async def _revoke(
        self, session_ids: Iterable[str]
    ) -> AsyncIterator[Mapping[str, float]]:
        left = iter(session_ids)
        while ids := [*islice(left, self.step)]:
            ended: dict[str, float] = {}
            for session_id in ids:
                if session_id in self._entries:
                    ended.update(self._end(session_id))
            yield ended
            await asyncio.sleep(0)

    async def revoke_token(
        self, token_id: str, until: float, now: float
    ) -> None:
        """Revoke one access token; see `SessionStore.revoke_token`."""
        self._purge(now)
        self._publish({token_id: until})

    async def is_revoked(
        self, session_id: str | None, token_id: str | None, now: float
    ) -> bool:
        """Return whether a token is revoked; see `SessionStore.is_revoked`."""
        if (
            session_id is not None
            and self._live_entry(session_id, now) is None
        ):
            return True
        return token_id is not None and self._revoked.get(token_id, 0) > now

    async def follow(self, feed: RevocationFeed) -> None:
        """Send revocations to a feed; see `SessionStore.follow`."""
        self._feeds.add(feed)
        feed.add(self._revoked)
        feed.confirm(math.inf)
        await asyncio.Event().wait()

    def _live_entry(self, session_id: str, now: float) -> _Entry | None:
        entry = self._entries.get(session_id)
        return entry if entry and now < entry.session.expires else None

    def _live_sessions(self, key: str, now: float) -> list[Session]:
        """Return the live sessions of a user, in any order."""
        entries = [
            self._live_entry(i, now) for i in self._of_user.get(key, ())
        ]
        return [entry.session for entry in entries if entry is not None]

    def _end(self, session_id: str) -> Mapping[str, float]:
        session = self._remove(session_id)
        ended = {session_id: session.access_until}
        self._publish(ended)
        return ended

    def _remove(self, session_id: str) -> Session:
        session = self._entries.pop(session_id).session
        key = user_key(session.user_id)
        self._of_user[key].discard(session_id)
        if not self._of_user[key]:
            del self._of_user[key]
        return session

    def _publish(self, revoked: Mapping[str, float]) -> None:
        for revoked_id, until in revoked.items():
            known = self._revoked.get(revoked_id, until)
            self._revoked[revoked_id] = max(known, until)
        for feed in self._feeds:
            feed.add(revoked)

    def _purge(self, now: float) -> None:
        """Remove a few expired sessions and revocations."""
        for session_id in [*islice(self._entries, 10)]:
            if self._entries[session_id].session.expires <= now:
                self._remove(session_id)
        for revoked_id in [*islice(self._revoked, 10)]:
            if self._revoked[revoked_id] <= now - SLACK:
                del self._revoked[revoked_id]
        # The oldest few may be long-lived, with expired ones behind them.
        if len(self._revoked) > self._purge_at:
            self._revoked = {
                i: t for i, t in self._revoked.items() if t > now - SLACK
            }
            self._purge_at = max(_MINIMUM_PURGE, 2 * len(self._revoked))


def _cursor(session: Session) -> Cursor:
    return Cursor(session.last_used, session.id)
