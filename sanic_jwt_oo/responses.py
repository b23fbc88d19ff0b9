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
from .exceptions import InvalidToken, SanicJWTException, Unauthorized
from .hooks import Hook
from .locations import CSRF_CLAIM, cookies, warn_of_dropped_cookies
from .tokens import CompactToken
from .types import MaybeAwaitable

if TYPE_CHECKING:
    from .auth import JWTAuth

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
    def config(self) -> Any:
        """The settings of the installation."""
        return self.auth.config

    @property
    def instance(self) -> Any:
        """What the installation was made on."""
        return self.auth.instance

    async def get_access_token_output(
        self, request: Request, user: Any, config: Any, instance: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return an access token for `user`, and the body that carries it."""
        settings = self.auth.settings(request)
        token = await self.auth.generate_access_token(user)
        if not self.tokens_in_body(request):
            return token, {}
        return token, {settings.access_token_name: token}

    def tokens_in_body(self, request: Request) -> bool:
        """Tell whether tokens stand in bodies (requirement C1)."""
        settings: Configuration = self.auth.settings(request)
        if settings.tokens_in_body is None:
            return not settings.cookie_set
        return settings.tokens_in_body

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
        settings = self.auth.settings(request)
        response = json(output, headers=NO_STORE)
        if settings.cookie_set:
            warn_of_dropped_cookies(request, settings)
            cookies.write_access_token(response, settings, access_token)
            if self.auth.binds_csrf(settings):
                _write_csrf_value(response, settings, access_token)
            if refresh_token is not None:
                cookies.write_refresh_token(
                    response,
                    settings,
                    refresh_token,
                    self.auth.refresh_cookie_path(request),
                )
        return response

    def extend_authenticate(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return what the answer to a log-in says besides the tokens.

        `(request, user, access_token, refresh_token)`
        """
        return {}

    def extend_retrieve_user(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return what `/me` says besides the user.

        `(request, user, payload)`
        """
        return {}

    def extend_verify(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return what `/verify` says besides the verdict.

        `(request, user, payload)`, where `user` is always `None`, and so is
        the payload of a token that is not good.
        """
        return {}

    def extend_refresh(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return what the answer to a refresh says besides the token.

        `(request, user, access_token, refresh_token, purported_token,
        payload)`
        """
        return {}

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
        return exception.public_reasons(self.auth.settings(request).debug)

    def challenge(self, request: Request, exception: SanicJWTException) -> str:
        """Return the `WWW-Authenticate` value; the realm is the app."""
        return exception.challenge(realm=request.app.name)


OFFERED: dict[str, tuple[str, ...]] = {
    "get_access_token_output": ("request", "user", "config", "instance"),
    "get_token_response": (
        "request",
        "access_token",
        "output",
        "config",
        "refresh_token",
    ),
    "extend_authenticate": (
        "request",
        "user",
        "access_token",
        "refresh_token",
    ),
    "extend_retrieve_user": ("request", "user", "payload"),
    "extend_verify": ("request", "user", "payload"),
    "extend_refresh": (
        "request",
        "user",
        "access_token",
        "refresh_token",
        "purported_token",
        "payload",
    ),
    "exception_response": ("request", "exception"),
}
"""What each method is offered that answers a request, in order."""


class ResponseHooks(dict[str, Hook]):
    """The methods of `Responses` by name, taken up when first asked for.

    Args:
        responses: The `Responses` of an installation.
    """

    def __init__(self, responses: Any) -> None:
        super().__init__()
        self._responses = responses

    def __missing__(self, name: str) -> Hook:
        hook = Hook(getattr(self._responses, name), OFFERED[name])
        self[name] = hook
        return hook


def _write_csrf_value(
    response: HTTPResponse, settings: Configuration, token: str
) -> None:
    """Put the CSRF value of the token that is being written beside it."""
    try:
        value = CompactToken(token).payload().get(CSRF_CLAIM)
    except InvalidToken:
        value = None
    if value and isinstance(value, str):
        cookies.write_csrf_value(response, settings, value)
    else:
        _logger.error(
            "The access token has no %s claim: with its cookie, no request "
            "can change anything.",
            CSRF_CLAIM,
        )
