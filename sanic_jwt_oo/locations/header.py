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
from .base import TokenKind, TokenLocation, missing_status


class HeaderLocation(TokenLocation):
    """The header; its name and scheme are settings."""

    def __init__(self, settings: Configuration, kind: TokenKind) -> None:
        super().__init__(settings, kind)
        self.name: str = settings.authorization_header
        self._scheme: str = settings.authorization_header_prefix

    def read(self, request: Request) -> list[str]:
        """Return the token, or none if the header has another scheme.

        Raises:
            InvalidAuthorizationHeader: It has no token, or more than that.
            ConflictingCredentials: There are several such headers.
        """
        values = request.headers.getall(self.name, [])
        if len(values) != 1:
            if values:
                raise ConflictingCredentials()
            return values
        # white space around a value is not part of it (RFC 9110 section 5.5)
        token: str = values[0].strip(" \t")
        expected = self._scheme
        if expected:
            scheme, _, token = token.partition(" ")
            if scheme != expected and scheme.lower() != expected.lower():
                return []
            token = token.lstrip(" ")
        if not token or " " in token or "\t" in token:
            raise InvalidAuthorizationHeader()
        return [token]

    def missing(self, request: Request) -> SanicJWTException:
        """Return the error for a header with another scheme, or for none."""
        if self.name in request.headers:
            return InvalidAuthorizationHeader()
        return MissingAuthorizationHeader(
            status_code=missing_status(self._kind)
        )
