"""For whom tokens are issued, and the tokens that were issued."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ..access import Policy
from ..sessions import Session, UserId
from ..sessions.model import new_session_id
from ..types import Request


class Grant:
    """The user, request and session that tokens are issued for.

    Args:
        user: The user.
        policy: The policy in force.
        request: The request, if there is one.
        session: The session that is refreshed.
        starts_session: Whether a session is started.

    Attributes:
        user: The user.
        policy: The policy in force.
        request: The request, if there is one.
        in_session: Whether the tokens belong to a session.
        session_id: Id of the session; that of a new one is empty until the
            id of its user is known.
        user_id: Id of the session's user.
        access_until: Until when an access token may be valid, leeway
            included, in seconds since the epoch.
        expires: `exp` of the access token, if it has one.
        ended: Whether everything was issued; a task that outlives the request
            issues tokens of no session.
    """

    __slots__ = (
        "access_until",
        "ended",
        "expires",
        "in_session",
        "policy",
        "request",
        "session_id",
        "user",
        "user_id",
    )

    def __init__(
        self,
        user: Any,
        policy: Policy,
        request: Request | None = None,
        *,
        session: Session | None = None,
        starts_session: bool = False,
    ) -> None:
        self.user: Any = user
        self.policy: Policy = policy
        self.request: Request | None = request
        self.in_session: bool = starts_session or session is not None
        self.session_id: str = session.id if session else ""
        self.user_id: UserId = session.user_id if session else ""
        self.access_until: float = 0
        self.expires: float | None = None
        self.ended: bool = False

    def name_session(self, user_id: UserId) -> str:
        """Return the id of the session; a new one gets a random id."""
        if not self.session_id:
            self.session_id, self.user_id = new_session_id(user_id), user_id
        return self.session_id


@dataclass(slots=True)
class Tokens:
    """The tokens that a login or a refresh issued.

    Attributes:
        access_token: The access token.
        refresh_token: The refresh token, if there are any.
        session_id: Id of the session, if there is a session store.
        expires_in: Seconds for which the access token is valid.
        user: The user.
        output: The body that contains the access token.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    session_id: str | None
    expires_in: int
    user: Any = field(repr=False)
    output: dict[str, Any] = field(repr=False)


_GRANT: ContextVar[tuple[object, Grant] | None] = ContextVar(
    "sanic_jwt_oo_grant", default=None
)


@contextmanager
def granting(owner: object, grant: Grant) -> Iterator[None]:
    """Let code of the application issue the access token of a grant.

    Such code calls `generate_access_token(user)`, which has no parameter for
    it; everywhere else a grant is passed along.
    """
    reset = _GRANT.set((owner, grant))
    try:
        yield
    finally:
        grant.ended = True
        _GRANT.reset(reset)


def grant_in_force(owner: object) -> Grant | None:
    """Return the grant of an installation whose token is being issued."""
    found = _GRANT.get()
    if found is None or found[0] is not owner or found[1].ended:
        return None
    return found[1]
