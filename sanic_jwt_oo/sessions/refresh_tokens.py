"""Refresh tokens of sessions: 99 letters, in which nobody but us reads.

The id of the session comes first, then a secret of the whole family, then a
secret of this one token. Whoever knows the secret of the family has held one
of its tokens; so a token of the family that is not the present one was used
before, and a made-up one is not mistaken for that. A successor is derived
from the token before it, under a key of the server: asked again, the server
finds the same one without having kept it (requirements R2, R3, R5, R6).
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from typing_extensions import Self

_ID_LETTERS = 34
_FAMILY_LETTERS = 22
_FORM = re.compile(r"[0-9a-f]{34}[A-Za-z0-9_-]{65}")


class RefreshToken:
    """A refresh token, taken apart.

    Args:
        text: The token as a client has it, of the right form.
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
        """Return the token that a client presents, if it can be one."""
        return cls(text) if _FORM.fullmatch(text) else None

    @property
    def session_id(self) -> str:
        """The session that the token says it belongs to."""
        return self.text[:_ID_LETTERS]

    @property
    def family(self) -> str:
        """SHA-256 of what all tokens of the session have in common."""
        return _digest(self.text[: _ID_LETTERS + _FAMILY_LETTERS])

    @property
    def digest(self) -> str:
        """SHA-256 of the token, the form in which it is stored."""
        return _digest(self.text)

    def successor(self, key: bytes) -> Self:
        """Return the token that takes the place of this one.

        Args:
            key: A key that the servers of an application share.
        """
        secret = hmac.digest(key, self.text.encode(), "sha256")
        letters = urlsafe_b64encode(secret).rstrip(b"=").decode()
        common = self.text[: _ID_LETTERS + _FAMILY_LETTERS]
        return type(self)(common + letters)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
