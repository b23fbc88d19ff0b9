"""What a request may do: the scopes of its token, and those of a route."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from sanic import Request

from .admission import Admission
from .exceptions import Unauthorized
from .hooks import Hook
from .logs import log_refusal
from .scopes import match_scopes, named_scopes, parse
from .types import RequiredScopes, UserT

_logger = logging.getLogger("sanic_jwt_oo")


class Authorization(Admission[UserT]):
    """What an installation asks of the scopes of a token."""

    async def authorize(
        self,
        request: Request,
        scopes: RequiredScopes,
        *,
        require_all: bool = True,
        require_all_actions: bool = True,
        route_parameters: Mapping[str, Any] | None = None,
    ) -> None:
        """Refuse a request whose token does not grant `scopes`.

        Args:
            request: The request.
            scopes: One, several, or a callable that returns them.
            require_all: Whether each is needed, or any one.
            require_all_actions: Whether each action of a scope is needed.
            route_parameters: Offered to a callable besides the request.

        Raises:
            Unauthorized: With status 403 (RFC 6750 section 3.1).
        """
        state = self._known(request) or await self._admitted(request)
        held = None if state is None else state.token.scopes
        if callable(scopes) or "destructure_scopes" in self._written:
            offered = {**(route_parameters or {}), "request": request}
            scopes = await self._find_scopes(scopes, offered)
        required = named_scopes(scopes)
        if required is None:
            _logger.error("%r is no scope: refused.", scopes)
        elif held is not None:
            if held and "override_scope_validator" in self._written:
                granted = await self._validate(
                    required, held, require_all, require_all_actions
                )
            else:
                granted = match_scopes(
                    required, held, require_all, require_all_actions
                )
            if granted:
                return
        refusal = Unauthorized(
            "Invalid scope.",
            403,
            error="insufficient_scope",
            scope=required or (),
        )
        log_refusal(request, refusal)
        raise refusal

    def grants(
        self,
        request: Request,
        required: tuple[str, ...] | None,
        require_all: bool,
        require_all_actions: bool,
    ) -> bool:
        """Tell whether a token that was let in grants `required`, if so.

        If not, or if others have a say in it, `authorize` tells.
        """
        if required is None or not self._scopes_by_table:
            return False
        state = self._known(request)
        if state is None or state.token.scopes is None:
            return False
        return match_scopes(
            required, state.token.scopes, require_all, require_all_actions
        )

    async def _find_scopes(
        self, scopes: RequiredScopes, offered: Mapping[str, Any]
    ) -> Any:
        """Return what the application says the required scopes are."""
        if callable(scopes):
            scopes = await Hook(scopes, ("request",), 1)(**offered)
        return await self._hooks["destructure_scopes"](scopes=scopes)

    async def _validate(
        self,
        required: tuple[str, ...],
        held: tuple[str, ...],
        require_all: bool,
        all_actions: bool,
    ) -> bool:
        """Leave the last word on each scope to the application."""
        for scope in required:
            verdict = await self._hooks["override_scope_validator"](
                is_valid=match_scopes((scope,), held, True, all_actions),
                required=parse(scope),
                user_scopes=[parse(one) for one in held],
                require_all_actions=all_actions,
            )
            if bool(verdict) is not require_all:
                return bool(verdict)
        return require_all
