"""Tokens made by hand: any bytes, signed with any key of an attacker."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

SECRET = "the secret of the shop, long enough for SHA-512: " + "0123456789" * 2
OTHER_SECRET = SECRET[::-1]
NOW = 1_800_000_000
"""The time at which every application under attack is frozen."""

ADA, BOB, GHOST = 1, 2, 404
"""User ids; no user has the id of the ghost."""

_HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


def b64(octets: bytes | str) -> str:
    """Encode bytes as base64url without padding."""
    if isinstance(octets, str):
        octets = octets.encode()
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def bytes_of(part: Any) -> bytes:
    """Return bytes as they are, text in UTF-8, anything else as JSON."""
    if isinstance(part, bytes):
        return part
    if isinstance(part, str):
        return part.encode()
    return json.dumps(part, separators=(",", ":")).encode()


def hmac_of(message: str, secret: Any = SECRET, algorithm: str = "HS256"):
    """Return the HMAC of a signing input."""
    key = secret.encode() if isinstance(secret, str) else secret
    return hmac.new(key, message.encode(), _HASHES[algorithm]).digest()


def signature_of(bearer: str) -> bytes:
    """Return the signature of a token."""
    return urlsafe_b64decode(bearer.rpartition(".")[2] + "=")


def sealed(
    header: Any, payload: Any, secret: Any = SECRET, algorithm: str = "HS256"
) -> str:
    """Sign this header and payload, unchanged."""
    message = f"{b64(bytes_of(header))}.{b64(bytes_of(payload))}"
    return f"{message}.{b64(hmac_of(message, secret, algorithm))}"


def claims(**changes: Any) -> dict[str, Any]:
    """Ada's claims, valid for half an hour; ``...`` leaves one out."""
    named = {"user_id": ADA, "exp": NOW + 1800, **changes}
    return {name: value for name, value in named.items() if value is not ...}


def token(
    header: dict[str, Any] | None = None,
    *,
    secret: Any = SECRET,
    algorithm: str = "HS256",
    **changes: Any,
) -> str:
    """A token of Ada's, valid except for what the arguments change."""
    full = {"alg": algorithm, "typ": "JWT", **(header or {})}
    full = {name: value for name, value in full.items() if value is not ...}
    return sealed(full, claims(**changes), secret, algorithm)


def unsigned(header: Any, payload: Any, signature: str = "") -> str:
    """Put a token together without signing it."""
    return f"{b64(bytes_of(header))}.{b64(bytes_of(payload))}.{signature}"
