"""Where a token is read from and written to.

Each place is a class with one small interface: the header, the cookie (whole
or split), the query string, the subprotocols of a WebSocket, and the body for
refresh tokens. `places` reads
those that the settings enable. `csrf` decides whether another site could have
caused a request.
"""

from .base import KINDS, TokenKind, TokenLocation
from .body import BodyLocation, is_text, read_both_ways, read_fields
from .cookies import (
    CookieLocation,
    access_cookie_name,
    refresh_cookie_name,
    signature_cookie_name,
)
from .csrf import (
    SAFE_METHODS,
    check_csrf,
    check_origin,
    csrf_fault,
    is_forgeable,
    is_same_site,
    may_be_ambient,
)
from .header import HeaderLocation
from .places import Credential, Places
from .plain_http import warn_of_dropped_cookies
from .query import (
    QueryLocation,
    argument_name,
    came_in_query,
    mask_in_logs,
)
from .subprotocol import SubprotocolLocation, offered_tokens, selectable

__all__ = [
    "KINDS",
    "SAFE_METHODS",
    "BodyLocation",
    "CookieLocation",
    "Credential",
    "HeaderLocation",
    "Places",
    "QueryLocation",
    "SubprotocolLocation",
    "TokenKind",
    "TokenLocation",
    "access_cookie_name",
    "argument_name",
    "came_in_query",
    "check_csrf",
    "check_origin",
    "csrf_fault",
    "is_forgeable",
    "is_same_site",
    "is_text",
    "mask_in_logs",
    "may_be_ambient",
    "offered_tokens",
    "read_both_ways",
    "read_fields",
    "refresh_cookie_name",
    "selectable",
    "signature_cookie_name",
    "warn_of_dropped_cookies",
]
