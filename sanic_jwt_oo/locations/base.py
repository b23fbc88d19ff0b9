"""The interface of a place that tokens are read from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal, TypeAlias, get_args

from ..configuration import Configuration
from ..exceptions import SanicJWTException
from ..types import Request

TokenKind: TypeAlias = Literal["access", "refresh"]
KINDS: tuple[TokenKind, ...] = get_args(TokenKind)


class TokenLocation(ABC):
    """A place in a request that may contain a token.

    Args:
        settings: The settings in force.
        kind: The kind of token.
    """

    def __init__(self, settings: Configuration, kind: TokenKind) -> None:
        self._settings = settings
        self._kind: TokenKind = kind

    @abstractmethod
    def read(self, request: Request) -> list[str]:
        """Return the tokens in this place: none, one, or several.

        Raises:
            InvalidRequest: The place contains something that is not a token.
        """

    @abstractmethod
    def missing(self, request: Request) -> SanicJWTException:
        """Return the error for a request without a token."""


def missing_status(kind: TokenKind) -> int:
    """Return the status for a missing token: 401, 400 if it refreshes."""
    return 401 if kind == "access" else 400


def missing_refresh_token(place: str) -> str:
    """Return the reason for a missing refresh token, and the way out."""
    return f"There is no refresh token. Send {place}."
