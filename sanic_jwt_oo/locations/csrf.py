"""CSRF: whether the owner of a cookie sent a request, or another site did.

A browser sends cookies with whatever request another site makes it send, but
no other site can read them, or set our header (requirement C3). So an access
token that travels in a cookie carries a random value as a claim. Scripts find
it in a cookie of its own and send it back in a header. What counts is the
claim, which is signed, and never the cookie, which a neighbouring host may
have planted.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Any

from ..configuration import Configuration
from ..exceptions import CSRFFailed
from ..tokens import VerifiedToken
from ..types import Request
from .base import TokenKind
from .cookies import CookieLocation
from .header import HeaderLocation

CSRF_CLAIM = "csrf"
"""The claim with the value."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""What changes nothing (RFC 9110 section 9.2.1)."""
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}

_COOKIE = CookieLocation()
_HEADER = HeaderLocation()


def check_csrf(
    request: Request, settings: Configuration, token: VerifiedToken
) -> None:
    """Refuse a request that another site may have had sent.

    Args:
        request: The request.
        settings: The settings of this request.
        token: Its access token.

    Raises:
        CSRFFailed: The CSRF value of the token is not in the header.
    """
    if not is_forgeable(request, settings, "access"):
        return
    bound = _octets(token.payload().get(CSRF_CLAIM))
    if not bound:
        raise CSRFFailed(detail=f"The token has no {CSRF_CLAIM} claim.")
    given = request.headers.getall(settings.csrf_header_name, [])
    if len(given) != 1:
        raise CSRFFailed(
            detail=f"{settings.csrf_header_name} is sent {len(given)} times."
        )
    if not compare_digest(bound, _octets(given[0].strip(" \t"))):
        raise CSRFFailed(
            detail=f"{settings.csrf_header_name} is not that of the token."
        )


def is_forgeable(
    request: Request, settings: Configuration, kind: TokenKind
) -> bool:
    """Tell whether another site could have had a browser send a request.

    It could if the token is in a cookie and nowhere else, and the request
    changes something or opens a WebSocket for a page of another host. Who
    sends the same token in the authorization header as well knows it; that
    they are the same has been seen to where `single_credential` is on, and
    only there. What stands in the header is no refresh token, and shows
    nothing about one.
    """
    if (
        not (settings.cookie_set and settings.csrf_protect)
        or (request.method in SAFE_METHODS and not _is_foreign(request))
        or not _COOKIE.read(request, settings, kind)
    ):
        return False
    return not (
        kind == "access"
        and settings.single_credential
        and _reads_header(settings)
        and _HEADER.read(request, settings, kind)
    )


def _is_foreign(request: Request) -> bool:
    """Tell whether a page of another host opens a WebSocket (RFC 6455 10.2).

    Clients that are no browsers send no origin, and no cookies unasked.
    """
    headers = request.headers
    if "sec-websocket-version" not in headers:
        return False
    host = request.host.lower()
    for origin in headers.getall("origin", []):
        scheme, _, page = origin.lower().partition("://")
        port = _DEFAULT_PORTS.get(scheme, "")
        if page.removesuffix(port) != host.removesuffix(port):
            return True
    return False


def _reads_header(settings: Configuration) -> bool:
    return not (
        settings.cookie_strict
        or (settings.query_string_set and settings.query_string_strict)
    )


def _octets(value: Any) -> bytes:
    """Return the octets of a string, and none of anything else."""
    if not isinstance(value, str):
        return b""
    return value.encode("utf-8", "surrogatepass")
