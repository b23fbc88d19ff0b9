"""The sessions of one installation: `auth.sessions`.

An application lists and revokes sessions here; `JWTAuth` starts them, swaps
their refresh tokens and asks whether an access token was revoked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from hmac import compare_digest
from typing import Any

from ..configuration import Configuration
from ..exceptions import SessionStoreUnavailable
from .evictions import EvictionLog
from .feed import RevocationFeed
from .model import LATEST, Cursor, Outcome, Page, Session, Swap, UserId
from .refresh_tokens import RefreshToken
from .store import SessionStore

_logger = logging.getLogger("sanic_jwt_oo")

_PATIENCE = 10.0


class _Opened:
    """How often sessions are open in an event loop, and what follows there."""

    def __init__(self) -> None:
        self.times = 0
        self.following: asyncio.Task[None] | None = None


class Sessions:
    """What an installation does with its session store.

    Every method raises `SessionStoreUnavailable` if the store does not
    answer.

    Args:
        store: Where sessions are kept.
        key: What successors of refresh tokens are derived under.
        now: Returns the time, in seconds since the epoch.
        leeway: For how many seconds after `exp` an access token is good.

    Attributes:
        store: Where sessions are kept.
        feed: What this process knows of revocations.
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
        self._opened: dict[asyncio.AbstractEventLoop, _Opened] = {}
        self._ending: set[asyncio.Task[int]] = set()
        self._evictions = EvictionLog()

    # --- what an application calls ------------------------------------------

    async def list(self, user_id: UserId) -> list[Session]:
        """Return the sessions of a user, the most recently used first.

        A user may have any number of them where `max_sessions` is `None`;
        `page` returns a few.
        """
        return await self.store.of_user(user_id, self._now())

    async def page(
        self, user_id: UserId, *, limit: int = 100, after: Cursor | None = None
    ) -> Page:
        """Return some sessions of a user, the most recently used first.

        Args:
            user_id: The user.
            limit: How many at most; no more than the `step` of the store.
            after: `following` of the page before; `None`: the first page.
        """
        limit = max(1, min(limit, self.store.step))
        return await self.store.page(user_id, self._now(), limit, after)

    async def get(self, session_id: str) -> Session | None:
        """Return a session, or `None` if it has ended."""
        return await self.store.get(session_id, self._now())

    async def revoke(self, session_id: str) -> bool:
        """End a session, and with it its access tokens.

        Returns:
            Whether it had not ended before.
        """
        ended = await self.store.revoke(session_id, self._now())
        self.feed.add(ended)
        return bool(ended)

    async def revoke_all(
        self, user_id: UserId, *, but: str | None = None
    ) -> int:
        """End the sessions of a user.

        It goes on when the request that has called it is cancelled.

        Args:
            user_id: The user.
            but: The id of a session that goes on.

        Returns:
            How many have ended.
        """

        async def work() -> int:
            ended = await self.store.revoke_all(user_id, self._now(), but=but)
            self.feed.add(ended)
            return len(ended)

        return await self._to_the_end(work())

    async def revoke_everyone(self) -> int:
        """End all sessions of all users; see `JWTAuth.end_all_sessions`."""

        async def work() -> int:
            count = 0
            async for ended in self.store.revoke_everyone(self._now()):
                self.feed.add(ended)
                count += len(ended)
            _logger.warning("All %d sessions of all users were ended.", count)
            return count

        return await self._to_the_end(work())

    async def revoke_token(self, payload: Mapping[str, Any]) -> None:
        """Revoke one access token; its session goes on.

        Args:
            payload: The payload of the token.

        Raises:
            ValueError: It has no `jti` or no `exp`, and cannot be revoked.
        """
        token_id, expires = payload.get("jti"), payload.get("exp")
        if not isinstance(token_id, str) or expires is None:
            raise ValueError("A token without jti or exp cannot be revoked.")
        until = float(max(0, min(expires, LATEST))) + self._leeway
        session_id = payload.get("sid")
        if isinstance(session_id, str):
            # a route that takes expired tokens has to find it as long as
            # there is the session
            session = await self.get(session_id)
            until = max(until, session.ends if session else 0)
        await self.store.revoke_token(token_id, until, self._now())
        self.feed.add({token_id: until})

    # --- what JWTAuth calls -------------------------------------------------

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
        """Start a session, and end those of its user that are too many.

        Args:
            session_id: Its id, which is new.
            user_id: The user who has logged in.
            label: What the user knows the device by.
            access_until: Until when its access token may be good, leeway
                included.
            settings: How long it may last, and beside how many others.
            on_evicted: Called for each session that has ended.

        Returns:
            Its first refresh token.
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
            expires=min(ends, self._expires(access_until, settings)),
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
        """Return when a session ends that is not used from now on."""
        return max(self._now() + settings.session_idle_lifetime, access_until)

    async def find(self, presented: str) -> Session | None:
        """Return the session whose family a presented token is of."""
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
        """Swap a refresh token for its successor, and return that.

        Args:
            presented: A token that `find` has found.
            session: Its session.
            access_until: As for `start`, of the access token that goes with
                the successor.
            settings: How long the session may last.
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

    def judge(
        self,
        check: str,
        session_id: Any,
        token_id: Any,
        expires: float,
    ) -> bool | None:
        """Tell whether an access token is revoked, if that is known here.

        Args:
            check: The setting `revocation_check`.
            session_id: The claim `sid`, or `None`.
            token_id: The claim `jti`, or `None`.
            expires: The claim `exp`.

        Returns:
            `None` if the store has to be asked. A token that nobody can ask
            for is as good as revoked.
        """
        for named in (session_id, token_id):
            if not (named is None or isinstance(named, str)):
                return True
        now = self._now()
        lasting = now - self._leeway < expires
        if session_id is None and (token_id is None or not lasting):
            return True
        feed = self.feed
        # whoever revoked it may know another leeway, and the feed forgets
        # the token when that is over
        if check == "feed" and now < expires and feed.is_current:
            return session_id in feed.revoked or token_id in feed.revoked
        return None

    async def ask(self, session_id: str | None, token_id: str | None) -> bool:
        """Ask the store whether an access token is revoked."""
        return await self.store.is_revoked(session_id, token_id, self._now())

    async def open(self) -> None:
        """Make the store ready, and follow what it says is revoked.

        A store that cannot be reached yet keeps no server from starting: it
        is asked again with each request, and by the feed. An application may
        be started several times, in one event loop or in several; each time
        needs a `close`.
        """
        loop = asyncio.get_running_loop()
        for other in [*self._opened]:
            if other.is_closed():
                self._opened.pop(other, None)
        opened = self._opened.setdefault(loop, _Opened())
        opened.times += 1
        try:
            await self.store.enter()
        except SessionStoreUnavailable as exc:
            _logger.warning(
                "The session store %r is not there yet (%s); requests that "
                "need it are answered with 503 until it is.",
                self.store,
                exc,
            )
        except BaseException:
            await self.close()
            raise
        if opened.times and opened.following is None:
            opened.following = asyncio.create_task(
                self.feed.follow(self.store)
            )

    async def close(self) -> None:
        """Stop following the store, and let go of it.

        What ends many sessions has a moment to come to its end. Other users
        of the store in this event loop keep it, and so do other starts of
        this application. More calls than of `open` do no harm.
        """
        loop = asyncio.get_running_loop()
        opened = self._opened.get(loop)
        if opened is None:
            if not self.store.in_use:
                await self.store.close()
            return
        opened.times -= 1
        try:
            if not opened.times:
                del self._opened[loop]
                await self._finish(loop)
                if opened.following is not None:
                    await self.feed.end(opened.following)
        finally:
            await self.store.leave()

    async def _finish(self, loop: asyncio.AbstractEventLoop) -> None:
        ending = {task for task in self._ending if task.get_loop() is loop}
        if ending:
            _, unfinished = await asyncio.wait(ending, timeout=_PATIENCE)
            for task in unfinished:
                task.cancel()

    async def _to_the_end(self, work: Coroutine[Any, Any, int]) -> int:
        """Await work that has several steps, and does not stop half-way.

        Whoever logs out everywhere may close the page without waiting.
        """
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        return await asyncio.shield(task)
