"""Finds the user of a request."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from ..exceptions import AuthenticationFailed, InvalidRequest, Unauthorized
from ..hooks import HookTable, StepTable, is_awaitable, resolve
from ..types import MaybeAwaitable, Payload, Request
from .gate import Gate
from .state import RequestState


class Users:
    """Finds the users of requests.

    Args:
        gate: Admits requests.
        hooks: The hooks of the installation.
        steps: Its overridden steps.
    """

    def __init__(self, gate: Gate, hooks: HookTable, steps: StepTable) -> None:
        self._gate = gate
        self._hooks = hooks
        self._steps = steps

    async def retrieve(self, request: Request, payload: Payload | None) -> Any:
        """Return what `retrieve_user` returns; see `Steps.find_user`."""
        if payload is None:
            return None
        return await resolve(
            self._hooks["retrieve_user"].direct(request, payload)
        )

    def named_by(
        self, request: Request, payload: Payload
    ) -> MaybeAwaitable[Any]:
        """Return the user that a verified payload names, or a falsy value."""
        find_user = self._steps.own.get("find_user")
        if find_user is not None:
            return find_user(request, payload)
        return self._hooks["retrieve_user"].direct(request, payload)

    def find(
        self,
        request: Request,
        injecting: bool = False,
        state: RequestState | None = None,
    ) -> MaybeAwaitable[Any]:
        """Return the user of a request, or `None` if there is none.

        Args:
            request: The request.
            injecting: Whether the handler receives the user; a guard that
                is checked later refuses the request if there is none.
            state: What a guard has found out about the request already.

        Raises:
            AuthenticationFailed: The route is protected, and the user that
                the token names does not exist.
        """
        if state is None or state.policy is None:
            state = self._gate.recall(request)
        if state is None:
            return self._admit_and_find(request, injecting)
        user = self.named_by(request, state.claims())
        if is_awaitable(user):
            return _find(user, state, injecting)
        return user or _no_user(state, injecting)

    async def require(self, request: Request) -> Any:
        """Return the user of a request, or refuse it.

        Raises:
            Unauthorized: There is no valid token, and `find_user` returns no
                user for that case.
            AuthenticationFailed: The user does not exist.
        """
        try:
            state = await self._gate.require_token(request)
        except (Unauthorized, InvalidRequest):
            find_user = self._steps.own.get("find_user")
            user = find_user and await resolve(find_user(request, None))
            if not user:
                raise
            return user
        user = await resolve(self.named_by(request, state.claims()))
        if not user:
            _no_user(state, True)  # a guard refuses the request later
            raise AuthenticationFailed()
        return user

    async def current(self, request: Request) -> Any:
        """Return the user of a request; see `JWTAuth.current_user`."""
        return await resolve(self.find(request))

    async def _admit_and_find(self, request: Request, injecting: bool) -> Any:
        state = await self._gate.admitted(request)
        if state is not None:
            user = self.named_by(request, state.claims())
            return await _find(user, state, injecting)
        find_user = self._steps.own.get("find_user")
        if find_user is None:
            return None
        return await resolve(find_user(request, None)) or None


async def _find(
    user: Awaitable[Any] | Any, state: RequestState, injecting: bool
) -> Any:
    return await resolve(user) or _no_user(state, injecting)


def _no_user(state: RequestState, injecting: bool) -> Any:
    """Return `None`, or refuse a request to a protected route."""
    if state.guarded:
        raise AuthenticationFailed()
    state.userless = state.userless or injecting
    return None
