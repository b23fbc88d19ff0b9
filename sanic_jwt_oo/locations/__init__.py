"""Where a token is read from and written to.

Each place is a class with one small interface: the header, the cookie (whole
or split), the query string, and the body for refresh tokens. `read_token`
goes through those that the settings enable; only they are ever read
(requirement H5).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..configuration import Configuration
from ..exceptions import ConflictingCredentials
from ..types import Request
from .base import KINDS, TokenKind, TokenLocation
from .body import BodyLocation, read_both_ways, read_fields
from .cookies import CookieLocation
from .csrf import (
    CSRF_CLAIM,
    check_csrf,
    check_origin,
    is_forgeable,
    is_same_site,
)
from .header import HeaderLocation
from .plain_http import warn_of_dropped_cookies
from .query import QueryLocation, came_in_query, mask_in_logs

__all__ = [
    "CSRF_CLAIM",
    "KINDS",
    "BodyLocation",
    "CookieLocation",
    "HeaderLocation",
    "QueryLocation",
    "TokenKind",
    "TokenLocation",
    "came_in_query",
    "check_csrf",
    "check_origin",
    "is_forgeable",
    "is_same_site",
    "mask_in_logs",
    "read_both_ways",
    "read_fields",
    "read_token",
    "warn_of_dropped_cookies",
]

_COOKIE = CookieLocation()
_QUERY = QueryLocation()
_LAST: dict[TokenKind, TokenLocation] = {
    "access": HeaderLocation(),
    "refresh": BodyLocation(),
}


def read_token(
    request: Request, settings: Configuration, kind: TokenKind
) -> str:
    """Return the one token that a request carries.

    The cookie comes first, then the query string, then the header (or, for a
    refresh token, the body). A strict place is the last one to be read.

    Args:
        request: The request.
        settings: The settings of this request.
        kind: Which token is wanted.

    Raises:
        MissingCredentials: No enabled place holds a token.
        InvalidRequest: A place holds something else.
        ConflictingCredentials: Places hold different tokens, and
            `single_credential` is on.
    """
    place = _LAST[kind]
    if not (settings.cookie_set or settings.query_string_set):
        found = place.read(request, settings, kind)
    else:
        found = []
        for place in _enabled(settings, kind):
            found += place.read(request, settings, kind)
            if found and not settings.single_credential:
                return found[0]
    if not found:
        raise place.missing(request, settings, kind)
    if len(found) > 1 and len(set(found)) > 1:
        raise ConflictingCredentials()
    return found[0]


def _enabled(
    settings: Configuration, kind: TokenKind
) -> Sequence[TokenLocation]:
    """Return the places that are read, up to the first strict one."""
    places: list[TokenLocation] = []
    if settings.cookie_set:
        places.append(_COOKIE)
        if settings.cookie_strict:
            return places
    if settings.query_string_set:
        places.append(_QUERY)
        if settings.query_string_strict:
            return places
    places.append(_LAST[kind])
    return places
