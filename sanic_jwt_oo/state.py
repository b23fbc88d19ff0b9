"""What belongs to one request or one block of code, and where it lives.

Nothing about a request is kept anywhere but on `request.ctx`; overrides are
kept in a context variable, which other requests and tasks do not see and
which is put back when the block ends, however it ends (requirements S1, S2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from .sessions import Session, UserId, new_session_id
from .tokens import VerifiedToken
from .types import Payload, Request

if TYPE_CHECKING:
    from .installation import Installation
    from .request_codec import RequestCodec

STATE = "sanic_jwt_oo"
"""Where the state is on `request.ctx`."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class RouteSettings(dict[str, Any]):
    """What the decorators of a route change, the same for every request.

    Attributes:
        codec: The codec under these settings, once it was needed.
        base: The one it was derived from.
    """

    codec: RequestCodec
    base: RequestCodec | None = None


class _Override:
    """What one block overrides, inside what its outer blocks do.

    A task that was started in the block, and outlives it, holds a copy of
    the context; it no longer finds the override in force.

    Attributes:
        auth: The installation.
        changes: The settings; `None` for the block of a guard, which hides
            the settings of all other decorators (requirement X4).
        decorator: What tells the decorator that has made it from others;
            `None`: the application has made it.
        outer: The next outer override.
        ended: Whether the block is over.
    """

    __slots__ = ("auth", "changes", "decorator", "ended", "outer")

    def __init__(
        self,
        auth: Installation[Any],
        changes: Mapping[str, Any] | None,
        decorator: object,
        outer: _Override | None,
    ) -> None:
        self.auth = auth
        self.changes = changes
        self.decorator = decorator
        self.outer = outer
        self.ended = False

    def is_only(self, decorator: object) -> bool:
        """Tell whether a decorator's is the only override in force."""
        return self.outer is None and self.decorator is decorator


_OVERRIDE: ContextVar[_Override | None] = ContextVar(
    "sanic_jwt_oo_override", default=None
)
innermost_override: Callable[[], _Override | None] = _OVERRIDE.get
"""Returns the innermost override in force; `None`: nothing is overridden.

It is bound here, for every request asks.
"""


class RequestState:
    """What one installation knows of one request.

    Attributes:
        auth: The installation.
        in_charge: Whether it answers for the errors of the request.
        own: The codec under the settings of the request.
        overridden: The codec under `overrides` as well.
        overrides: The overrides that `overridden` was made for.
        verifier: The codec that verified `token`.
        token: The request's token; there is one once there is a verifier.
        payload: The claims of the token, as this request has them.
        guarded: Whether a protected route has asked about the request.
        userless: Whether `inject_user` has found no user for the token.
        session: The session whose refresh token the request presents.
        others: The states of other installations, under the `id` of each:
            a dataclass cannot be a key.
    """

    auth: Installation[Any]
    in_charge: bool = False
    own: RequestCodec | None = None
    overridden: RequestCodec | None = None
    overrides: Mapping[str, Any] = _NOTHING
    verifier: RequestCodec | None = None
    token: VerifiedToken
    payload: Payload | None = None
    guarded: bool = False
    userless: bool = False
    session: Session | None = None
    others: Mapping[Any, RequestState] = _NOTHING

    def claims(self) -> Payload:
        """Return the payload of the token, the one that is the request's."""
        if self.payload is None:
            self.payload = self.token.payload()
        return self.payload


def state_of(
    request: Request, auth: Installation[Any], in_charge: bool = False
) -> RequestState:
    """Return the state of `auth` on a request.

    Args:
        request: The request.
        auth: The installation.
        in_charge: Whether it answers for the request from here on.
    """
    ctx = request.ctx
    state: RequestState | None = getattr(ctx, STATE, None)
    if state is None:
        state = ctx.sanic_jwt_oo = RequestState()
        state.auth = auth
        state.verifier = None  # read soon, and quicker here than in the class
    elif state.auth is not auth:
        state = _other_state(ctx, state, auth, in_charge)
    if in_charge:
        state.in_charge = True
    return state


def _other_state(
    ctx: Any, first: RequestState, auth: Installation[Any], lead: bool
) -> RequestState:
    """Return a state that is not the first; make it that if it is to lead."""
    others = {**first.others, id(first.auth): first}
    state = others.pop(id(auth), None) or RequestState()
    state.auth = auth
    if lead:
        first.others, state.others = _NOTHING, others
        ctx.sanic_jwt_oo = state
    else:
        first.others = {**first.others, id(auth): state}
    return state


def in_charge(request: Request) -> Installation[Any] | None:
    """Return the installation that last dealt with a request."""
    state: RequestState | None = getattr(request.ctx, STATE, None)
    return state.auth if state is not None and state.in_charge else None


def overrides_of(auth: Installation[Any]) -> Mapping[str, Any]:
    """Return the settings that are overridden here and now."""
    changes = _NOTHING
    guard: _Override | None = None
    override = innermost_override()
    while override is not None:
        if override.auth is auth and not override.ended:
            decorator = override.decorator
            if override.changes is None:
                guard = guard or override
            elif (
                guard is None
                or decorator is None
                or decorator is guard.decorator
            ):
                inner = changes
                changes = override.changes
                if inner:
                    changes = {**changes, **inner}
        override = override.outer
    return changes


@contextmanager
def overriding(
    auth: Installation[Any],
    changes: Mapping[str, Any] | None,
    decorator: object = None,
) -> Iterator[None]:
    """Override settings of `auth` inside the block and nowhere else.

    Args:
        auth: The installation.
        changes: Settings that were checked; `None` hides those that other
            decorators than `decorator` override outside the block.
        decorator: Tells one decorator from others; `None`: it is none.
    """
    override = _Override(auth, changes, decorator, innermost_override())
    token = _OVERRIDE.set(override)
    try:
        yield
    finally:
        override.ended = True
        _OVERRIDE.reset(token)


class Issuing:
    """A block whose access tokens are issued to a user for one session.

    Args:
        auth: The installation that issues them.
        user: For whom; a token for somebody else is of no session.
        session: The session; by default a new one.

    Attributes:
        auth: The installation.
        user: The user.
        session_id: Id of the session; that of a new one is empty until its
            user is known.
        user_id: Whose it is.
        access_until: Until when the tokens may be good, leeway included.
        ended: Whether the block is over; a task that it started, and that
            outlives it, issues tokens of no session.
    """

    __slots__ = (
        "_reset",
        "access_until",
        "auth",
        "ended",
        "session_id",
        "user",
        "user_id",
    )

    def __init__(
        self,
        auth: Installation[Any],
        user: Any,
        session: Session | None = None,
    ) -> None:
        self.auth: Installation[Any] = auth
        self.user: Any = user
        self.session_id: str = session.id if session else ""
        self.user_id: UserId = session.user_id if session else ""
        self.access_until: float = 0
        self.ended: bool = False

    def __enter__(self) -> Self:
        self._reset = ISSUING.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        self.ended = True
        ISSUING.reset(self._reset)

    def name(self, user_id: UserId) -> str:
        """Return the id of the session; that of a new one is drawn here."""
        if not self.session_id:
            self.session_id, self.user_id = new_session_id(user_id), user_id
        return self.session_id


ISSUING: ContextVar[Issuing | None] = ContextVar(
    "sanic_jwt_oo_issuing", default=None
)
"""What access tokens are issued for here; `None`: for no session."""
