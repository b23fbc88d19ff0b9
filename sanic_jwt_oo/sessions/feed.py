"""What each worker process knows of revocations, to ask nobody about them.

A store tells a feed what was revoked, and up to which moment it has told
everything. A feed that has not heard so for longer than its bound is not
current; the store is asked then instead.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .model import SLACK

if TYPE_CHECKING:
    from .store import SessionStore

_logger = logging.getLogger("sanic_jwt_oo")

_MINIMUM_PURGE = 1_000
_LONGEST_PAUSE = 2.0


class RevocationFeed:
    """The ids of what is revoked while tokens of it may be good.

    Args:
        staleness: For how many seconds after the last word of the store a
            revocation that somebody else made may be unknown here; the bound
            on what `revocation_check = "feed"` accepts.

    Attributes:
        revoked: Until when each revoked id has to be known, in seconds since
            the epoch. Ids are those of sessions (`sid`) and tokens (`jti`).
    """

    def __init__(self, staleness: float) -> None:
        self.revoked: dict[str, float] = {}
        self.staleness: float = staleness
        self._current_until = -math.inf
        self._is_lost = False
        self._followers: set[asyncio.Task[Any] | None] = set()
        self._purge_at = _MINIMUM_PURGE

    def add(self, revoked: Mapping[str, float]) -> None:
        """Learn what has been revoked, and until when that matters."""
        for revoked_id, until in revoked.items():
            known = self.revoked.get(revoked_id, until)
            self.revoked[revoked_id] = max(known, until)
        if len(self.revoked) > self._purge_at:
            over = time.time() - SLACK
            self.revoked = {i: t for i, t in self.revoked.items() if t > over}
            self._purge_at = max(_MINIMUM_PURGE, 2 * len(self.revoked))

    def confirm(self, moment: float) -> None:
        """Learn that all is known that was revoked up to a moment.

        Args:
            moment: A `time.monotonic()` from before the store was asked;
                infinite for a store that tells a feed everything at once.
        """
        self._current_until = moment + self.staleness
        self._is_lost = False

    def lose(self) -> None:
        """Learn that the store is not heard any more."""
        self._current_until = -math.inf

    @property
    def is_current(self) -> bool:
        """Whether the bound on staleness holds."""
        return time.monotonic() < self._current_until

    async def follow(self, store: SessionStore) -> None:
        """Listen to a store until `end`; after an error, try again."""
        task = asyncio.current_task()
        self._followers.add(task)
        try:
            await self._follow(store, task)
        finally:
            self._followers.discard(task)

    async def _follow(
        self, store: SessionStore, task: asyncio.Task[Any] | None
    ) -> None:
        pause = 0.05
        while task in self._followers:
            started = time.monotonic()
            try:
                await store.follow(self)
            except Exception as exc:
                if task not in self._followers:
                    return
                if not self._is_lost:
                    _logger.warning(
                        "%s does not say what is revoked (%r). It is asked "
                        "with each request until it does.",
                        type(store).__name__,
                        exc.__cause__ or exc,
                    )
                self._is_lost = True
            self.lose()
            if time.monotonic() - started > _LONGEST_PAUSE:
                pause = 0.05
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def end(self, following: asyncio.Task[None]) -> None:
        """End the task that runs `follow`.

        A cancellation can be lost: the error of a connection that is being
        closed takes its place.
        """
        self._followers.discard(following)
        while not following.done():
            following.cancel()
            await asyncio.wait({following}, timeout=_LONGEST_PAUSE)
        if not self._followers:  # else another event loop goes on
            self.lose()
