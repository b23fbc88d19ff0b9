"""Sessions in the memory of one process: for development and tests."""

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
    """A session with its present token, and the one before that."""

    session: Session
    token: str
    predecessor: str | None = None
    swapped: float = -math.inf


class MemorySessionStore(SessionStore):
    """Keeps sessions in memory: they end with the process.

    No other worker process knows of them, so this is for development, or for
    an application of one process. When it is full, the session that nobody
    has used for the longest time ends.

    Args:
        maximum: How many sessions it keeps.

    Raises:
        InvalidConfiguration: It is to keep none.
    """

    shared: bool = False
    staleness: float = math.inf

    def __init__(self, maximum: int = 10_000) -> None:
        if not maximum > 0:
            raise InvalidConfiguration("The maximum has to be positive.")
        self._maximum = maximum
        self._entries: dict[str, _Entry] = {}
        self._of_user: dict[str, set[str]] = {}
        self._revoked: dict[str, float] = {}
        self._purge_at = _MINIMUM_PURGE
        self._feeds: WeakSet[RevocationFeed] = WeakSet()

    async def start(
        self, session: Session, token: str, max_sessions: int | None = None
    ) -> list[Session]:
        """Keep a new session; see `SessionStore.start`."""
        self._purge(session.created)
        while len(self._entries) >= self._maximum:
            self._end(next(iter(self._entries)))
        key = user_key(session.user_id)
        ended = self._surplus(key, max_sessions, session.created)
        for old in ended:
            self._end(old.id)
        self._entries[session.id] = _Entry(session, token)
        self._of_user.setdefault(key, set()).add(session.id)
        return ended

    def _surplus(
        self, key: str, max_sessions: int | None, now: float
    ) -> list[Session]:
        """Return what has to end before a user may start another session."""
        mine = self._of_user.get(key, ())
        if max_sessions is None or len(mine) < max_sessions:
            return []
        living = self._living_of(key, now)
        surplus = len(living) - max_sessions + 1
        return nsmallest(min(surplus, self.step), living, key=_place)

    async def get(self, session_id: str, now: float) -> Session | None:
        """Return a living session; see `SessionStore.get`."""
        entry = self._living(session_id, now)
        return None if entry is None else entry.session

    async def swap(self, swap: Swap) -> Outcome:
        """Swap a refresh token; see `SessionStore.swap`."""
        entry = self._living(swap.session_id, swap.now)
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
        # the least recently used one stays first
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
            for session in self._living_of(user_key(user_id), now)
            if after is None or _place(session) < after
        ]
        first = nlargest(limit, sessions, key=_place)
        more = len(sessions) > limit
        return Page(first, _place(first[-1]) if more else None)

    async def of_user(self, user_id: UserId, now: float) -> list[Session]:
        """Return all sessions of a user; see `SessionStore.of_user`."""
        living = self._living_of(user_key(user_id), now)
        return sorted(living, key=_place, reverse=True)

    async def revoke(self, session_id: str, now: float) -> Mapping[str, float]:
        """End a session; see `SessionStore.revoke`."""
        if self._living(session_id, now) is None:
            return {}
        return self._end(session_id)

    async def revoke_all(
        self, user_id: UserId, now: float, *, but: str | None = None
    ) -> Mapping[str, float]:
        """End the sessions of a user; see `SessionStore.revoke_all`."""
        ended: dict[str, float] = {}
        mine = [s.id for s in self._living_of(user_key(user_id), now)]
        async for step in self._revoke(i for i in mine if i != but):
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
        self._tell({token_id: until})

    async def is_revoked(
        self, session_id: str | None, token_id: str | None, now: float
    ) -> bool:
        """Tell whether a token is revoked; see `SessionStore.is_revoked`."""
        if session_id is not None and self._living(session_id, now) is None:
            return True
        return token_id is not None and self._revoked.get(token_id, 0) > now

    async def follow(self, feed: RevocationFeed) -> None:
        """Tell a feed everything, at once; see `SessionStore.follow`."""
        self._feeds.add(feed)
        feed.add(self._revoked)
        feed.confirm(math.inf)
        await asyncio.Event().wait()

    def _living(self, session_id: str, now: float) -> _Entry | None:
        entry = self._entries.get(session_id)
        return entry if entry and now < entry.session.expires else None

    def _living_of(self, key: str, now: float) -> list[Session]:
        """Return the sessions of a user, in any order."""
        entries = [self._living(i, now) for i in self._of_user.get(key, ())]
        return [entry.session for entry in entries if entry is not None]

    def _end(self, session_id: str) -> Mapping[str, float]:
        session = self._forget(session_id)
        ended = {session_id: session.access_until}
        self._tell(ended)
        return ended

    def _forget(self, session_id: str) -> Session:
        session = self._entries.pop(session_id).session
        key = user_key(session.user_id)
        self._of_user[key].discard(session_id)
        if not self._of_user[key]:
            del self._of_user[key]
        return session

    def _tell(self, revoked: Mapping[str, float]) -> None:
        for revoked_id, until in revoked.items():
            known = self._revoked.get(revoked_id, until)
            self._revoked[revoked_id] = max(known, until)
        for feed in self._feeds:
            feed.add(revoked)

    def _purge(self, now: float) -> None:
        """Let a few sessions and revocations go that are over."""
        for session_id in [*islice(self._entries, 10)]:
            if self._entries[session_id].session.expires <= now:
                self._forget(session_id)
        for revoked_id in [*islice(self._revoked, 10)]:
            if self._revoked[revoked_id] <= now - SLACK:
                del self._revoked[revoked_id]
        # those may be such as last, and all the others stand behind them
        if len(self._revoked) > self._purge_at:
            self._revoked = {
                i: t for i, t in self._revoked.items() if t > now - SLACK
            }
            self._purge_at = max(_MINIMUM_PURGE, 2 * len(self._revoked))


def _place(session: Session) -> Cursor:
    return Cursor(session.last_used, session.id)
