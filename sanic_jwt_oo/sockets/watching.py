"""Closes open sockets whose token is over or whose session has ended.

One timer serves all sockets of an installation in an event loop, and no
socket has a task of its own.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Iterable
from typing import Any

from ..exceptions import SanicJWTException
from ..installation import Installation
from .closing import Closer
from .deadlines import Deadlines
from .opened import TRY_AGAIN_LATER, UNAUTHORIZED, OpenSocket
from .revocations import Revocations

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
        self._deadlines: Deadlines[OpenSocket] = Deadlines()
        self._timer: asyncio.TimerHandle | None = None
        self._reading: set[asyncio.Task[None]] = set()
        self._revocations: Revocations | None = None
        if self._sessions is not None:
            self._revocations = Revocations(self._sessions, self.close)

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
        now, revocations = self._now(), self._revocations
        if revocations is not None:
            revocations.discard(socket)
        self._deadlines.set(socket, socket.begin(now))
        if revocations is not None:
            revocations.add(socket)
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
            if self._revocations is not None:
                self._revocations.discard(socket)
        if not self._sockets:
            self._disarm()

    async def end(self) -> None:
        """Finish what is being closed, after the last socket has ended."""
        for task in self._reading:
            task.cancel()
        await self._closer.end()

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
        if self._revocations is not None:
            self._revocations.check()
        self._arm()

    def _wake(self) -> None:
        self._timer = None
        try:
            self.check()
        except Exception:
            _logger.exception("WebSockets could not be checked.")
            self._set_timer(_RETRY)

    def _arm(self) -> None:
        """Have the timer fire when the next socket may be over."""
        earliest, delay = self._deadlines.earliest(), _PERIOD
        if self._revocations is not None:
            delay = min(delay, self._revocations.period)
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
