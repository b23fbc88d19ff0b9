"""Makes the responses to a login and a refresh, with tokens or cookies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ..access import Policies
from ..exceptions import InvalidConfiguration
from ..hooks import HookTable, is_awaitable, resolve
from ..types import HTTPResponse, Request
from .grants import Tokens
from .refreshing import Refreshed


class Responder:
    """Makes the responses with the tokens of one installation.

    Args:
        auth: The object of the application's class.
        policies: The policies of the installation.
        response_hooks: The hooks of its `Responses`.
    """

    def __init__(
        self, auth: Any, policies: Policies, response_hooks: HookTable
    ) -> None:
        self._auth = auth
        self._policies = policies
        self._hooks = response_hooks

    def with_hooks_of(self, responses: Any) -> Responder:
        """Return the responder of a view that has responses of its own.

        Raises:
            InvalidConfiguration: They override what no view calls.
        """
        hooks = HookTable(responses)
        if hooks.is_overridden("get_access_token_output"):
            raise InvalidConfiguration(
                f"{type(responses).__name__} overrides "
                "get_access_token_output(), which is never called for the "
                "responses of one view. Pass responses_class to Initialize."
            )
        return Responder(self._auth, self._policies, hooks)

    async def after_login(
        self,
        request: Request,
        tokens: Tokens,
        do_output: Callable[..., Awaitable[dict[str, Any]]] | None = None,
    ) -> HTTPResponse:
        """Return the response to a login.

        Args:
            request: The request.
            tokens: The tokens that were issued.
            do_output: Returns the body, changed by the view.
        """
        output = tokens.output
        if self._hooks.is_overridden("extend_authenticate"):
            output.update(
                await self.extension(
                    "extend_authenticate",
                    request,
                    tokens.user,
                    tokens.access_token,
                    tokens.refresh_token,
                )
            )
        return await self._respond(request, tokens, output, do_output)

    async def after_refresh(
        self,
        request: Request,
        refreshed: Refreshed,
        do_output: Callable[..., Awaitable[dict[str, Any]]] | None = None,
    ) -> HTTPResponse:
        """Return the response to a refresh; see `after_login`."""
        tokens, presented, payload = refreshed
        output = tokens.output
        output.update(
            await self.extension(
                "extend_refresh",
                request,
                tokens.user,
                tokens.access_token,
                tokens.refresh_token or presented,
                presented,
                payload,
            )
        )
        return await self._respond(request, tokens, output, do_output)

    async def extension(self, name: str, *values: Any) -> dict[str, Any]:
        """Return the fields that an `extend_...` adds to a body."""
        if not self._hooks.is_overridden(name):
            return {}
        added: dict[str, Any] = await resolve(
            self._hooks[name].direct(*values)
        )
        return added

    async def _respond(
        self,
        request: Request,
        tokens: Tokens,
        output: dict[str, Any],
        do_output: Callable[..., Awaitable[dict[str, Any]]] | None,
    ) -> HTTPResponse:
        auth = self._auth
        response: Any = self._hooks["get_token_response"].direct(
            request,
            tokens.access_token,
            await do_output(output) if do_output else output,
            auth.config,
            tokens.refresh_token,
        )
        # it is slow to find out that a response is not awaitable
        if not isinstance(response, HTTPResponse) and is_awaitable(response):
            response = await response
        made: HTTPResponse = response
        return made
