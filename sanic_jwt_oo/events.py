"""What happens to sessions and tokens, as the `on_...` hooks are told it.

Each event goes to the hook of its name and out as a Sanic signal,
`sanic_jwt_oo.auth.login` and so on, whose handler gets it as `event`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from .types import Request, SanicException

if TYPE_CHECKING:
    from .sessions import Session, UserId


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a request has brought about.

    Attributes:
        name: Name of the event.
        hook: Name of its hook: `on_` and the name.
        request: The request.
    """

    name: ClassVar[str]
    hook: ClassVar[str]
    request: Request

    def __init_subclass__(cls) -> None:
        cls.hook = f"on_{cls.name}"


@dataclass(frozen=True, slots=True)
class LoginEvent(Event):
    """A user has logged in.

    Attributes:
        user: The user, as `authenticate` returned it.
        session_id: The session that was started, if there is a store.
    """

    name: ClassVar[str] = "login"
    user: Any = field(repr=False)
    session_id: str | None


@dataclass(frozen=True, slots=True)
class LoginFailedEvent(Event):
    """Somebody has tried to log in, and could not.

    Attributes:
        error: What the client is told.
    """

    name: ClassVar[str] = "login_failed"
    error: SanicException


@dataclass(frozen=True, slots=True)
class RefreshEvent(Event):
    """An access token was issued for a refresh token.

    Attributes:
        user: The user, as `retrieve_user` returned it.
        session_id: The session, if there is a store.
    """

    name: ClassVar[str] = "refresh"
    user: Any = field(repr=False)
    session_id: str | None


@dataclass(frozen=True, slots=True)
class RefreshReusedEvent(Event):
    """A refresh token came a second time: somebody else may have it.

    Attributes:
        session: The session, which has been revoked.
    """

    name: ClassVar[str] = "refresh_reused"
    session: Session


@dataclass(frozen=True, slots=True)
class LogoutEvent(Event):
    """A user has ended sessions.

    Attributes:
        user_id: The user.
        session_id: The one session, or `None` if all of the user's ended.
    """

    name: ClassVar[str] = "logout"
    user_id: UserId
    session_id: str | None


@dataclass(frozen=True, slots=True)
class SessionEvictedEvent(Event):
    """A log-in has ended a session, as its user had `max_sessions` of them.

    Attributes:
        session: The session, which has been revoked: the least recently used
            one of the user.
    """

    name: ClassVar[str] = "session_evicted"
    session: Session


@dataclass(frozen=True, slots=True)
class TokenRejectedEvent(Event):
    """A request was refused for its token, or for having none.

    Attributes:
        error: What is wrong with it; the client is told less.
    """

    name: ClassVar[str] = "token_rejected"
    error: SanicException


EVENTS: tuple[type[Event], ...] = (
    LoginEvent,
    LoginFailedEvent,
    RefreshEvent,
    RefreshReusedEvent,
    LogoutEvent,
    SessionEvictedEvent,
    TokenRejectedEvent,
)
