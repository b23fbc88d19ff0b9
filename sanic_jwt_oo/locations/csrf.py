"""CSRF: whether a page of ours sent a request, or another site did.

A browser sends cookies with whatever request another site makes it send, but
no other site can read them, or set our header (requirement C3). So an access
token that travels in a cookie carries a random value as a claim. Scripts find
it in a cookie of its own and send it back in a header. What counts is the
claim, which is signed, and never the cookie, which a neighbouring host may
have planted.

Endpoints that set or delete cookies need no cookie to do harm: another site
could log a visitor in as somebody else. There, what the browser says of the
page that sent the request is checked (requirements C7, C8).
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
_OWN_SITES = ("same-origin", "none")
"""Of `Sec-Fetch-Site`: a page of this origin, or the user's own doing."""

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
        or (
            request.method in SAFE_METHODS
            and not _is_foreign(request, settings)
        )
        or not _COOKIE.read(request, settings, kind)
    ):
        return False
    return not (
        kind == "access"
        and settings.single_credential
        and _reads_header(settings)
        and _HEADER.read(request, settings, kind)
    )


def check_origin(request: Request, settings: Configuration) -> None:
    """Refuse an unsafe request that a page of another site has sent.

    Where neither `Sec-Fetch-Site` nor `Origin` tells, no browser has sent it,
    or a very old one. That is refused only if the browser would have sent
    cookies with it from any site, and has sent some: `SameSite=None`. The CSRF
    header, whose value is checked later, shows that no other site did.

    Raises:
        CSRFFailed: The request is cross-site.
    """
    if not (settings.cookie_set and settings.csrf_protect) or (
        request.method in SAFE_METHODS
    ):
        return
    same_site = is_same_site(request, settings)
    if same_site is None:
        same_site = (
            (settings.cookie_samesite or "").lower() != "none"
            or "cookie" not in request.headers
            or settings.csrf_header_name in request.headers
        )
    if not same_site:
        raise CSRFFailed(
            "The request comes from another site.",
            detail="The request comes from another site, or does not say from "
            "which; if the page is yours, add its origin to trusted_origins.",
        )


def is_same_site(request: Request, settings: Configuration) -> bool | None:
    """Tell whether a page of ours sent a request; `None`: nothing tells.

    `Sec-Fetch-Site` is what browsers know best (Fetch Metadata). Old ones,
    and all of them over plain HTTP, send `Origin` alone.
    """
    origins = _values(request, "origin")
    if len(origins) == 1 and _is_trusted(origins[0], settings):
        return True
    sites = _values(request, "sec-fetch-site")
    if sites:
        return len(sites) == 1 and sites[0] in _OWN_SITES
    if origins:
        return len(origins) == 1 and _is_own(origins[0], request)
    return None


def _values(request: Request, header: str) -> list[str]:
    return [v.strip(" \t") for v in request.headers.getall(header, [])]


def _is_own(origin: str, request: Request) -> bool:
    """Tell whether an origin is that of the host of a request."""
    scheme, _, page = origin.lower().partition("://")
    port, host = _DEFAULT_PORTS.get(scheme), request.host.lower()
    if not port:  # a page of an app or extension, whatever its host
        return False
    page = page.removesuffix(port)
    return bool(page) and page == host.removesuffix(port)


def _is_trusted(origin: str, settings: Configuration) -> bool:
    return _normal(origin) in map(_normal, settings.trusted_origins)


def _normal(origin: str) -> str:
    """Return an origin without case and without a default port."""
    origin = origin.lower()
    return origin.removesuffix(
        _DEFAULT_PORTS.get(origin.partition("://")[0], "")
    )


def _is_foreign(request: Request, settings: Configuration) -> bool:
    """Tell whether a page of another host opens a WebSocket (RFC 6455 10.2).

    Clients that are no browsers send no origin, and no cookies unasked.
    """
    return "sec-websocket-version" in request.headers and not all(
        _is_own(origin, request) or _is_trusted(origin, settings)
        for origin in _values(request, "origin")
    )


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
