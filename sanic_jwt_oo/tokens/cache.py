"""Tokens whose signature has held, kept in front of the codec.

What is kept says that a token was signed with a key and what its claims are,
not that it is good: who asks for it checks times and everything else anew.
Each set of keys has a cache of its own, so there is no way from one to
another; whoever asks for a payload is given a copy.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from hashlib import sha256
from sys import getsizeof
from typing import Any, NamedTuple

from ..types import Payload
from .claims import ClaimRules
from .compact import parse_object

SCHEME = "Bearer"
"""Stands before a token in its key, so that the usual header is one."""
_ENTRY_BYTES = 400
"""An entry without its key, text and scopes: itself and its node."""
_NEVER = 2**53
"""Seconds since the epoch that no clock reaches; a float holds all before."""
_SCOPE_BYTES = 57
"""A scope without its letters, in a tuple."""


def cache_key(token: str, secret: object) -> str:
    """Return what a token is kept under that a user's secret has verified.

    The secret is part of it, so that a token is not found under another one.

    Args:
        token: The token.
        secret: The secret, as `retrieve_user_secret` returned it.

    Returns:
        An empty string if the token is not kept, for what the secret is can
        change: the file at a `Path`, say.
    """
    if isinstance(secret, str):
        secret = secret.encode("utf-8", "surrogatepass")
    if not isinstance(secret, bytes):
        return ""
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
    """A token whose signature and claims were good.

    Requests share it, and none can change what it says to another. A
    function makes it, `verified_token`: to call a class takes longer.

    Attributes:
        text: The JSON text of its payload.
        starts: Neither `iat` nor `nbf` matter from this time on, in seconds
            since the epoch.
        ends: `exp` matters from this time on.
        rules: The rules that its claims have passed.
        scopes: The scopes it holds under those rules.
        session_id: The claim `sid`, if it has one.
        token_id: The claim `jti`, if it has one.
        size: The memory it takes, in bytes, at most.
        keeper: The cache that it is in.
        claims: What payloads are copied from, once one was asked for.
    """

    __slots__ = (
        "claims",
        "ends",
        "keeper",
        "rules",
        "scopes",
        "session_id",
        "size",
        "starts",
        "text",
        "token_id",
    )

    text: str
    rules: ClaimRules
    scopes: tuple[str, ...] | None
    session_id: Any
    token_id: Any
    starts: float
    ends: float
    size: int
    keeper: TokenCache | None
    claims: tuple[Payload, tuple[str, ...] | None] | None

    def payload(self) -> Payload:
        """Return a payload that is the caller's own."""
        if self.claims is None:
            self.claims = self._read()
        claims, lists = self.claims
        if lists is None:
            return parse_object(self.text)
        payload = claims.copy()
        for name in lists:
            payload[name] = payload[name].copy()
        return payload

    def _read(self) -> tuple[Payload, tuple[str, ...] | None]:
        """Return claims to copy, and which of them are lists.

        There is no tuple if something in them is deeper than that.
        """
        claims = parse_object(self.text)
        lists = tuple(n for n, value in claims.items() if type(value) is list)
        parts = [value for value in claims.values() if type(value) is not list]
        parts += [member for name in lists for member in claims[name]]
        if {dict, list} & {*map(type, parts)}:
            return {}, None
        if self.keeper is not None:
            parts += [claims, *claims, lists, *map(claims.get, lists)]
            self.keeper.grow(self, sum(map(getsizeof, parts)))
        return claims, lists


def verified_token(
    text: str,
    payload: Payload,
    rules: ClaimRules,
    scopes: tuple[str, ...] | None,
) -> VerifiedToken:
    """Return a token whose signature and claims were good.

    Args:
        text: The JSON text of its payload.
        payload: The same, parsed; only looked at.
        rules: The rules that its claims have passed.
        scopes: The scopes it holds; see `scopes.held_scopes`.
    """
    token = VerifiedToken()
    token.text = text
    token.rules = rules
    token.scopes = scopes
    token.session_id = payload.get("sid")
    token.token_id = payload.get("jti")
    # floats, like the clock that every request compares them with
    token.starts = 0.0
    if "iat" in payload or "nbf" in payload:
        starts = max(payload.get("iat", 0), payload.get("nbf", 0))
        token.starts = _moment(starts)
    ends = payload.get("exp", _NEVER)
    if type(ends) is int and 0 <= ends < _NEVER:
        token.ends = float(ends)
    else:
        token.ends = _moment(int(ends))
    size = len(text) if text.isascii() else 4 * len(text)
    if scopes:
        size += size + _SCOPE_BYTES * len(scopes)
    token.size = _ENTRY_BYTES + size
    token.keeper = token.claims = None
    return token


def _moment(time: float) -> float:
    """Return a time that a float holds: none that no clock ever shows."""
    if 0 <= time < _NEVER:
        return float(time)
    return 0.0 if time < 0 else math.inf


class TokenCache:
    """Verified tokens, the least recently used first.

    Whoever finds one counts a hit and touches it, or counts a miss: a method
    for that would cost as much as the look-up.

    Args:
        maximum_entries: How many tokens it holds; 0 turns it off.
        maximum_bytes: How much memory they may take.

    Attributes:
        find: Returns the token that is kept under a key, or `None`.
        touch: Marks the token under a key as the one that was used last.
        hits: How often a token was found.
        misses: How often one was not, and had to be verified.
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
        # not a base: a subclass of it takes three times as long to let go
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
        """Go over the keys, that of the least recently used token first."""
        return iter(self._tokens)

    def put(self, key: str, token: VerifiedToken) -> None:
        """Keep a token until others push it out; without a key, not at all."""
        if not key or key in self._tokens:
            return
        self._tokens[key] = token
        token.keeper = self
        self._bytes += token.size + len(key)
        self._push_out()

    def grow(self, token: VerifiedToken, size: int) -> None:
        """Count that a token that is kept takes more bytes from now on."""
        token.size += size
        self._bytes += size
        self._push_out()

    def _push_out(self) -> None:
        """Let the least recently used go that there is no room for."""
        tokens = self._tokens
        while (
            len(tokens) > self._maximum_entries
            or self._bytes > self._maximum_bytes
        ):
            key, token = tokens.popitem(False)
            token.keeper = None
            self._bytes -= token.size + len(key)

    def drop(self, key: str) -> None:
        """Let a token go."""
        token = self._tokens.pop(key)
        token.keeper = None
        self._bytes -= token.size + len(key)

    def info(self) -> CacheInfo:
        """Return what the cache has done, and what it holds."""
        return CacheInfo(
            self.hits, self.misses, len(self._tokens), self._bytes
        )
