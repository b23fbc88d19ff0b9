"""A warning about `Secure` cookies that a browser is about to drop.

Browsers take them over plain http from their own machine only. From any other
host a log-in seems to work, and the next request has no cookie.
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
    """Log that a browser will drop the cookies of the response, if it will.

    Each process does so once for a host, and for a few hosts only, because
    the client chooses what is in the header `Host`.

    Args:
        request: The request that the cookies are set in response to.
        settings: The settings that they are written under.
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
        "%.100r. Browsers drop them, and users stay logged out. Serve https; "
        "for development use localhost or 127.0.0.1, or set "
        "cookie_secure = False. Behind a proxy, tell Sanic of it (PROXIES_"
        "COUNT or FORWARDED_SECRET).",
        host,
    )


def _is_loopback(name: str) -> bool:
    """Tell whether a host name is that of the browser's own machine."""
    name = name.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _came_by_https(request: Request) -> bool:
    """Tell whether a proxy says so; it decides about a warning alone."""
    said = (
        *request.headers.getall("x-forwarded-proto", ()),
        *request.headers.getall("x-scheme", ()),
        *request.headers.getall("forwarded", ()),
    )
    return any("https" in value.lower() for value in said)
