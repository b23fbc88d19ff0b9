"""The cookies that carry tokens."""

from __future__ import annotations

import logging
import re
from typing import Any

from ..access import Policies, Policy
from ..configuration import Configuration
from ..exceptions import InvalidToken
from ..locations import cookies, warn_of_dropped_cookies
from ..runtime.sanic_internals import routes_of
from ..tokens import CSRF_CLAIM, CompactToken
from ..types import HTTPResponse, Request

_logger = logging.getLogger("sanic_jwt_oo")
_PARAMETER = re.compile(r"<(\w+)[^>]*>")


class TokenCookies:
    """Writes and deletes the cookies of one installation.

    Args:
        policies: Its policies.

    Attributes:
        refresh_view: The handler of its refresh endpoint, if it has one.
    """

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self.refresh_view: Any = None

    def write(
        self,
        response: HTTPResponse,
        request: Request,
        policy: Policy,
        access_token: str,
        refresh_token: str | None,
    ) -> None:
        """Write tokens to the cookies of a response.

        Raises:
            CookieTooLarge: A browser would drop one of the cookies.
        """
        settings = policy.settings
        warn_of_dropped_cookies(request, settings)
        cookies.write_access_token(response, settings, access_token)
        if policy.binds_csrf:
            _write_csrf_value(response, settings, access_token)
        if refresh_token is not None:
            path = self.refresh_path(request)
            cookies.write_refresh_token(
                response, settings, refresh_token, path
            )

    def delete(self, response: HTTPResponse, request: Request) -> None:
        """Delete the cookies, if they are on; see `JWTAuth.delete_cookies`."""
        policy = self._policies.in_force(request)
        if policy.settings.cookie_set:
            cookies.delete_all(
                response,
                policy.settings,
                self.refresh_path(request),
                csrf=policy.binds_csrf,
            )

    def refresh_path(self, request: Request) -> str:
        """Return the path of the refresh token's cookie for a request.

        By default it is the common prefix of the endpoints, so that only
        refresh and logout receive the cookie.
        """
        settings = self._policies.in_force(request).settings
        if settings.cookie_refresh_path:
            return settings.cookie_refresh_path
        for route in routes_of(request.app):
            if self.refresh_view is None:
                break
            if route.handler is not self.refresh_view:
                continue
            prefix = f"/{route.path}".rstrip("/")
            prefix = prefix.removesuffix(settings.path_to_refresh.rstrip("/"))
            path = _PARAMETER.sub(
                lambda found: str(request.match_info.get(found[1], "")), prefix
            )
            # a semicolon would end the path and begin another attribute
            return path.replace(";", "%3B") or "/"
        return "/"


def _write_csrf_value(
    response: HTTPResponse, settings: Configuration, token: str
) -> None:
    """Write the CSRF value of an access token to its cookie."""
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
