"""Refresh tokens of sessions: 99 characters, opaque to clients.

A token is the session id, followed by a secret of the family and a secret of
this token. Only a holder of a token of the family knows the family secret. A
token of the family that is not current was therefore used before, and a
forged token is not mistaken for a reused one. A successor is derived from the
previous token with a key of the server: on a repeated request, the server
derives the same successor again without having stored it.
"""
# Requirements R2, R3, R5, R6.

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from typing_extensions import Self

_ID_LENGTH = 34
_FAMILY_LENGTH = 22
_FORMAT = re.compile(r"[0-9a-f]{34}[A-Za-z0-9_-]{65}")


class RefreshToken:
    """A refresh token and its parts.

    Args:
        text: The token as sent to the client; it must be well-formed.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text: str = text

    def __repr__(self) -> str:
        return f"RefreshToken(session_id={self.session_id!r})"

    @classmethod
    def first(cls, session_id: str) -> Self:
        """Return the first token of a new session."""
        family, secret = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
        return cls(session_id + family + secret)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse a presented token; return `None` if it is malformed."""
        return cls(text) if _FORMAT.fullmatch(text) else None

    @property
    def session_id(self) -> str:
        """The id of the session that the token claims to belong to."""
        return self.text[:_ID_LENGTH]

    @property
    def family(self) -> str:
        """SHA-256 of the prefix that all tokens of the session share."""
        return _digest(self.text[: _ID_LENGTH + _FAMILY_LENGTH])

    @property
    def digest(self) -> str:
        """SHA-256 of the token, in hexadecimal; stores keep only this."""
        return _digest(self.text)

    def successor(self, key: bytes) -> Self:
        """Return the token that replaces this one.

        Args:
            key: A key that all servers of an application share.
        """
        mac = hmac.digest(key, self.text.encode(), "sha256")
        secret = urlsafe_b64encode(mac).rstrip(b"=").decode()
        prefix = self.text[: _ID_LENGTH + _FAMILY_LENGTH]
        return type(self)(prefix + secret)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
