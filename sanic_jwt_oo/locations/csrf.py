"""CSRF: whether a page of ours caused a request, or another site did.

A browser sends cookies with every request that another site causes, but no
other site can read them, or set our header (requirement C3). So an access
token that travels in a cookie has a random value as a claim. Scripts find it
in a cookie of its own and send it back in a header. It is compared with the
claim, which is signed, and never with the cookie, which a neighbouring host
may have planted.

Endpoints that set or delete cookies need no cookie to do harm: another site
could log a visitor in as somebody else. They check what the browser says about
the page that sent the request (requirements C7, C8).
"""

from __future__ import annotations

from hmac import compare_digest

from ..configuration import Configuration
from ..exceptions import CSRFFailed
from ..runtime.sanic_internals import all_cookie_values
from ..tokens import CSRF_CLAIM, VerifiedToken
from ..types import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 section 9.2.1)."""
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_WRITTEN_BY_OTHER_SITES = frozenset(
    {
        "accept",
        "accept-language",
        "content-language",
        "content-type",
        "cookie",
        "origin",
        "range",
        "referer",
    }
)
"""Headers whose values a page can choose in requests to other sites."""
_OWN_SITES = ("same-origin", "none")
"""Of `Sec-Fetch-Site`: a page of this origin, or the user's own doing."""


def is_forgeable(request: Request, settings: Configuration) -> bool:
    """Return whether a request needs proof that no other site caused it.

    It does if it changes something, or opens a WebSocket for a page of
    another host.
    """
    return (
        settings.cookie_set
        and settings.csrf_protect
        and (
            request.method not in SAFE_METHODS
            or _is_foreign(request, settings)
        )
    )


def csrf_fault(
    request: Request, settings: Configuration, token: VerifiedToken
) -> str | None:
    """Return why a request whose token is ambient may be forged, or `None`.

    Args:
        request: The request.
        settings: The settings in force.
        token: Its access token, which a browser may have added by itself.
    """
    if not settings.csrf_protect or (
        request.method in SAFE_METHODS and not _is_foreign(request, settings)
    ):
        return None
    bound = token.csrf
    if not bound or not isinstance(bound, str):
        return f"The token has no {CSRF_CLAIM} claim."
    given = request.headers.getall(settings.csrf_header_name, [])
    if len(given) != 1:
        return f"{settings.csrf_header_name} is sent {len(given)} times."
    value: str = given[0].strip(" \t")
    if not compare_digest(
        bound.encode("utf-8", "surrogatepass"),
        value.encode("utf-8", "surrogatepass"),
    ):
        return f"{settings.csrf_header_name} is not that of the token."
    return None


def check_csrf(
    request: Request, settings: Configuration, token: VerifiedToken
) -> None:
    """Refuse a request that another site may have caused; see `csrf_fault`.

    Raises:
        CSRFFailed: The CSRF value of the token is not in the header.
    """
    fault = csrf_fault(request, settings, token)
    if fault is not None:
        raise CSRFFailed(detail=fault)


def may_be_ambient(
    request: Request, settings: Configuration, token: str
) -> bool:
    """Return whether a browser may have added what a token was read from.

    An application has read it, from wherever it likes, and need not return it
    as it came. With a cookie in the request it may be from there, unless it
    is in a place that no page of another site can write to.

    Args:
        request: The request.
        settings: The settings in force.
        token: The token that the application has read.
    """
    if (
        not (settings.cookie_set and settings.csrf_protect)
        or "cookie" not in request.headers
    ):
        return False
    if any(token in values for values in all_cookie_values(request)):
        return True
    return not (
        any(
            value.split(" ")[-1] == token
            for name, value in request.headers.items()
            if name.lower() not in _WRITTEN_BY_OTHER_SITES
        )
        or (
            settings.query_string_set
            and token
            in request.args.getlist(
                settings.query_string_access_token_name, []
            )
        )
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
