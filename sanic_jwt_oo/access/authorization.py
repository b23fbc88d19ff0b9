"""Compares the scopes of a token with those that a route requires."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from typing_extensions import Self

from ..exceptions import InvalidConfiguration, Unauthorized
from ..hooks import Callback, HookTable, StepTable, resolve
from ..runtime.logs import log_refusal
from ..tokens import held_scopes, named_scopes, scope_claim
from ..types import Payload, Request, RequiredScopes
from .gate import Gate
from .policies import Policies
from .scopes import match_scopes, parse
from .state import RequestState

_logger = logging.getLogger("sanic_jwt_oo")


class Required(NamedTuple):
    """The scopes that a route requires.

    Attributes:
        scopes: The scopes as the application wrote them.
        names: Their names; `None` if a callable returns them.
        require_all: Whether all are required, or any one of them.
        require_all_actions: Whether all actions of a scope are required.
    """

    scopes: RequiredScopes
    names: tuple[str, ...] | None
    require_all: bool
    require_all_actions: bool

    @classmethod
    def of(
        cls,
        scopes: RequiredScopes,
        require_all: bool,
        require_all_actions: bool,
    ) -> Self:
        """Return the scopes, with their names if they are known.

        Raises:
            InvalidConfiguration: A second scope stands outside of a list.
        """
        for flag in (require_all, require_all_actions):
            if not isinstance(flag, int | None):
                raise InvalidConfiguration(
                    f"{flag!r} is not a bool. Pass several scopes as a list."
                )
        names = None if callable(scopes) else named_scopes(scopes)
        return cls(scopes, names, require_all, require_all_actions)


class Authorizer:
    """Decides whether tokens grant the required scopes.

    Args:
        gate: Admits requests.
        policies: The policies of the installation.
        hooks: Its hooks.
        steps: Its overridden steps.
    """

    def __init__(
        self,
        gate: Gate,
        policies: Policies,
        hooks: HookTable,
        steps: StepTable,
    ) -> None:
        self._gate = gate
        self._policies = policies
        self._hooks = hooks
        self._steps = steps

    def allows(self, state: RequestState, required: Required) -> bool:
        """Return whether an admitted request certainly has the scopes.

        If it has not, or if the application decides, `authorize` has to.

        Args:
            state: What `Gate.recall` or `Gate.admit` has returned for it.
            required: The scopes.
        """
        names = required.names
        if names is None or self._hooks.overrides_any(
            "destructure_scopes", "override_scope_validator"
        ):
            return False
        if (
            state.policy is None
            or state.token.scopes is None
            or "held_scopes" in self._steps.own
        ):
            return False
        return match_scopes(
            names,
            state.token.scopes,
            required.require_all,
            required.require_all_actions,
        )

    async def authorize(
        self,
        request: Request,
        required: Required,
        route_parameters: Mapping[str, Any],
    ) -> None:
        """Refuse a request whose token does not grant the required scopes.

        Args:
            request: The request.
            required: The required scopes.
            route_parameters: Offered to a callable, with the request.

        Raises:
            Unauthorized: With status 403 (RFC 6750 section 3.1).
        """
        state = await self._gate.admitted(request)
        held = None if state is None else await self._held(request, state)
        scopes = required.scopes
        if callable(scopes):
            offered = {**route_parameters, "request": request}
            scopes = await Callback(scopes, ("request",), 1)(**offered)
        if self._hooks.is_overridden("destructure_scopes"):
            scopes = await self._hooks["destructure_scopes"](
                scopes=scopes, request=request
            )
        names = named_scopes(scopes)
        if names is None:
            _logger.error("%r is not a scope; refused.", scopes)
        elif held is not None and await self._granted(
            request, required, names, held
        ):
            return
        refusal = Unauthorized(
            "Invalid scope.",
            403,
            error="insufficient_scope",
            scope=names or (),
        )
        log_refusal(request, refusal)
        raise refusal

    def claimed(self, request: Request, payload: Payload) -> Any:
        """Return the claim with the scopes; see `Steps.held_scopes`."""
        settings = self._policies.in_force(request).settings
        return scope_claim(payload, settings._scope_claims)

    async def _held(
        self, request: Request, state: RequestState
    ) -> tuple[str, ...] | None:
        """Return the scopes that a token grants; `None`: none are valid."""
        own = self._steps.own.get("held_scopes")
        if own is None:
            return state.token.scopes
        held = await resolve(own(request, state.claims()))
        scopes = held_scopes([*held] if isinstance(held, tuple) else held)
        if scopes is None and held is not None:
            _logger.error(
                "held_scopes() returned %s, not a list of strings; refused.",
                type(held).__name__,
            )
        return scopes

    async def _granted(
        self,
        request: Request,
        required: Required,
        names: tuple[str, ...],
        held: tuple[str, ...],
    ) -> bool:
        require_all, all_actions = required[2:]
        own = self._hooks.is_overridden("override_scope_validator")
        if not (held and own):
            return match_scopes(names, held, require_all, all_actions)
        validate = self._hooks["override_scope_validator"]
        for scope in names:
            verdict = await validate(
                is_valid=match_scopes((scope,), held, True, all_actions),
                required=parse(scope),
                user_scopes=[parse(one) for one in held],
                require_all_actions=all_actions,
                request=request,
            )
            if bool(verdict) is not require_all:
                return bool(verdict)
        return require_all
