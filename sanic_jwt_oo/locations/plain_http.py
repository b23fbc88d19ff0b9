"""A warning about `Secure` cookies that a browser will drop.

Over plain HTTP, browsers accept them from localhost only. From any other host
a login seems to work, and the next request has no cookie.
"""

from __future__ import annotations

import ipaddress
import logging

from ..configuration import Configuration
from ..types import Request

_logger = logging.getLogger("sanic_jwt_oo")
_MAXIMUM_HOSTS = 16
_warned: set[str] = set()


def warn_of_dropped_cookies(request: Request, settings: Configuration) -> None:
    """Log a warning if the browser will drop the cookies of the response.

    Each process warns once for each host, and for a few hosts only, because
    the client chooses the header `Host`.

    Args:
        request: The request whose response sets the cookies.
        settings: The settings under which they are written.
    """
    host = request.host
    if (
        not settings.cookie_secure
        or not host
        or request.scheme == "https"
        or host in _warned
        or len(_warned) >= _MAXIMUM_HOSTS
        or _is_loopback(request.server_name)
        or _came_by_https(request)
    ):
        return
    _warned.add(host)
    _logger.warning(
        "Secure cookies are set in response to a request over plain http to "
        "%.100r. Browsers drop them, and users stay logged out. Serve https. "
        "For development, use localhost or 127.0.0.1, or set "
        "cookie_secure = False. Behind a proxy, configure Sanic for it "
        "(PROXIES_COUNT or FORWARDED_SECRET).",
        host,
    )


def _is_loopback(name: str) -> bool:
    """Return whether a host name is that of the browser's own machine."""
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _came_by_https(request: Request) -> bool:
    """Return whether a proxy says so.

    Its headers are not verified; only the warning depends on them.
    """
    values = (
        *request.headers.getall("x-forwarded-proto", ()),
        *request.headers.getall("x-scheme", ()),
        *request.headers.getall("forwarded", ()),
    )
    return any("https" in value.lower() for value in values)
