"""A cache of tokens whose signature was verified.

An entry proves that a token was signed with a key, and holds its claims. It
does not prove that the token is still valid: the caller checks times and
everything else on each request. Each set of keys has its own cache, so that a
token verified with one key is never found under another. Every caller
receives a copy of the payload.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from hashlib import sha256
from sys import getsizeof
from typing import Any, NamedTuple

from ..types import Payload
from .claims import NEVER, ClaimRules
from .compact import parse_object

CSRF_CLAIM = "csrf"
"""The claim with the value that binds a token to a header (C3)."""
SCHEME = "Bearer"
"""The prefix of a token in its cache key: the usual header is the key."""
_ENTRY_BYTES = 400
"""Memory of an entry and its node, without key, text and scopes."""
_SCOPE_BYTES = 57
"""Memory of a scope in a tuple, without its characters."""


def cache_key(token: str, secret: object) -> str:
    """Return the cache key of a token that is verified with a user's secret.

    The key contains a digest of the secret: after the secret has changed,
    the entry is not found.

    Args:
        token: The token.
        secret: The secret, as `retrieve_user_secret` returned it.

    Returns:
        The key; empty if the token must not be cached because the secret may
        change without notice, such as the file at a `Path`.
    """
    if isinstance(secret, str):
        secret = secret.encode("utf-8", "surrogatepass")
    if not isinstance(secret, bytes):
        return ""
    return f"{token} {sha256(secret).hexdigest()}"


class CacheInfo(NamedTuple):
    """Statistics of a token cache.

    Attributes:
        hits: How often a token was found.
        misses: How often a token was not found and had to be verified.
        entries: The number of cached tokens.
        bytes: The approximate memory they use, in bytes.
    """

    hits: int
    misses: int
    entries: int
    bytes: int


class VerifiedToken:
    """A token whose signature and claims were verified.

    Requests share it, so it is not modified; `payload` returns copies.

    Args:
        text: The JSON text of its payload.
        payload: The parsed payload; it is neither kept nor modified.
        rules: The rules that its claims have passed.
        scopes: The scopes it holds; see `scopes.held_scopes`.
        now: The time, in seconds since the epoch.

    Attributes:
        text: The JSON text of its payload.
        starts: From this time on `iat` and `nbf` are satisfied, in seconds
            since the epoch.
        ends: From this time on it must be verified again, in seconds since
            the epoch: its `exp`, without leeway. A token without `exp` is
            cached for as long as a token that is issued `now` would live.
        expires: The claim `exp`; infinity if there is none that a clock can
            reach.
        rules: The rules that its claims have passed.
        scopes: The scopes it holds under those rules.
        session_id: The claim `sid`, or `None`.
        token_id: The claim `jti`, or `None`.
        size: An upper bound of the memory it uses, in bytes.
        cache: The cache that contains it, or `None`.
        csrf: The claim `csrf`, or `None`.
        claims: The parsed claims that payloads are copied from; `None`
            before the first call of `payload`.
    """

    __slots__ = (
        "cache",
        "claims",
        "csrf",
        "ends",
        "expires",
        "rules",
        "scopes",
        "session_id",
        "size",
        "starts",
        "text",
        "token_id",
    )

    def __init__(
        self,
        text: str,
        payload: Payload,
        rules: ClaimRules,
        scopes: tuple[str, ...] | None,
        now: float,
    ) -> None:
        self.text: str = text
        self.rules: ClaimRules = rules
        self.scopes: tuple[str, ...] | None = scopes
        self.session_id: Any = payload.get("sid")
        self.token_id: Any = payload.get("jti")
        self.csrf: Any = payload.get(CSRF_CLAIM)
        # Floats, like the clock: each request compares them with it.
        self.starts: float = 0.0
        if "iat" in payload or "nbf" in payload:
            starts = max(payload.get("iat", 0), payload.get("nbf", 0))
            self.starts = _to_float(starts)
        expires = payload.get("exp", NEVER)
        if type(expires) is int and 0 <= expires < NEVER:
            self.ends: float = float(expires)
            self.expires: float = self.ends
        else:
            self.expires = _to_float(int(expires))
            self.ends = self.expires
            if self.expires == math.inf:
                self.ends = now + rules.lifetime
        size = len(text) if text.isascii() else 4 * len(text)
        if scopes:
            size += size + _SCOPE_BYTES * len(scopes)
        self.size: int = _ENTRY_BYTES + size
        self.cache: TokenCache | None = None
        self.claims: tuple[Payload, tuple[str, ...] | None] | None = None

    def payload(self) -> Payload:
        """Return a copy of the payload, which the caller may modify."""
        if self.claims is None:
            self.claims = self._parse_claims()
        claims, lists = self.claims
        if lists is None:
            return parse_object(self.text)
        payload = claims.copy()
        for name in lists:
            payload[name] = payload[name].copy()
        return payload

    def _parse_claims(self) -> tuple[Payload, tuple[str, ...] | None]:
        """Parse the claims for copying; return them and the names of lists.

        The names are `None` if a value is nested more deeply: such a payload
        is parsed each time instead of copied.
        """
        claims = parse_object(self.text)
        lists = tuple(n for n, value in claims.items() if type(value) is list)
        parts = [value for value in claims.values() if type(value) is not list]
        parts += [member for name in lists for member in claims[name]]
        if {dict, list} & {*map(type, parts)}:
            return {}, None
        if self.cache is not None:
            parts += [claims, *claims, lists, *map(claims.get, lists)]
            self.cache.add_size(self, sum(map(getsizeof, parts)))
        return claims, lists


def _to_float(time: float) -> float:
    """Return a time as a float: 0 or infinity if no clock can reach it."""
    if 0 <= time < NEVER:
        return float(time)
    return 0.0 if time < 0 else math.inf


class TokenCache:
    """A cache of verified tokens that evicts the least recently used.

    The caller of `find` maintains `hits` and `misses` and calls `touch`: a
    method for that would cost as much as the lookup itself.

    Args:
        maximum_entries: The maximum number of tokens; 0 disables the cache.
        maximum_bytes: The maximum memory of all tokens, in bytes.

    Attributes:
        find: Returns the token of a key, or `None`.
        touch: Marks the token of a key as the most recently used.
        hits: How often a token was found.
        misses: How often a token was not found and had to be verified.
    """

    __slots__ = (
        "_bytes",
        "_maximum_bytes",
        "_maximum_entries",
        "_tokens",
        "find",
        "hits",
        "misses",
        "touch",
    )

    def __init__(self, maximum_entries: int, maximum_bytes: int) -> None:
        # Not a base class: a subclass takes three times as long to evict.
        tokens: OrderedDict[str, VerifiedToken] = OrderedDict()
        self._tokens = tokens
        self._maximum_entries = maximum_entries
        self._maximum_bytes = maximum_bytes
        self._bytes = 0
        self.find: Callable[[str], VerifiedToken | None] = tokens.get
        self.touch: Callable[[str], None] = tokens.move_to_end
        self.hits: int = 0
        self.misses: int = 0

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys, least recently used first."""
        return iter(self._tokens)

    def put(self, key: str, token: VerifiedToken) -> None:
        """Add a token; one with an empty key is not cached."""
        if not key or key in self._tokens:
            return
        self._tokens[key] = token
        token.cache = self
        self._bytes += token.size + len(key)
        self._evict()

    def add_size(self, token: VerifiedToken, size: int) -> None:
        """Record that a cached token uses more memory, in bytes."""
        token.size += size
        self._bytes += size
        self._evict()

    def _evict(self) -> None:
        """Evict the least recently used tokens until both bounds hold."""
        tokens = self._tokens
        while (
            len(tokens) > self._maximum_entries
            or self._bytes > self._maximum_bytes
        ):
            key, token = tokens.popitem(False)
            token.cache = None
            self._bytes -= token.size + len(key)

    def drop(self, key: str) -> None:
        """Remove a token."""
        token = self._tokens.pop(key)
        token.cache = None
        self._bytes -= token.size + len(key)

    def info(self) -> CacheInfo:
        """Return the statistics of this cache."""
        return CacheInfo(
            self.hits, self.misses, len(self._tokens), self._bytes
        )
