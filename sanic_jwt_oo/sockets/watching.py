"""Closes open sockets whose token is over or whose session has ended.

One timer serves all sockets of an installation in an event loop, and no
socket has a task of its own. Revocations come from the feed of the session
store, whatever `revocation_check` says; only `never` does not close sockets.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from ..exceptions import SanicJWTException
from ..installation import Installation
from .closing import Closer
from .deadlines import Deadlines
from .opened import TRY_AGAIN_LATER, UNAUTHORIZED, OpenSocket

_logger = logging.getLogger("sanic_jwt_oo")

_PERIOD = 10.0
"""Seconds after which the timer fires at the latest: a clock may be set, and
a machine may sleep."""
_SHORTEST = 0.01
_READS = 8
"""How many sessions are read at the same time."""
_RETRY = 1.0
_UNKNOWN = 10.0
"""For how many seconds a session may be unknown that decides."""
_STEPS = 10


class SocketWatch:
    """The open sockets of one installation in one event loop.

    Args:
        installation: The installation.
    """

    def __init__(self, installation: Installation) -> None:
        steps = installation.steps
        self._now: Callable[[], float] = lambda: steps.now()
        self._sessions = installation.sessions
        self._closer = Closer(installation)
        self._loop = asyncio.get_running_loop()
        self._sockets: dict[int, OpenSocket] = {}
        self._by_id: dict[str, set[OpenSocket]] = {}
        self._deadlines: Deadlines[OpenSocket] = Deadlines()
        self._timer: asyncio.TimerHandle | None = None
        self._reading: set[asyncio.Task[None]] = set()
        self._listening_since = math.inf

    def __len__(self) -> int:
        return len(self._sockets)

    # --- opening and ending -------------------------------------------------

    def find(self, ws: Any) -> OpenSocket | None:
        """Return what is known about a socket that is open, if it is."""
        return self._sockets.get(id(ws))

    def add(self, socket: OpenSocket) -> None:
        """Watch a socket from now on."""
        self._sockets[id(socket.ws)] = socket
        try:
            self.renew(socket)
        except BaseException:
            self.remove(socket)
            raise

    def renew(self, socket: OpenSocket) -> None:
        """Begin anew with the token that the state of a socket now has."""
        self._unlist(socket)
        self._deadlines.set(socket, socket.begin(self._now()))
        if self._sessions is not None and socket.ids:
            self._listen()
            for revocable in socket.ids:
                self._by_id.setdefault(revocable, set()).add(socket)
            known = self._sessions.feed.revoked
            if any(map(known.__contains__, socket.ids)):
                self.close(socket, UNAUTHORIZED, "revoked")
        self._arm()

    def close(self, socket: OpenSocket, code: int, reason: str) -> None:
        """Close a socket soon; nothing opens it again."""
        self.remove(socket)
        self._closer.close(socket, code, reason)

    def remove(self, socket: OpenSocket) -> None:
        """Watch a socket no more."""
        if self._sockets.get(id(socket.ws)) is socket:
            del self._sockets[id(socket.ws)]
            self._deadlines.discard(socket)
            self._unlist(socket)
        if not self._sockets:
            self._disarm()

    async def end(self) -> None:
        """Finish what is being closed, after the last socket has ended."""
        for task in self._reading:
            task.cancel()
        await self._closer.end()

    def _unlist(self, socket: OpenSocket) -> None:
        for revocable in socket.ids:
            sockets = self._by_id.get(revocable, set())
            sockets.discard(socket)
            if not sockets:
                self._by_id.pop(revocable, None)

    # --- the timer ----------------------------------------------------------

    def check(self) -> None:
        """Close what is over; the timer calls this."""
        now, undecided = self._now(), list[OpenSocket]()
        for socket in self._deadlines.due(now):
            if socket.outlives_token and now < socket.latest:
                undecided.append(socket)
            else:
                self.close(socket, UNAUTHORIZED, "expired")
        if undecided:
            reading = asyncio.create_task(self._ask_sessions(undecided))
            self._reading.add(reading)
            reading.add_done_callback(self._reading.discard)
        self._check_feed()
        self._arm()

    def _wake(self) -> None:
        self._timer = None
        try:
            self.check()
        except Exception:
            _logger.exception("now() has raised an error; WebSockets wait.")
            self._set_timer(_RETRY)

    def _arm(self) -> None:
        """Have the timer fire when the next socket may be over."""
        earliest, delay = self._deadlines.earliest(), self._period()
        if earliest is not None:
            delay = min(delay, earliest - self._now())
        if self._sockets:
            self._set_timer(max(_SHORTEST, delay))

    def _set_timer(self, delay: float) -> None:
        moment = self._loop.time() + delay
        if self._timer is not None:
            if self._timer.when() <= moment:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(moment, self._wake)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._sessions is not None and self._listening_since < math.inf:
            self._sessions.feed.stop_listening(self._hear)
            self._listening_since = math.inf

    def _period(self) -> float:
        if not self._by_id or self._sessions is None:
            return _PERIOD
        staleness = self._sessions.feed.staleness
        late = self._feed_age() > 2 * staleness
        return min(_PERIOD, staleness / _STEPS if late else staleness)

    # --- revocations --------------------------------------------------------

    def _listen(self) -> None:
        if self._sessions is not None and self._listening_since == math.inf:
            self._sessions.follow()
            self._sessions.feed.listen(self._hear)
            self._listening_since = time.monotonic()

    def _hear(self, revoked: Mapping[str, float]) -> None:
        """Close the sockets of revoked ids; called in any thread."""
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            self._end_revoked(revoked)
            return
        try:
            self._loop.call_soon_threadsafe(self._end_revoked, {**revoked})
        except RuntimeError:  # the loop was closed with its sockets
            self._disarm()

    def _end_revoked(self, revoked: Mapping[str, float]) -> None:
        for revoked_id in self._by_id.keys() & revoked.keys():
            for socket in [*self._by_id.get(revoked_id, ())]:
                self.close(socket, UNAUTHORIZED, "revoked")

    def _feed_age(self) -> float:
        """Return for how many seconds revocations may be unknown."""
        if self._sessions is None:
            return 0
        known = max(self._sessions.feed.confirmed, self._listening_since)
        return time.monotonic() - known

    def _check_feed(self) -> None:
        """Close sockets whose revocation cannot be checked, little by little.

        A store that is away for less than two `staleness` closes none; after
        three, none is open. All of them at once would come back at once.
        """
        if self._sessions is None or not self._by_id:
            return
        staleness = self._sessions.feed.staleness
        age = self._feed_age()
        if not age > 2 * staleness:
            return
        revocable = [s for s in self._sockets.values() if s.ids]
        left = (3 * staleness - age) / (staleness / _STEPS)
        count = math.ceil(len(revocable) / max(1, left))
        for socket in islice(revocable, count):
            self.close(socket, TRY_AGAIN_LATER, "unavailable")

    # --- sessions that outlive their tokens ---------------------------------

    async def _ask_sessions(self, sockets: Iterable[OpenSocket]) -> None:
        """Set new deadlines for sockets, or close them; one read a session."""
        by_session: dict[Any, list[OpenSocket]] = {}
        for socket in sockets:
            by_session.setdefault(socket.session_id, []).append(socket)
        waiting = iter(by_session.items())

        async def work() -> None:
            for session_id, group in waiting:
                await self._ask_session(session_id, group)

        count = min(_READS, len(by_session))
        await asyncio.gather(*(work() for _ in range(count)))
        self._arm()

    async def _ask_session(
        self, session_id: str, sockets: list[OpenSocket]
    ) -> None:
        ends: float | None
        try:
            session = self._sessions and await self._sessions.get(session_id)
            ends = session.expires if session else -math.inf
        except SanicJWTException:
            ends = None
        except Exception:
            _logger.exception("The session of a WebSocket cannot be read.")
            ends = None
        for socket in sockets:
            if (
                self.find(socket.ws) is socket
                and socket not in self._deadlines  # it was not renewed
            ):
                self._decide(socket, ends, self._now())

    def _decide(
        self, socket: OpenSocket, ends: float | None, now: float
    ) -> None:
        """Give a socket until its session ends; `None` if that is unknown."""
        if ends is None:
            socket.unknown_since = socket.unknown_since or now
            if now - socket.unknown_since > _UNKNOWN:
                self.close(socket, TRY_AGAIN_LATER, "unavailable")
                return
            ends = now + _RETRY
        else:
            socket.unknown_since = None
        if ends <= now:
            self.close(socket, UNAUTHORIZED, "session_ended")
        else:
            self._deadlines.set(socket, min(ends, socket.latest))


def watch_of(installation: Installation) -> SocketWatch:
    """Return the sockets of an installation in the running event loop."""
    loop = asyncio.get_running_loop()
    watches = installation.watches
    found: SocketWatch | None = watches.get(loop)
    if found is None:
        for other in [*watches]:
            if other.is_closed():
                watches.pop(other, None)
        found = watches[loop] = SocketWatch(installation)
    return found


async def end_watches(app: Any, *_: Any) -> None:
    """End the watches of a server that has stopped; others may share them."""
    for installation in app.ctx.sanic_jwt_oo:
        loop = asyncio.get_running_loop()
        found = installation.watches.get(loop)
        if found is not None and not len(found):
            del installation.watches[loop]
            await found.end()


class watch:
    """Watch a socket while the application's handler runs in the block.

    If this closes the socket, the handler is cancelled, and the block ends
    without an error.
    """

    __slots__ = ("_socket",)

    def __init__(self, socket: OpenSocket) -> None:
        self._socket = socket

    async def __aenter__(self) -> None:
        watch_of(self._socket.installation).add(self._socket)

    async def __aexit__(
        self, kind: Any, error: BaseException | None, trace: Any
    ) -> bool:
        socket = self._socket
        handler, socket.handler = socket.handler, None
        watch_of(socket.installation).remove(socket)
        if socket.closed is None:
            return False
        await socket.closed
        if isinstance(error, asyncio.CancelledError):
            uncancel = getattr(handler, "uncancel", None)  # from 3.11
            if uncancel is not None:
                uncancel()
            return True
        return isinstance(error, SanicJWTException)
