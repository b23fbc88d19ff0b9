"""Tokens that no library would make: any header, any payload."""

import base64
import hashlib
import hmac
import json
from typing import Any

from .steps import SECRET, Now


def encoded(value: Any) -> str:
    """Base64url without padding, of bytes, text or JSON."""
    if isinstance(value, str):
        value = value.encode()
    elif not isinstance(value, bytes):
        value = json.dumps(value).encode()
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


HS256 = encoded({"alg": "HS256", "typ": "JWT"})


def signed(header: str, payload: str, secret: str = SECRET) -> str:
    """A token over two ready segments, signed with HMAC SHA-256."""
    message = f"{header}.{payload}"
    digest = hmac.new(secret.encode(), message.encode(), hashlib.sha256)
    return f"{message}.{encoded(digest.digest())}"


def with_header(**header: Any) -> str:
    """A valid payload with any header."""
    claims = {"user_id": 1, "exp": Now(1800).value()}
    return signed(encoded(header), encoded(claims))


def with_claims(secret: str = SECRET, **claims: Any) -> str:
    """A token whose claims may be null."""
    given = {"user_id": 1, "exp": Now(1800).value(), **claims}
    return signed(HS256, encoded(given), secret)


def flipped(token: str, part: int) -> str:
    """The token with one character of one part changed."""
    parts = token.split(".")
    text = parts[part]
    middle = len(text) // 2
    other = "A" if text[middle] != "A" else "B"
    parts[part] = text[:middle] + other + text[middle + 1 :]
    return ".".join(parts)
