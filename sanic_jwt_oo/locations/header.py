"""The `Authorization: Bearer <token>` header (RFC 6750 section 2.1)."""

from __future__ import annotations

from ..configuration import Configuration
from ..exceptions import (
    ConflictingCredentials,
    InvalidAuthorizationHeader,
    MissingAuthorizationHeader,
    SanicJWTException,
)
from ..types import Request
from .base import TokenKind, TokenLocation


class HeaderLocation(TokenLocation):
    """The header, whose name and scheme are settings."""

    def read(
        self, request: Request, settings: Configuration, kind: TokenKind
    ) -> list[str]:
        """Return the token of our scheme; other schemes are not ours."""
        values = request.headers.getall(settings.authorization_header, [])
        if len(values) != 1:
            if values:
                raise ConflictingCredentials()
            return values
        # white space around a value is no part of it (RFC 9110 section 5.5)
        token: str = values[0].strip(" \t")
        prefix = settings.authorization_header_prefix
        if prefix:
            scheme, _, token = token.partition(" ")
            if scheme != prefix and scheme.lower() != prefix.lower():
                return []
            token = token.lstrip(" ")
        if not token or " " in token or "\t" in token:
            raise InvalidAuthorizationHeader()
        return [token]

    def missing(
        self, request: Request, settings: Configuration, kind: TokenKind
    ) -> SanicJWTException:
        """Tell a header of another scheme from no header."""
        if settings.authorization_header in request.headers:
            return InvalidAuthorizationHeader()
        return MissingAuthorizationHeader()
