"""What goes back to a client: bodies, cookies, errors and challenges.

An application overrides `Responses` as it overrides `Configuration`: nested
in its `JWTAuth` subclass or as a class of its own. Every method may be sync
or async, static or not, and names only the parameters it needs.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sanic import Request
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse, json

from .configuration import Configuration
from .exceptions import (
    SanicJWTException,
    Unauthorized,
)
from .hooks import hook
from .types import MaybeAwaitable

if TYPE_CHECKING:
    from .auth import JWTAuth

__all__ = [
    "Responses",
]

_logger = logging.getLogger("sanic_jwt_oo")

NO_STORE = {"Cache-Control": "no-store"}


class Responses:
    """The answers of one installation.

    Args:
        auth: The installation; also at hand as `self.auth`.
    """

    def __init__(self, auth: JWTAuth[Any]) -> None:
        self.auth = auth

    @property
    def config(self) -> Configuration:
        """The settings; with `Initialize`, their callable view."""
        return self.auth.config

    @property
    def instance(self) -> Any:
        """What the installation was made on."""
        return self.auth.instance

    def _settings(self, request: Request) -> Configuration:
        """Return the settings in force for a request."""
        return self.auth._sanic_jwt_oo.policies.in_force(request).settings

    @hook("request", "user", "config", "instance", by_position=0)
    async def get_access_token_output(
        self, request: Request, user: Any, config: Any, instance: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return an access token for `user`, and the body that carries it."""
        settings = self._settings(request)
        token = await self.auth.generate_access_token(user)
        if not settings._puts_tokens_in_body:
            return token, {}
        return token, {settings.access_token_name: token}

    @hook(
        "request",
        "access_token",
        "output",
        "config",
        "refresh_token",
        by_position=0,
    )
    def get_token_response(
        self,
        request: Request,
        access_token: str,
        output: dict[str, Any],
        config: Any,
        refresh_token: str | None = None,
    ) -> HTTPResponse:
        """Return the response that carries tokens, in cookies if need be.

        Raises:
            CookieTooLarge: A browser would drop one of the cookies.
        """
        response = json(output, headers=NO_STORE)
        self.auth._sanic_jwt_oo.cookies.write(
            response, request, access_token, refresh_token
        )
        return response

    @hook("request", "user", "access_token", "refresh_token", by_position=0)
    def extend_authenticate(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return what the answer to a log-in says besides the tokens.

        `(request, user, access_token, refresh_token)`
        """
        return {}

    @hook("request", "user", "payload", by_position=0)
    def extend_retrieve_user(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return what `/me` says besides the user.

        `(request, user, payload)`
        """
        return {}

    @hook("request", "user", "payload", by_position=0)
    def extend_verify(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return what `/verify` says besides the verdict.

        `(request, user, payload)`, where `user` is always `None`, and so is
        the payload of a token that is not good.
        """
        return {}

    @hook(
        "request",
        "user",
        "access_token",
        "refresh_token",
        "purported_token",
        "payload",
        by_position=0,
    )
    def extend_refresh(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return what the answer to a refresh says besides the token.

        `(request, user, access_token, refresh_token, purported_token,
        payload)`
        """
        return {}

    @hook("request", "exception", by_position=0)
    def exception_response(
        self, request: Request, exception: SanicException
    ) -> HTTPResponse:
        """Return the response for an error of this package."""
        headers = {**exception.headers, **NO_STORE}
        if isinstance(exception, SanicJWTException):
            reasons = self.reasons(request, exception)
            if "WWW-Authenticate" in headers:
                headers["WWW-Authenticate"] = self.challenge(
                    request, exception
                )
        else:
            reasons = [str(exception)]
            if exception.status_code == 401:
                headers["WWW-Authenticate"] = self.challenge(
                    request, Unauthorized()
                )
        if exception.status_code >= 500:
            traceback = None if exception.quiet else exception
            _logger.error("%s", exception, exc_info=traceback)
        return json(
            {"reasons": reasons, "exception": type(exception).__name__},
            status=exception.status_code,
            headers=headers,
        )

    def reasons(
        self, request: Request, exception: SanicJWTException
    ) -> list[str]:
        """Return the reasons that a client reads."""
        return exception.public_reasons(self._settings(request).debug)

    def challenge(self, request: Request, exception: SanicJWTException) -> str:
        """Return the `WWW-Authenticate` value; the realm is the app."""
        return exception.challenge(realm=request.app.name)
