"""The events that the `on_...` hooks receive.

Each event is also dispatched as a Sanic signal, such as
`sanic_jwt_oo.auth.login`, whose handlers receive it as the argument `event`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from .sessions import Session, UserId
from .types import Request, SanicException

__all__ = [
    "Event",
    "LoginEvent",
    "LoginFailedEvent",
    "LogoutEvent",
    "RefreshEvent",
    "RefreshReusedEvent",
    "SessionEvictedEvent",
    "SocketClosedEvent",
    "TokenRejectedEvent",
]


@dataclass(frozen=True, slots=True)
class Event:
    """The base class of events.

    Attributes:
        name: The name of the event.
        hook: The name of its hook: `on_` followed by the name.
        request: The request that caused the event. `None` only for a login,
            and the eviction that it causes, by `auth.issue_tokens(user)`
            without a request.
    """

    name: ClassVar[str]
    hook: ClassVar[str]
    request: Request | None

    def __init_subclass__(cls) -> None:
        cls.hook = f"on_{cls.name}"


@dataclass(frozen=True, slots=True)
class LoginEvent(Event):
    """A user has logged in.

    Attributes:
        user: The user, as returned by `authenticate`.
        session_id: The id of the new session; `None` without a session
            store.
    """

    name: ClassVar[str] = "login"
    user: Any = field(repr=False)
    session_id: str | None


@dataclass(frozen=True, slots=True)
class LoginFailedEvent(Event):
    """An attempt to log in has failed.

    Attributes:
        error: The error that is sent to the client.
    """

    name: ClassVar[str] = "login_failed"
    request: Request
    error: SanicException


@dataclass(frozen=True, slots=True)
class RefreshEvent(Event):
    """An access token was issued in exchange for a refresh token.

    Attributes:
        user: The user, as returned by `retrieve_user`.
        session_id: The id of the session; `None` without a session store.
    """

    name: ClassVar[str] = "refresh"
    request: Request
    user: Any = field(repr=False)
    session_id: str | None


@dataclass(frozen=True, slots=True)
class RefreshReusedEvent(Event):
    """A refresh token was used a second time: it may have been stolen.

    Attributes:
        session: The session, which has been revoked.
    """

    name: ClassVar[str] = "refresh_reused"
    request: Request
    session: Session


@dataclass(frozen=True, slots=True)
class LogoutEvent(Event):
    """A user has logged out of one or all sessions.

    Attributes:
        user_id: The id of the user.
        session_id: The id of the session; `None` if all were ended.
    """

    name: ClassVar[str] = "logout"
    request: Request
    user_id: UserId
    session_id: str | None


@dataclass(frozen=True, slots=True)
class SessionEvictedEvent(Event):
    """A login has ended the user's least recently used session.

    The user had reached `max_sessions`.

    Attributes:
        session: The session, which has been revoked.
    """

    name: ClassVar[str] = "session_evicted"
    session: Session


@dataclass(frozen=True, slots=True)
class SocketClosedEvent(Event):
    """An open WebSocket was closed because its access has ended.

    Not sent if the client, the handler or the end of the server closed it.

    Attributes:
        request: The request of its handshake.
        user_id: The id of the user; `None` if the token names none.
        session_id: The id of the session; `None` if the token has none.
        code: The status code that the client receives: 3000 if the token or
            session is over, 3003 if a renewed token lacks a scope, 1013 if
            revocation could not be checked.
        reason: The reason that the client receives, such as `expired`.
    """

    name: ClassVar[str] = "socket_closed"
    request: Request
    user_id: UserId | None
    session_id: str | None
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class TokenRejectedEvent(Event):
    """A request was refused because its token is missing or not valid.

    Attributes:
        error: The reason, in more detail than the client receives.
    """

    name: ClassVar[str] = "token_rejected"
    request: Request
    error: SanicException


EVENTS: tuple[type[Event], ...] = (
    LoginEvent,
    LoginFailedEvent,
    RefreshEvent,
    RefreshReusedEvent,
    LogoutEvent,
    SessionEvictedEvent,
    SocketClosedEvent,
    TokenRejectedEvent,
)
