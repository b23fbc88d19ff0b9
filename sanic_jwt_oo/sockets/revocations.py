"""Closes open sockets whose session or token is revoked.

Revocations come from the feed of the session store, whatever
`revocation_check` says; only `never` does not close sockets.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from itertools import islice

from ..sessions import Sessions
from .opened import TRY_AGAIN_LATER, UNAUTHORIZED, OpenSocket

_STEPS = 10


class Revocations:
    """The sockets that a revocation closes, in one event loop.

    Args:
        sessions: The sessions of the installation.
        close: Closes a socket, with a status code and a reason.
    """

    def __init__(
        self,
        sessions: Sessions,
        close: Callable[[OpenSocket, int, str], None],
    ) -> None:
        self._sessions = sessions
        self._feed = sessions.feed
        self._close = close
        self._loop = asyncio.get_running_loop()
        self._sockets: dict[str, set[OpenSocket]] = {}
        self._since = math.inf

    def add(self, socket: OpenSocket) -> None:
        """Close a socket when one of its ids is revoked, or at once."""
        if socket.ids and not self._sockets:
            self._sessions.follow()
            self._feed.listen(self._hear)
            self._since = time.monotonic()
        for revocable in socket.ids:
            self._sockets.setdefault(revocable, set()).add(socket)
        if any(map(self._feed.revoked.__contains__, socket.ids)):
            self._close(socket, UNAUTHORIZED, "revoked")

    def discard(self, socket: OpenSocket) -> None:
        """Let go of a socket."""
        for revocable in socket.ids:
            sockets = self._sockets.get(revocable, set())
            sockets.discard(socket)
            if not sockets:
                self._sockets.pop(revocable, None)
        if not self._sockets:
            self._feed.stop_listening(self._hear)

    @property
    def period(self) -> float:
        """Seconds until `check` has to be called again, at most."""
        staleness = self._feed.staleness
        if not self._sockets:
            return math.inf
        return staleness / _STEPS if self._lateness() > 0 else staleness

    def check(self) -> None:
        """Close sockets whose revocation cannot be checked, little by little.

        A store that is away for less than two `staleness` closes none; after
        three, none is open. All of them at once would come back at once.
        """
        lateness, staleness = self._lateness(), self._feed.staleness
        if not (self._sockets and lateness > 0):
            return
        sockets = dict.fromkeys(
            socket for found in self._sockets.values() for socket in found
        )
        steps_left = (1 - lateness / staleness) * _STEPS
        count = math.ceil(len(sockets) / max(1, steps_left))
        for socket in [*islice(sockets, count)]:
            self._close(socket, TRY_AGAIN_LATER, "unavailable")

    def _lateness(self) -> float:
        """Return for how long revocations have been unknown for too long."""
        known = max(self._feed.confirmed, self._since)
        return time.monotonic() - known - 2 * self._feed.staleness

    def _hear(self, revoked: Mapping[str, float]) -> None:
        """Close the sockets of revoked ids; called in any thread."""
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            self._end(revoked)
            return
        try:
            self._loop.call_soon_threadsafe(self._end, {**revoked})
        except RuntimeError:  # the loop was closed with its sockets
            self._feed.stop_listening(self._hear)

    def _end(self, revoked: Mapping[str, float]) -> None:
        for revoked_id in self._sockets.keys() & revoked.keys():
            for socket in [*self._sockets.get(revoked_id, ())]:
                self._close(socket, UNAUTHORIZED, "revoked")
