"""CSRF protection: whether another site could have caused a request.

A browser sends cookies also with requests that another site causes. But
another site can neither read our cookies nor set our header (C3). So an access
token in a cookie has a random value as a claim. Scripts read this value from a
second cookie and send it back in a header. The header is compared with the
claim, which is signed, and never with the cookie, which a sibling domain may
have set.

Endpoints that set cookies are at risk without any cookie: another site could
log a visitor in as another user. They check what the browser says about the
page that sent the request (C7, C8).

The handshake of a WebSocket is a `GET`, and yet needs a check: no other rule
of the browser keeps pages of other sites from opening one (W2).
"""

from __future__ import annotations

from hmac import compare_digest

from ..configuration import Configuration
from ..exceptions import CSRFFailed
from ..runtime.sanic_internals import all_cookie_values, is_websocket
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
"""`Sec-Fetch-Site`: a page of this origin, or an action of the user."""
_HANDSHAKE = "sec-websocket-version"
"""A header that every handshake of a WebSocket has."""


def is_forgeable(request: Request, settings: Configuration) -> bool:
    """Return whether a request needs proof that no other site caused it.

    It does if its method is not safe, or if it opens a WebSocket for a page
    of another host.
    """
    return (
        settings.cookie_set
        and (settings.csrf_protect or _opens_socket(request))
        and (
            request.method not in SAFE_METHODS
            or _is_foreign(request, settings)
        )
    )


def csrf_fault(
    request: Request, settings: Configuration, token: VerifiedToken
) -> str | None:
    """Return why a request with an ambient token may be forged, or `None`.

    Args:
        request: The request.
        settings: The settings in force.
        token: Its access token, which the browser may have added.
    """
    if request.method in SAFE_METHODS and not (
        _HANDSHAKE in request.headers and _is_foreign(request, settings)
    ):
        return None
    if not (settings.csrf_protect or _opens_socket(request)):
        return None
    bound = token.csrf
    if not bound or not isinstance(bound, str):
        return f"The token has no {CSRF_CLAIM} claim."
    given = request.headers.getall(settings.csrf_header_name, [])
    if len(given) != 1:
        return f"{settings.csrf_header_name} was sent {len(given)} times."
    value: str = given[0].strip(" \t")
    if not compare_digest(
        bound.encode("utf-8", "surrogatepass"),
        value.encode("utf-8", "surrogatepass"),
    ):
        return f"{settings.csrf_header_name} does not match the token."
    return None


def check_csrf(
    request: Request, settings: Configuration, token: VerifiedToken
) -> None:
    """Refuse a request that another site may have caused; see `csrf_fault`.

    Raises:
        CSRFFailed: The CSRF value of the token is not in the header, or a
            page of another site opens a WebSocket.
    """
    fault = csrf_fault(request, settings, token)
    if fault is None:
        return
    if request.method in SAFE_METHODS:  # a handshake: pages send no header
        raise _cross_site()
    raise CSRFFailed(detail=fault)


def may_be_ambient(
    request: Request, settings: Configuration, token: str
) -> bool:
    """Return whether a token that an override read may be ambient.

    An override of `read_token` reads any place, and may change what it reads.
    If the request has cookies, the token may be from one, unless it is also in
    a place that no page of another site can write to.

    Args:
        request: The request.
        settings: The settings in force.
        token: The token that the override returned.
    """
    if not (
        settings.cookie_set
        and "cookie" in request.headers
        and (settings.csrf_protect or _opens_socket(request))
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
    """Refuse an unsafe request that a page of another site sent.

    A request without `Sec-Fetch-Site` and `Origin` was sent by a very old
    browser, or by none. It is refused only if it has cookies and browsers send
    these from any site (`SameSite=None`). A CSRF header, whose value is
    checked later, proves that no other site sent the request.

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
        raise _cross_site()


def _cross_site() -> CSRFFailed:
    return CSRFFailed(
        "The request comes from another site.",
        detail="The request comes from another site, or from an unknown one. "
        "If the page is yours, add its origin to trusted_origins.",
    )


def is_same_site(request: Request, settings: Configuration) -> bool | None:
    """Return whether our own page sent a request; `None` if unknown.

    `Sec-Fetch-Site` (Fetch Metadata) is the most reliable. Old browsers, and
    all browsers over plain HTTP, send only `Origin`.
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
    """Return whether an origin has the host of a request.

    Behind a proxy, the application may not know that a request came by TLS;
    so only a page without TLS is foreign, and only if that is known.
    """
    scheme, _, page = origin.lower().partition("://")
    port, host = _DEFAULT_PORTS.get(scheme), request.host.lower()
    if not port:  # a page of an app or a browser extension
        return False
    if scheme == "http" and request.scheme in ("https", "wss"):
        return False
    page = page.removesuffix(port)
    return bool(page) and page == host.removesuffix(port)


def _is_trusted(origin: str, settings: Configuration) -> bool:
    return _normal(origin) in map(_normal, settings.trusted_origins)


def _normal(origin: str) -> str:
    """Return an origin in lower case and without a default port."""
    origin = origin.lower()
    return origin.removesuffix(
        _DEFAULT_PORTS.get(origin.partition("://")[0], "")
    )


def _is_foreign(request: Request, settings: Configuration) -> bool:
    """Return whether a page of another host opens a WebSocket (RFC 6455 10.2).

    A browser sends `Origin` in every handshake. Other clients need not, and
    send only the cookies that they are given. If there is no `Origin`,
    `Sec-Fetch-Site` still proves that a browser has sent the handshake.
    """
    if _HANDSHAKE not in request.headers:
        return False
    origins = _values(request, "origin")
    if not origins:
        sites = _values(request, "sec-fetch-site")
        return any(site not in _OWN_SITES for site in sites)
    return not all(
        _is_own(origin, request) or _is_trusted(origin, settings)
        for origin in origins
    )


def _opens_socket(request: Request) -> bool:
    """Return whether a request is the handshake of a WebSocket's route.

    There the check cannot be turned off: no page has to do anything for it
    (W2).
    """
    return _HANDSHAKE in request.headers and is_websocket(
        request.route and request.route.handler
    )
