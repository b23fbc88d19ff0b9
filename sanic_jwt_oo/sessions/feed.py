"""A local copy of the revocations, one in each worker process.

A store adds revocations to a feed and confirms regularly that the feed is
complete. A feed without a recent confirmation is not current; the store is
queried instead.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from .model import SLACK

_logger = logging.getLogger("sanic_jwt_oo")

_MINIMUM_PURGE = 1_000
_MIN_BACKOFF = 0.05
_MAX_BACKOFF = 2.0

Listener: TypeAlias = Callable[[Mapping[str, float]], None]
"""Is called with revocations in the thread that adds them; never raises."""


class Followed(Protocol):
    """A session store, as far as a feed needs one."""

    async def follow(self, feed: RevocationFeed, /) -> None:
        """See `SessionStore.follow`."""


class RevocationFeed:
    """The revoked session and token ids, as long as they matter.

    Args:
        staleness: For how many seconds after the last confirmation the feed
            counts as current. With `revocation_check = "feed"`, a revocation
            made by another process takes effect within this time.

    Attributes:
        revoked: Maps each revoked id, the `sid` of a session or the `jti` of
            a token, to the time until which it must be known, in seconds
            since the epoch.
        confirmed: The latest moment, as of `time.monotonic()`, up to which
            every revocation is known. `lose` does not change it.
    """

    def __init__(self, staleness: float) -> None:
        self.revoked: dict[str, float] = {}
        self.staleness: float = staleness
        self.confirmed: float = -math.inf
        self._listeners: tuple[Listener, ...] = ()
        self._current_until = -math.inf
        self._failure_logged = False
        self._followers: set[asyncio.Task[Any] | None] = set()
        self._purge_at = _MINIMUM_PURGE

    def add(self, revoked: Mapping[str, float]) -> None:
        """Add revoked ids, with the time until which each must be known."""
        for revoked_id, until in revoked.items():
            known = self.revoked.get(revoked_id, until)
            self.revoked[revoked_id] = max(known, until)
        if len(self.revoked) > self._purge_at:
            cutoff = time.time() - SLACK
            self.revoked = {
                i: t for i, t in self.revoked.items() if t > cutoff
            }
            self._purge_at = max(_MINIMUM_PURGE, 2 * len(self.revoked))
        for listener in self._listeners:
            listener(revoked)

    def listen(self, listener: Listener) -> None:
        """Call a listener with the revocations that are added from now on."""
        self._listeners = (*self._listeners, listener)

    def stop_listening(self, listener: Listener) -> None:
        """Call a listener no more."""
        self._listeners = tuple(
            other for other in self._listeners if other != listener
        )

    def confirm(self, moment: float) -> None:
        """Confirm that every revocation up to a point in time was added.

        Args:
            moment: The value of `time.monotonic()` before the store was
                queried; infinity if the store adds every revocation at once.
        """
        self.confirmed = moment
        self._current_until = moment + self.staleness
        self._failure_logged = False

    def lose(self) -> None:
        """Mark the feed as not current: the store is no longer followed."""
        self._current_until = -math.inf

    @property
    def is_current(self) -> bool:
        """Whether the last confirmation is at most `staleness` seconds old."""
        return time.monotonic() < self._current_until

    async def follow(self, store: Followed) -> None:
        """Follow a store until `end` is called; retry after errors."""
        task = asyncio.current_task()
        self._followers.add(task)
        try:
            await self._follow(store, task)
        finally:
            self._followers.discard(task)

    async def _follow(
        self, store: Followed, task: asyncio.Task[Any] | None
    ) -> None:
        backoff = _MIN_BACKOFF
        while task in self._followers:
            started = time.monotonic()
            try:
                await store.follow(self)
            except Exception as exc:
                if task not in self._followers:
                    return
                if not self._failure_logged:
                    _logger.warning(
                        "Cannot follow the revocations of %s (%r). The store "
                        "is queried on each request until it recovers.",
                        type(store).__name__,
                        exc.__cause__ or exc,
                    )
                self._failure_logged = True
            self.lose()
            if time.monotonic() - started > _MAX_BACKOFF:
                backoff = _MIN_BACKOFF
            await asyncio.sleep(backoff)
            backoff = min(2 * backoff, _MAX_BACKOFF)

    async def end(self, following: asyncio.Task[None]) -> None:
        """Cancel the task that runs `follow`, and wait for it.

        One cancellation may not be enough: an error raised while a
        connection is closed can replace it.
        """
        self._followers.discard(following)
        while not following.done():
            following.cancel()
            await asyncio.wait({following}, timeout=_MAX_BACKOFF)
        if not self._followers:  # else another event loop still follows
            self.lose()
