"""The places that a token is read from, in order.

The order is: cookie, query string, header (for a refresh token: body), and in
the handshake of a WebSocket its subprotocols. No place after a strict one is
read, and no place that is not enabled (H5).
"""

from __future__ import annotations

from typing import TypeAlias

from ..configuration import Configuration
from ..exceptions import ConflictingCredentials
from ..runtime.sanic_internals import plain_cookie
from ..tokens import SCHEME
from ..types import Request
from .base import TokenKind, TokenLocation
from .body import BodyLocation
from .cookies import CookieLocation
from .csrf import is_forgeable
from .header import HeaderLocation
from .query import QueryLocation
from .subprotocol import SUBPROTOCOLS, SubprotocolLocation

Credential: TypeAlias = tuple[str, bool, str]
"""A token as it was received, not verified yet.

Its members are the token; whether it is ambient; and its key in the cache. It
is ambient if a browser may have added it to a request of another site: it is
in a cookie, and nothing else proves that the client knows it. A plain tuple:
as a named one it takes 1 % of the instructions of a new token.
"""
_BEARER = f"{SCHEME} "


class Places:
    """The enabled places for one kind of token.

    Args:
        settings: The settings in force.
        kind: The kind of token.

    Attributes:
        bearer_header: Name of the authorization header, if that is the only
            place and its usual value, `Bearer <token>`, is the key of the
            token in the cache.
    """

    __slots__ = (
        "_cookie",
        "_header",
        "_only_cookie",
        "_places",
        "_settings",
        "_subprotocol",
        "bearer_header",
    )

    def __init__(self, settings: Configuration, kind: TokenKind) -> None:
        self._settings = settings
        self._cookie: CookieLocation | None = None
        self._header: HeaderLocation | None = None
        self._subprotocol: SubprotocolLocation | None = None
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
            self._subprotocol = SubprotocolLocation(settings, kind)
        elif not strict:
            self._places.append(BodyLocation(settings, kind))
        self._only_cookie: str | None = None
        if self._cookie is not None and len(self._places) == 1 + (
            self._header is not None
        ):
            self._only_cookie = self._cookie.only_name
        only_header = self._places == [self._header]
        scheme, header = (
            settings.authorization_header_prefix,
            settings.authorization_header,
        )
        self.bearer_header: str | None = (
            header if only_header and scheme == SCHEME else None
        )

    @property
    def enabled(self) -> list[type[TokenLocation]]:
        """The classes of the enabled places, in order."""
        return [type(place) for place in self._places]

    def read(self, request: Request) -> Credential:
        """Return the one token that a request carries.

        The usual value of the only place that has one is read without a look
        at what else there might be.

        Raises:
            MissingCredentials: No enabled place has a token.
            InvalidRequest: A place contains something that is not a token.
            ConflictingCredentials: There are different tokens, and
                `single_credential` is on.
        """
        if self.bearer_header is not None:
            values = request.headers.getall(self.bearer_header, ())
            if len(values) == 1 and values[0].startswith(_BEARER):
                token = values[0][len(_BEARER) :]
                if token and " " not in token and "\t" not in token:
                    return token, False, values[0]
        elif self._only_cookie is not None and (
            self._header is None
            or not (
                self._header.name in request.headers
                or SUBPROTOCOLS in request.headers
            )
        ):
            value = plain_cookie(request, self._only_cookie)
            if value is not None:
                return value, True, _BEARER + value
        found: list[str] = []
        ambient = False
        places = self._places
        if self._subprotocol is not None and SUBPROTOCOLS in request.headers:
            places = [*places, self._subprotocol]
        for place in places:
            tokens = place.read(request)
            if not tokens:
                continue
            if place is self._cookie:
                ambient = True
            elif place is self._header or place is self._subprotocol:
                ambient = False  # the same token, or it is refused below
            if not self._settings.single_credential:
                return tokens[0], ambient, _BEARER + tokens[0]
            found += tokens
        if not found:
            raise self._places[-1].missing(request)
        if len(found) > 1 and len(set(found)) > 1:
            raise ConflictingCredentials()
        return found[0], ambient, _BEARER + found[0]

    def check_single(self, request: Request) -> None:
        """Refuse a handshake with different tokens.

        `read` does not look at the subprotocols beside the usual header.

        Raises:
            InvalidRequest: A place contains something that is not a token.
            ConflictingCredentials: There are different tokens.
        """
        if self._settings.single_credential:
            tokens = {t for p in self._places for t in p.read(request)}
            if self._subprotocol is not None:
                tokens.update(self._subprotocol.read(request))
            if len(tokens) > 1:
                raise ConflictingCredentials()

    def ambient(self, request: Request) -> bool:
        """Return whether a token of this kind is ambient in a request.

        See `Credential`. Header and subprotocols cannot carry a refresh token,
        and an access token there proves nothing about the refresh token.

        Raises:
            InvalidRequest: A place contains something that is not a token.
        """
        if self._cookie is None or not self._cookie.read(request):
            return False
        return not (
            self._header is not None
            and self._settings.single_credential
            and (
                self._header.read(request)
                or (self._subprotocol and self._subprotocol.read(request))
            )
        )

    def is_forgeable(self, request: Request) -> bool:
        """Return whether another site could have caused a request.

        Raises:
            InvalidRequest: A place contains something that is not a token.
        """
        return is_forgeable(request, self._settings) and self.ambient(request)
