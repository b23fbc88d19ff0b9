"""Makes the responses to a login and a refresh, with tokens or cookies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sanic.response import json

from ..access import Policies
from ..exceptions import InvalidConfiguration
from ..hooks import HookTable, resolve
from ..types import HTTPResponse, Request
from .grants import Tokens
from .refreshing import Refreshed
from .token_cookies import TokenCookies

NO_STORE = {"Cache-Control": "no-store"}


class Responder:
    """Makes the responses with the tokens of one installation.

    Args:
        auth: The object of the application's class.
        policies: The policies of the installation.
        response_hooks: The hooks of its `Responses`.
        cookies: Writes its cookies.
    """

    def __init__(
        self,
        auth: Any,
        policies: Policies,
        response_hooks: HookTable,
        cookies: TokenCookies,
    ) -> None:
        self._auth = auth
        self._policies = policies
        self._hooks = response_hooks
        self._cookies = cookies

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
        return Responder(self._auth, self._policies, hooks, self._cookies)

    def after_login(
        self,
        request: Request,
        tokens: Tokens,
        do_output: Callable[..., Awaitable[dict[str, Any]]] | None = None,
    ) -> Awaitable[HTTPResponse]:
        """Return the response to a login.

        Args:
            request: The request.
            tokens: The tokens that were issued.
            do_output: Returns the body, changed by the view.
        """
        return self._respond(
            request,
            tokens,
            do_output,
            "extend_authenticate",
            tokens.user,
            tokens.access_token,
            tokens.refresh_token,
        )

    def after_refresh(
        self,
        request: Request,
        refreshed: Refreshed,
        do_output: Callable[..., Awaitable[dict[str, Any]]] | None = None,
    ) -> Awaitable[HTTPResponse]:
        """Return the response to a refresh; see `after_login`."""
        tokens, presented, payload = refreshed
        return self._respond(
            request,
            tokens,
            do_output,
            "extend_refresh",
            tokens.user,
            tokens.access_token,
            tokens.refresh_token or presented,
            presented,
            payload,
        )

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
        do_output: Callable[..., Awaitable[dict[str, Any]]] | None,
        extension: str,
        *values: Any,
    ) -> HTTPResponse:
        output = tokens.output
        if self._hooks.is_overridden(extension):
            output.update(await self.extension(extension, request, *values))
        if do_output is not None:
            output = await do_output(output)
        if not self._hooks.is_overridden("get_token_response"):
            return self.token_response(
                request, tokens.access_token, output, tokens.refresh_token
            )
        response: HTTPResponse = await resolve(
            self._hooks["get_token_response"].direct(
                request,
                tokens.access_token,
                output,
                self._auth.config,
                tokens.refresh_token,
            )
        )
        return response

    def token_response(
        self,
        request: Request,
        access_token: str,
        output: dict[str, Any],
        refresh_token: str | None,
    ) -> HTTPResponse:
        """Return a response; see `Responses.get_token_response`."""
        response = json(output, headers=NO_STORE)
        policy = self._policies.in_force(request)
        if policy.settings.cookie_set:
            self._cookies.write(
                response, request, policy, access_token, refresh_token
            )
        return response
