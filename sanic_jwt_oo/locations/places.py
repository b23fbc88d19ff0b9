"""The places that a token is read from, in order.

The order is: cookie, query string, header (for a refresh token: body). No
place after a strict one is read, and no place that is not enabled (H5).
"""

from __future__ import annotations

from typing import NamedTuple

from ..configuration import Configuration
from ..exceptions import ConflictingCredentials
from ..types import Request
from .base import TokenKind, TokenLocation
from .body import BodyLocation
from .cookies import CookieLocation
from .csrf import is_forgeable
from .header import HeaderLocation
from .query import QueryLocation


class Credential(NamedTuple):
    """A token as it was received.

    Attributes:
        token: The token, not verified yet.
        ambient: Whether a browser may have added it to a request of another
            site: it is in a cookie, and nothing else proves that the client
            knows it.
    """

    token: str
    ambient: bool


class Places:
    """The enabled places for one kind of token.

    Args:
        settings: The settings in force.
        kind: The kind of token.

    Attributes:
        header_only: Whether the authorization header is the only place.
    """

    __slots__ = ("_cookie", "_header", "_places", "_settings", "header_only")

    def __init__(self, settings: Configuration, kind: TokenKind) -> None:
        self._settings = settings
        self._cookie: CookieLocation | None = None
        self._header: HeaderLocation | None = None
        self._places: list[TokenLocation] = []
        if settings.cookie_set:
            self._cookie = CookieLocation(settings, kind)
            self._places.append(self._cookie)
        strict = settings.cookie_set and settings.cookie_strict
        if settings.query_string_set and not strict:
            self._places.append(QueryLocation(settings, kind))
            strict = settings.query_string_strict
        if not strict and kind == "access":
            self._header = HeaderLocation(settings, kind)
            self._places.append(self._header)
        elif not strict:
            self._places.append(BodyLocation(settings, kind))
        self.header_only: bool = self._places == [self._header]

    @property
    def enabled(self) -> list[type[TokenLocation]]:
        """The classes of the enabled places, in order."""
        return [type(place) for place in self._places]

    def read(self, request: Request) -> Credential:
        """Return the one token that a request carries.

        Raises:
            MissingCredentials: No enabled place has a token.
            InvalidRequest: A place contains something that is not a token.
            ConflictingCredentials: There are different tokens, and
                `single_credential` is on.
        """
        found: list[str] = []
        ambient = False
        for place in self._places:
            tokens = place.read(request)
            if not tokens:
                continue
            if place is self._cookie:
                ambient = True
            elif place is self._header:
                ambient = False  # the same token, or it is refused below
            if not self._settings.single_credential:
                return Credential(tokens[0], ambient)
            found += tokens
        if not found:
            raise self._places[-1].missing(request)
        if len(found) > 1 and len(set(found)) > 1:
            raise ConflictingCredentials()
        return Credential(found[0], ambient)

    def ambient(self, request: Request) -> bool:
        """Return whether a token of this kind is ambient in a request.

        See `Credential.ambient`. The header cannot carry a refresh token, and
        an access token there proves nothing about the refresh token.

        Raises:
            InvalidRequest: A place contains something that is not a token.
        """
        if self._cookie is None or not self._cookie.read(request):
            return False
        return not (
            self._header is not None
            and self._settings.single_credential
            and self._header.read(request)
        )

    def is_forgeable(self, request: Request) -> bool:
        """Return whether another site could have caused a request.

        Raises:
            InvalidRequest: A place contains something that is not a token.
        """
        return is_forgeable(request, self._settings) and self.ambient(request)
