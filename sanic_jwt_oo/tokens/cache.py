"""Tokens whose signature has held, kept in front of the codec.

What is kept says that a token was signed with a key and what its claims are,
not that it is good: who asks for it checks times and everything else anew.
Each set of keys has a cache of its own, so there is no way from one to
another; payloads are kept as text, which nobody can change.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from ..types import Payload
from .compact import parse_object

if TYPE_CHECKING:
    from .claims import ClaimRules

_ENTRY_BYTES = 400
"""An entry without its key, text and scopes: itself and its node."""
_SCOPE_BYTES = 57
"""A scope without its letters, in a tuple."""


def cache_key(token: str, secret: object) -> str | None:
    """Return what a token is kept under that a user's secret has verified.

    The secret is part of it, so that a token is not found under another one.

    Args:
        token: The token.
        secret: The secret, as `retrieve_user_secret` returned it.

    Returns:
        `None` if the token is not kept, for what the secret is can change:
        the file at a `Path`, say.
    """
    if isinstance(secret, str):
        secret = secret.encode("utf-8", "surrogatepass")
    if not isinstance(secret, bytes):
        return None
    return f"{token} {sha256(secret).hexdigest()}"


class CacheInfo(NamedTuple):
    """What a cache has done, and what it holds.

    Attributes:
        hits: How often a token was found.
        misses: How often one was not, and had to be verified.
        entries: Tokens that are kept.
        bytes: Memory that they take, nearly.
    """

    hits: int
    misses: int
    entries: int
    bytes: int


class VerifiedToken:
    """A token whose signature and claims were good; shared, never changed.

    Args:
        text: The JSON text of its payload.
        payload: The same, parsed; only looked at.
        rules: The rules that its claims have passed.
        scopes: The scopes it holds; see `scopes.held_scopes`.

    Attributes:
        text: The JSON text of its payload.
        starts: Neither `iat` nor `nbf` matter from this time on, in seconds
            since the epoch.
        ends: `exp` matters from this time on.
        rules: The rules that its claims have passed.
        scopes: The scopes it holds under those rules.
    """

    __slots__ = ("ends", "rules", "scopes", "starts", "text")

    def __init__(
        self,
        text: str,
        payload: Payload,
        rules: ClaimRules,
        scopes: tuple[str, ...] | None,
    ) -> None:
        self.text: str = text
        self.rules: ClaimRules = rules
        self.scopes: tuple[str, ...] | None = scopes
        self.starts: float = 0
        if "iat" in payload or "nbf" in payload:
            self.starts = max(payload.get("iat", 0), payload.get("nbf", 0), 0)
        self.ends: float = math.inf
        if "exp" in payload:
            self.ends = int(payload["exp"])

    def payload(self) -> Payload:
        """Return a payload that is the caller's own."""
        return parse_object(self.text)


class TokenCache:
    """Verified tokens, the least recently used first out.

    Args:
        maximum_entries: How many tokens it holds; 0 turns it off.
        maximum_bytes: How much memory they may take.
    """

    __slots__ = (
        "_bytes",
        "_hits",
        "_maximum_bytes",
        "_maximum_entries",
        "_misses",
        "_tokens",
    )

    def __init__(self, maximum_entries: int, maximum_bytes: int) -> None:
        self._maximum_entries = maximum_entries
        self._maximum_bytes = maximum_bytes
        self._tokens: OrderedDict[str | None, VerifiedToken] = OrderedDict()
        self._bytes = self._hits = self._misses = 0

    def get(self, key: str | None, now: float) -> VerifiedToken | None:
        """Return a token that is neither too young nor expired.

        Args:
            key: What it was put in under.
            now: Seconds since the epoch.
        """
        token = self._tokens.get(key)
        if token is not None:
            if token.starts <= now < token.ends:
                self._tokens.move_to_end(key)
                self._hits += 1
                return token
            self._drop(key)
        self._misses += 1
        return None

    def put(self, key: str | None, token: VerifiedToken, now: float) -> None:
        """Keep a token until it expires or others push it out.

        Args:
            key: What it will be asked for under.
            token: The token.
            now: Seconds since the epoch.
        """
        tokens = self._tokens
        if (
            key is None
            or key in tokens
            or not token.starts <= now < token.ends
        ):
            return
        tokens[key] = token
        self._bytes += _size(key, token)
        while (
            len(tokens) > self._maximum_entries
            or self._bytes > self._maximum_bytes
        ):
            self._drop(next(iter(tokens)))

    def _drop(self, key: str | None) -> None:
        self._bytes -= _size(key, self._tokens.pop(key))

    def info(self) -> CacheInfo:
        """Return what the cache has done, and what it holds."""
        return CacheInfo(
            self._hits, self._misses, len(self._tokens), self._bytes
        )


def _size(key: str | None, token: VerifiedToken) -> int:
    text = len(token.text) * (1 if token.text.isascii() else 4)
    size = _ENTRY_BYTES + len(key or "") + text
    if token.scopes:
        size += text + _SCOPE_BYTES * len(token.scopes)
    return size
