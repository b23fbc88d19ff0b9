"""Cookies: access token, whole or split in two, refresh token, CSRF value.

Requirements C2 to C6. A split token is in two cookies: one with header and
payload, which scripts may read, and one with the signature, which they may
not.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from ..configuration import Configuration
from ..exceptions import (
    CookieTooLarge,
    InvalidRequest,
    MissingAuthorizationCookie,
    SanicJWTException,
)
from ..runtime.sanic_internals import cookie_values
from ..types import HTTPResponse, Request
from .base import (
    TokenKind,
    TokenLocation,
    missing_refresh_token,
    missing_status,
)
from .body import is_text

_logger = logging.getLogger("sanic_jwt_oo")

MAXIMUM_BYTES = 4096
"""The size of the largest cookie that browsers keep (RFC 6265 6.1)."""


class _Cookie(NamedTuple):
    """A cookie that is written here, with its attributes."""

    name: str
    path: str
    same_site: str | None
    httponly: bool


class CookieLocation(TokenLocation):
    """Cookies, whose names are settings.

    Attributes:
        only_name: The name of an access token's cookie, unless it is split.
    """

    def __init__(self, settings: Configuration, kind: TokenKind) -> None:
        super().__init__(settings, kind)
        self._name = (
            access_cookie_name(settings)
            if kind == "access"
            else refresh_cookie_name(settings)
        )
        self._signature: str | None = None
        if kind == "access" and settings.cookie_split:
            self._signature = signature_cookie_name(settings)
        # that of a refresh token may be no UTF-8
        whole = kind == "access" and self._signature is None
        self.only_name: str | None = self._name if whole else None

    def read(self, request: Request) -> list[str]:
        """Return the cookies with the exact name, joined if they are split.

        Raises:
            InvalidRequest: A refresh token is not UTF-8.
        """
        tokens = cookie_values(request, self._name)
        if self._kind == "refresh" and not is_text(tokens):
            raise InvalidRequest("The refresh cookie is not UTF-8.")
        if self._signature is None:
            return tokens
        signatures = cookie_values(request, self._signature) or [""]
        last, final = len(tokens) - 1, len(signatures) - 1
        return [
            f"{tokens[min(i, last)]}.{signatures[min(i, final)]}"
            for i in range(max(last, final) + 1 if tokens else 0)
        ]

    def missing(self, request: Request) -> SanicJWTException:
        """Return the error for a request without the cookie."""
        reason = None
        if self._kind == "refresh":
            reason = missing_refresh_token(f"the cookie `{self._name}`")
        return MissingAuthorizationCookie(reason, missing_status(self._kind))


def access_cookie_name(settings: Configuration) -> str:
    """Return the full name of the access token's cookie."""
    return _prefixed(settings, settings.cookie_access_token_name)


def signature_cookie_name(settings: Configuration) -> str:
    """Return the full name of the signature's cookie."""
    return _prefixed(settings, settings.cookie_split_signature_name)


def refresh_cookie_name(settings: Configuration) -> str:
    """Return the full name of the refresh token's cookie.

    It has a path, which the `__Host-` prefix does not allow.
    """
    return settings.cookie_refresh_token_name


def csrf_cookie_name(settings: Configuration) -> str:
    """Return the full name of the CSRF value's cookie."""
    return _prefixed(settings, settings.csrf_cookie_name)


def write_access_token(
    response: HTTPResponse, settings: Configuration, token: str
) -> None:
    """Write an access token to the cookies of a response.

    Raises:
        CookieTooLarge: Browsers would drop the cookie.
    """
    cookie, signature = _access_cookies(settings)
    if signature is None:
        _write(response, settings, cookie, token)
        return
    readable, _, secret = token.rpartition(".")
    _write(response, settings, cookie, readable)
    _write(response, settings, signature, secret)


def write_refresh_token(
    response: HTTPResponse, settings: Configuration, token: str, path: str
) -> None:
    """Write a refresh token to a cookie that is sent to `path` only.

    Raises:
        CookieTooLarge: Browsers would drop the cookie.
    """
    _write(response, settings, _refresh_cookie(settings, path), token)


def write_csrf_value(
    response: HTTPResponse, settings: Configuration, value: str
) -> None:
    """Write a CSRF value to a cookie that scripts may read."""
    _write(response, settings, _csrf_cookie(settings), value)


def delete_all(
    response: HTTPResponse,
    settings: Configuration,
    refresh_path: str,
    *,
    csrf: bool,
) -> None:
    """Delete the cookies that are written here.

    A browser deletes a cookie of the same name, path and domain. It ignores
    a `Set-Cookie` without the attributes that the cookie has: without
    `Secure`, and in a response to a request of another site without
    `SameSite=None` (RFC 6265bis section 5.7).

    Args:
        response: The response that deletes them.
        settings: The settings under which they were written.
        refresh_path: The path of the refresh token's cookie.
        csrf: Whether there is a cookie with a CSRF value.
    """
    cookies = [*filter(None, _access_cookies(settings))]
    if csrf:
        cookies.append(_csrf_cookie(settings))
    if settings.refresh_token_enabled:
        cookies.append(_refresh_cookie(settings, refresh_path))
    for cookie in cookies:
        _add(response, settings, cookie, "", max_age=0)


def _prefixed(settings: Configuration, name: str) -> str:
    if (
        settings.cookie_host_prefix
        and settings.cookie_secure
        and settings.cookie_path == "/"
        and not settings.cookie_domain
    ):
        return f"__Host-{name}"
    return name


def _access_cookies(settings: Configuration) -> tuple[_Cookie, _Cookie | None]:
    """Return the access token's cookie, and its signature's if it is split."""
    name, path = access_cookie_name(settings), settings.cookie_path
    same_site = settings.cookie_samesite
    if not settings.cookie_split:
        http_only = settings.cookie_httponly
        return _Cookie(name, path, same_site, http_only), None
    return (
        _Cookie(name, path, same_site, False),
        _Cookie(signature_cookie_name(settings), path, same_site, True),
    )


def _refresh_cookie(settings: Configuration, path: str) -> _Cookie:
    return _Cookie(
        refresh_cookie_name(settings),
        path,
        settings.cookie_refresh_samesite,
        settings.cookie_httponly,
    )


def _csrf_cookie(settings: Configuration) -> _Cookie:
    return _Cookie(
        csrf_cookie_name(settings),
        settings.cookie_path,
        settings.cookie_samesite,
        False,
    )


def _write(
    response: HTTPResponse,
    settings: Configuration,
    cookie: _Cookie,
    value: str,
) -> None:
    written = _add(
        response,
        settings,
        cookie,
        value,
        max_age=settings.cookie_max_age or None,
        expires=settings.cookie_expires,
    )
    size = len(str(written))
    if size > MAXIMUM_BYTES:
        _logger.error(
            "The cookie %s has %d bytes. Browsers keep at most %d. Put less "
            "into the payload, or send the token in the body.",
            cookie.name,
            size,
            MAXIMUM_BYTES,
        )
        raise CookieTooLarge()


def _add(
    response: HTTPResponse,
    settings: Configuration,
    cookie: _Cookie,
    value: str,
    **lifetime: Any,
) -> Any:
    """Add a `Set-Cookie` header with the attributes of the cookie."""
    same_site: Any = cookie.same_site and cookie.same_site.capitalize()
    return response.add_cookie(
        cookie.name,
        value,
        path=cookie.path,
        domain=settings.cookie_domain or None,
        secure=settings.cookie_secure,
        httponly=cookie.httponly,
        samesite=same_site or None,
        **lifetime,
    )
