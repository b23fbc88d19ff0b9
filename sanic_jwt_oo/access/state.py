"""What an installation knows about a request; stored on `request.ctx`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..sessions import Session
from ..tokens import CSRF_CLAIM, VerifiedToken
from ..types import Payload, Request
from .overrides import NOTHING
from .policy import Policy

STATE = "sanic_jwt_oo"
"""The attribute of `request.ctx`."""
NOTHING_FOUND = (None, None)
_NO_STATES: Mapping[int, RequestState] = MappingProxyType({})


class CustomToken(VerifiedToken):
    """The payload that an overridden `verify_token` has returned."""

    __slots__ = ("_payload",)

    def __init__(
        self, payload: Payload, scopes: tuple[str, ...] | None
    ) -> None:
        self._payload = payload
        self.scopes: tuple[str, ...] | None = scopes
        self.session_id: Any = payload.get("sid")
        self.token_id: Any = payload.get("jti")
        self.csrf: Any = payload.get(CSRF_CLAIM)
        expires: Any = payload.get("exp")
        number = isinstance(expires, (int, float))
        self.expires: float = expires if number else math.inf

    def payload(self) -> Payload:
        """Return a payload that is the caller's own."""
        copy: Payload = _copied(self._payload)
        return copy


class NoToken(CustomToken):
    """What a request has that the application accepts without a token."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__({}, None)


def _copied(value: Any) -> Any:
    """Return a copy of a JSON value; anything else in it stays the same."""
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    return [*map(_copied, value)] if isinstance(value, list) else value


class RequestState:
    """What one installation knows about one request.

    Attributes:
        owner: The installation.
        in_charge: Whether it responds to errors of the request.
        own: The policy under the settings of the request.
        overridden: The policy under `overrides` as well.
        overrides: The overrides that `overridden` was made for.
        policy: The policy under which `token` was accepted.
        token: The request's token, once there is a policy.
        found: What `Gate.recall` has found under a policy and leaves to the
            call that follows: a token and its payload, or an error.
        payload: The claims of the token; this request's own.
        guarded: Whether a protected route has checked the request.
        userless: Whether `inject_user` has found no user for the token.
        session: The session whose refresh token the request presents.
        renewed: The token that replaces that of the request, which opened a
            WebSocket.
        others: The states of other installations, under the `id` of each.
    """

    owner: object
    in_charge: bool = False
    own: Policy | None = None
    overridden: Policy | None = None
    overrides: Mapping[str, Any] = NOTHING
    policy: Policy | None = None
    token: VerifiedToken
    found: tuple[Policy | None, Any] = NOTHING_FOUND
    payload: Payload | None = None
    guarded: bool = False
    userless: bool = False
    session: Session | None = None
    renewed: str | None = None
    others: Mapping[int, RequestState] = _NO_STATES

    def accept(
        self,
        policy: Policy,
        token: VerifiedToken,
        payload: Payload | None = None,
    ) -> None:
        """Store a token that has passed every check, in one step.

        Args:
            policy: The policy under which it was checked.
            token: The token.
            payload: Its payload, if it was parsed; this request's own.
        """
        self.token, self.payload, self.policy = token, payload, policy

    def claims(self) -> Payload:
        """Return the payload of the token; it belongs to this request."""
        if self.payload is None:
            self.payload = self.token.payload()
        return self.payload


def state_of(
    request: Request, owner: object, in_charge: bool = False
) -> RequestState:
    """Return the state of an installation on a request.

    Args:
        request: The request.
        owner: The installation.
        in_charge: Whether it responds to errors of the request from here on.
    """
    ctx = request.ctx
    state: RequestState | None = getattr(ctx, STATE, None)
    if state is None:
        state = ctx.sanic_jwt_oo = RequestState()
        state.owner = owner
        state.policy = None  # read soon, and faster here than in the class
    elif state.owner is not owner:
        state = _other_state(ctx, state, owner, in_charge)
    if in_charge:
        state.in_charge = True
    return state


def _other_state(
    ctx: Any, first: RequestState, owner: object, lead: bool
) -> RequestState:
    """Return a state that is not the first; make it the first if `lead`."""
    others = {**first.others, id(first.owner): first}
    state = others.pop(id(owner), None) or RequestState()
    state.owner = owner
    if lead:
        first.others, state.others = _NO_STATES, others
        ctx.sanic_jwt_oo = state
    else:
        first.others = {**first.others, id(owner): state}
    return state


def in_charge(request: Request) -> Any:
    """Return the installation that last checked a request, or `None`."""
    state: RequestState | None = getattr(request.ctx, STATE, None)
    return state.owner if state is not None and state.in_charge else None
