"""What belongs to one request or one block of code, and where it lives.

Nothing about a request is kept anywhere but on `request.ctx`; overrides are
kept in a context variable, which other requests and tasks do not see and
which is put back when the block ends, however it ends (requirements S1, S2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .tokens import TokenCodec
from .types import Payload

if TYPE_CHECKING:
    from sanic import Request

    from .installation import Installation

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Override:
    """What one block overrides, inside what its outer blocks do.

    A task that was started in the block, and outlives it, holds a copy of
    the context; it no longer finds the override in force.
    """

    __slots__ = ("auth", "changes", "ended", "outer")

    def __init__(
        self,
        auth: Installation[Any],
        changes: Mapping[str, Any],
        outer: _Override | None,
    ) -> None:
        self.auth = auth
        self.changes = changes
        self.outer = outer
        self.ended = False


_OVERRIDE: ContextVar[_Override | None] = ContextVar(
    "sanic_jwt_oo_override", default=None
)


class RequestState:
    """What one installation knows of one request.

    Attributes:
        own: The codec under the settings of the request.
        overridden: The codec under `overrides` as well.
        overrides: The overrides that `overridden` was made for.
        verifier: The codec that verified `payload`.
        payload: The claims of the request's token.
        guarded: Whether the route is protected, and the request was let in.
    """

    __slots__ = (
        "guarded",
        "overridden",
        "overrides",
        "own",
        "payload",
        "verifier",
    )

    def __init__(self) -> None:
        self.guarded: bool = False
        self.own: TokenCodec | None = None
        self.overridden: TokenCodec | None = None
        self.overrides: Mapping[str, Any] = _NOTHING
        self.verifier: TokenCodec | None = None
        self.payload: Payload | None = None


class _RequestStates(dict[Any, RequestState]):
    """The states of a request, and the installation that answers for it."""

    in_charge: Installation[Any] | None = None


def _states(request: Request) -> _RequestStates:
    try:
        states: _RequestStates = request.ctx.sanic_jwt_oo
    except AttributeError:
        states = request.ctx.sanic_jwt_oo = _RequestStates()
    return states


def state_of(request: Request, auth: Installation[Any]) -> RequestState:
    """Return the state of `auth` on a request."""
    states = _states(request)
    state = states.get(auth)
    if state is None:
        state = states[auth] = RequestState()
    return state


def put_in_charge(request: Request, auth: Installation[Any]) -> None:
    """Have the errors of a request answered by `auth`."""
    _states(request).in_charge = auth


def in_charge(request: Request) -> Installation[Any] | None:
    """Return the installation that last dealt with a request."""
    return _states(request).in_charge


def overrides_of(auth: Installation[Any]) -> Mapping[str, Any]:
    """Return the settings that are overridden here and now."""
    override = _OVERRIDE.get()
    if override is None:
        return _NOTHING
    changes: dict[str, Any] = {}
    while override is not None:
        if override.auth is auth and not override.ended:
            changes = {**override.changes, **changes}
        override = override.outer
    return changes


@contextmanager
def overriding(
    auth: Installation[Any], changes: Mapping[str, Any]
) -> Iterator[None]:
    """Override settings of `auth` inside the block and nowhere else."""
    override = _Override(auth, changes, _OVERRIDE.get())
    token = _OVERRIDE.set(override)
    try:
        yield
    finally:
        override.ended = True
        _OVERRIDE.reset(token)
