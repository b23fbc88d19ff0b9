"""Where a token is read from and written to.

Each place is a class with one small interface: the header, the cookie (whole
or split), the query string, and the body for refresh tokens. `read_token`
goes through those that the settings enable; only they are ever read
(requirement H5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..configuration import Configuration
from ..exceptions import ConflictingCredentials
from .base import TokenKind, TokenLocation
from .body import BodyLocation, read_fields
from .cookies import CookieLocation
from .header import HeaderLocation
from .query import QueryLocation, came_in_query, mask_in_logs

if TYPE_CHECKING:
    from sanic import Request

__all__ = [
    "BodyLocation",
    "CookieLocation",
    "HeaderLocation",
    "QueryLocation",
    "TokenKind",
    "TokenLocation",
    "came_in_query",
    "mask_in_logs",
    "read_fields",
    "read_token",
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
    found: list[str] = []
    for location in (_COOKIE, _QUERY, _LAST[kind]):
        if not location.is_enabled(settings):
            continue
        tokens = location.read(request, settings, kind)
        found += tokens
        if found and not settings.single_credential:
            return found[0]
        if location.is_strict(settings):
            break
    if not found:
        raise location.missing(request, settings, kind)
    if len(set(found)) > 1:
        raise ConflictingCredentials()
    return found[0]
