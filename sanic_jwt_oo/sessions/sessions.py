"""The sessions of one installation: `auth.sessions`.

Applications use it to list and revoke sessions. `JWTAuth` uses it to start
sessions, swap refresh tokens and check access tokens for revocation.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from hmac import compare_digest
from typing import Any, TypeVar

from ..configuration import Configuration
from ..exceptions import SessionStoreUnavailable
from .evictions import EvictionLog
from .feed import RevocationFeed
from .model import LATEST, Cursor, Outcome, Page, Session, Swap, UserId
from .refresh_tokens import RefreshToken
from .store import SessionStore

_logger = logging.getLogger("sanic_jwt_oo")
_T = TypeVar("_T")

_SHUTDOWN_TIMEOUT = 10.0


class _LoopState:
    """How often `open` was called in an event loop, and its feed task."""

    def __init__(self) -> None:
        self.open_count = 0
        self.follower: asyncio.Task[None] | None = None


class Sessions:
    """The sessions of one installation and the operations on them.

    Every method that uses the store raises `SessionStoreUnavailable` if the
    store does not respond.

    Args:
        store: The session store.
        key: The key from which the successors of refresh tokens are derived.
        now: Returns the time, in seconds since the epoch.
        leeway: For how many seconds after `exp` an access token is accepted.

    Attributes:
        store: The session store.
        feed: The revocations that this process knows.
    """

    def __init__(
        self,
        store: SessionStore,
        key: bytes,
        now: Callable[[], float],
        leeway: float,
    ) -> None:
        self.store: SessionStore = store
        self.feed: RevocationFeed = RevocationFeed(store.staleness)
        self._key = key
        self._now = now
        self._leeway = leeway
        self._loops: dict[asyncio.AbstractEventLoop, _LoopState] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._evictions = EvictionLog()

    # --- called by applications ---------------------------------------------

    async def list(self, user_id: UserId) -> list[Session]:
        """Return all sessions of a user, the most recently used first.

        If `max_sessions` is `None` there may be very many; use `page`.
        """
        return await self.store.of_user(user_id, self._now())

    async def page(
        self, user_id: UserId, *, limit: int = 100, after: Cursor | None = None
    ) -> Page:
        """Return one page of a user's sessions, most recently used first.

        Args:
            user_id: The id of the user.
            limit: The size of the page; the `step` of the store caps it.
            after: `following` of the previous page; `None` for the first
                page.
        """
        limit = max(1, min(limit, self.store.step))
        return await self.store.page(user_id, self._now(), limit, after)

    async def get(self, session_id: str) -> Session | None:
        """Return a session, or `None` if it has ended or never existed."""
        return await self.store.get(session_id, self._now())

    async def revoke(self, session_id: str) -> bool:
        """End a session and revoke its access tokens.

        Returns:
            Whether there was a live session to end.
        """
        ended = await self.store.revoke(session_id, self._now())
        self.feed.add(ended)
        return bool(ended)

    async def revoke_all(
        self, user_id: UserId, *, but: str | None = None
    ) -> int:
        """End the sessions of a user and revoke their access tokens.

        The work continues even if the calling request is cancelled.

        Args:
            user_id: The id of the user.
            but: The id of a session to keep.

        Returns:
            The number of sessions that were ended.
        """

        async def work() -> int:
            ended = await self.store.revoke_all(user_id, self._now(), but=but)
            self.feed.add(ended)
            return len(ended)

        return await self.run_to_completion(work())

    async def revoke_everyone(self) -> int:
        """End all sessions of all users; see `JWTAuth.end_all_sessions`."""

        async def work() -> int:
            count = 0
            async for ended in self.store.revoke_everyone(self._now()):
                self.feed.add(ended)
                count += len(ended)
            _logger.warning("Ended all %d sessions of all users.", count)
            return count

        return await self.run_to_completion(work())

    async def revoke_token(self, payload: Mapping[str, Any]) -> None:
        """Revoke one access token; its session continues.

        Args:
            payload: The payload of the token. Without `exp` the revocation
                is kept for ever.

        Raises:
            ValueError: The payload has no `jti`, or an `exp` that is not a
                number.
        """
        token_id: Any = payload.get("jti")
        expires: Any = payload.get("exp", LATEST)
        # the application may have made the payload up
        if not isinstance(token_id, str) or type(expires) not in (int, float):
            raise ValueError(
                "A token without jti, or whose exp is not a number, cannot be "
                "revoked."
            )
        until = float(max(0, min(expires, LATEST))) + self._leeway
        session_id = payload.get("sid")
        if isinstance(session_id, str):
            # A route that accepts expired tokens must still find the
            # revocation, for as long as the session exists.
            session = await self.get(session_id)
            until = max(until, session.ends if session else 0)
        await self.store.revoke_token(token_id, until, self._now())
        self.feed.add({token_id: until})

    # --- called by JWTAuth --------------------------------------------------

    async def start(
        self,
        session_id: str,
        user_id: UserId,
        label: str,
        access_until: float,
        settings: Configuration,
        on_evicted: Callable[[Session], Awaitable[None] | None] = (
            lambda session: None
        ),
    ) -> str:
        """Start a session, and end the user's sessions over the limit.

        Args:
            session_id: A new session id.
            user_id: The id of the user who has logged in.
            label: A name by which the user recognizes the device.
            access_until: Until when the access token may be valid, leeway
                included, in seconds since the epoch.
            settings: The lifetimes of the session, and `max_sessions`.
            on_evicted: Called with each session that was ended because of
                `max_sessions`.

        Returns:
            The first refresh token of the session.
        """
        token = RefreshToken.first(session_id)
        now = self._now()
        ends = now + settings.session_lifetime
        session = Session(
            id=session_id,
            user_id=user_id,
            label=label,
            created=now,
            last_used=now,
            ends=ends,
            expires=min(
                ends, max(now + settings.session_idle_lifetime, access_until)
            ),
            access_until=access_until,
            family=token.family,
        )
        ended = await self.store.start(
            session, token.digest, settings.max_sessions
        )
        if ended:
            self.feed.add({one.id: one.access_until for one in ended})
            self._evictions.note(user_id, settings.max_sessions, now)
        for one in ended:
            sent = on_evicted(one)
            if sent is not None:
                await sent
        return token.text

    def _expires(self, access_until: float, settings: Configuration) -> float:
        """Return when a session expires if it is not refreshed again."""
        return max(self._now() + settings.session_idle_lifetime, access_until)

    async def find(self, presented: str) -> Session | None:
        """Return the session of a presented refresh token, if it is live."""
        token = RefreshToken.parse(presented)
        session = token and await self.get(token.session_id)
        if not (token and session):
            return None
        return (
            session if compare_digest(session.family, token.family) else None
        )

    async def swap(
        self,
        presented: str,
        session: Session,
        access_until: float,
        settings: Configuration,
    ) -> tuple[Outcome, str]:
        """Swap a refresh token for its successor.

        Args:
            presented: A token that `find` has accepted.
            session: The session that `find` returned.
            access_until: Until when the access token issued with the
                successor may be valid, leeway included, in seconds since
                the epoch.
            settings: The lifetimes of the session, and the grace window.

        Returns:
            The outcome and the successor. Send the successor to the client
            only if the outcome is `SWAPPED` or `AGAIN`.
        """
        token = RefreshToken(presented)
        successor = token.successor(self._key)
        outcome = await self.store.swap(
            Swap(
                session_id=session.id,
                family=token.family,
                presented=token.digest,
                successor=successor.digest,
                now=self._now(),
                grace=settings.refresh_token_grace,
                expires=self._expires(access_until, settings),
                access_until=access_until,
            )
        )
        if outcome is Outcome.REUSED:
            self.feed.add({session.id: session.access_until})
        return outcome, successor.text

    def is_revoked_locally(
        self,
        check: str,
        session_id: Any,
        token_id: Any,
        expires: float,
        now: float,
    ) -> bool | None:
        """Check an access token for revocation without querying the store.

        Args:
            check: The setting `revocation_check`.
            session_id: The claim `sid`, or `None`.
            token_id: The claim `jti`, or `None`.
            expires: The claim `exp`, in seconds since the epoch.
            now: The time, in seconds since the epoch.

        Returns:
            Whether the token is revoked; `None` if the store must be
            queried. A token without an id that the store could find counts
            as revoked.
        """
        for named in (session_id, token_id):
            if type(named) is not str and named is not None:
                return True
        unexpired = now - self._leeway < expires
        if session_id is None and (token_id is None or not unexpired):
            return True
        feed = self.feed
        # Not once exp has passed: the token may have been revoked with a
        # smaller leeway, after which the feed forgets it. Without exp it may
        # outlive its session, which the feed forgets as well.
        if check == "feed" and now < expires < math.inf and feed.is_current:
            return session_id in feed.revoked or token_id in feed.revoked
        return None

    async def is_revoked(
        self, session_id: str | None, token_id: str | None
    ) -> bool:
        """Query the store whether an access token is revoked."""
        return await self.store.is_revoked(session_id, token_id, self._now())

    async def open(self) -> None:
        """Open the store, and start to follow its revocations.

        The server starts even if the store is not available yet: requests
        and the feed try again. Each call of `open`, in any event loop, needs
        a call of `close`.
        """
        opened = self._state_of_loop()
        opened.open_count += 1
        try:
            await self.store.enter()
        except SessionStoreUnavailable as exc:
            _logger.warning(
                "The session store %r is not available yet (%s). Requests "
                "that need it receive a 503 until it is.",
                self.store,
                exc,
            )
        except BaseException:
            await self.close()
            raise
        if opened.open_count:
            self.follow()

    def follow(self) -> None:
        """Follow the store, if `open` has not: not all servers call it."""
        opened = self._state_of_loop()
        if opened.follower is None:
            opened.follower = asyncio.create_task(self.feed.follow(self.store))

    def _state_of_loop(self) -> _LoopState:
        for other in [*self._loops]:
            if other.is_closed():
                self._loops.pop(other, None)
        return self._loops.setdefault(asyncio.get_running_loop(), _LoopState())

    async def close(self) -> None:
        """Stop following the store, and close it.

        Calls of `revoke_all` and `revoke_everyone` in progress have a few
        seconds to complete. The store stays open while this or another
        application still uses it in this event loop. Extra calls do no harm.
        """
        loop = asyncio.get_running_loop()
        opened = self._loops.get(loop)
        if opened is None:
            if not self.store.in_use:
                await self.store.close()
            return
        opened.open_count -= 1
        try:
            if opened.open_count <= 0:
                del self._loops[loop]
                await self._await_background(loop)
                if opened.follower is not None:
                    await self.feed.end(opened.follower)
        finally:
            await self.store.leave()

    async def _await_background(self, loop: asyncio.AbstractEventLoop) -> None:
        pending = {
            task for task in self._background if task.get_loop() is loop
        }
        if pending:
            _, unfinished = await asyncio.wait(
                pending, timeout=_SHUTDOWN_TIMEOUT
            )
            for task in unfinished:
                task.cancel()

    async def run_to_completion(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Await work that must not stop when a page or WebSocket is closed."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return await asyncio.shield(task)
