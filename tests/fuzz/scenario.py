"""How bytes are decoded: a token, and operations on it.

The fuzzer writes header and payload as text and the harness signs them, so
that they pass the signature check; or it writes a whole token. Fields end with
a byte that UTF-8 does not use, and are read leniently: any bytes are a
scenario, and a small change of the bytes is a small change of the scenario.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.agreement.keys import signing_key
from tests.agreement.spoiling import PUTS, Change, changed
from tests.agreement.terms import ALL, ROTATED, Terms

END = b"\xc1"
"""What separates the fields."""

TERMS = (
    *("plain", "audience", "audiences", "issuer", "issuers"),
    *("required claims", "nothing required", "no leeway"),
    *("a fraction of leeway", "exp unchecked", "key ids"),
    *("users' secrets", "users' keys", "HS512", "ES256", "Ed25519"),
)
BY_SECRET = TERMS.index("key ids")
"""The terms before this one have one secret and no key ids."""

RULES: tuple[dict[str, Any], ...] = (
    {},
    {"leeway": 0},
    {"leeway": 600},
    {"verify_exp": False},
    {"claim_aud": "a"},
    {"claim_aud": ["b", "i"]},
    {"claim_iss": "i"},
    {"required_claims": ["exp", "sub", "x"]},
    {"required_claims": [], "verify_exp": False},
    {"user_id": "sub"},
    {"user_id": "x", "user_id_required": False},
)
WRITTEN, SIGNED = 0, 1
MOVES = 8
"""How many of them are made; more would only take time."""


@dataclass(frozen=True)
class Move:
    """One thing that is done with the token.

    Attributes:
        terms: Number of the terms it is verified by.
        rules: Number of the rules that are overridden; 0 for none.
        key: Number of the key that is overridden; 1 for none.
        spoilt: Whether it is the spoilt token.
        shut: Whether the user is shut out.
        seconds: How much later it is.
    """

    terms: int
    rules: int = 0
    key: int = 1
    spoilt: bool = False
    shut: bool = False
    seconds: float = 0

    @classmethod
    def read(cls, octets: bytes) -> Move:
        """Read a move from four bytes."""
        terms, rules, flags, time = octets
        seconds = float(time - 256 if time >= 128 else time)
        return cls(
            terms % len(TERMS),
            rules % len(RULES),
            key=1 + (flags & 3),
            spoilt=bool(flags & 4),
            shut=bool(flags & 8),
            seconds=(seconds + 0.5 * bool(flags & 16)) * (1 + (flags >> 5)),
        )

    def write(self) -> bytes:
        """Return bytes that `read` reads as this move, in whole seconds."""
        flags = self.key - 1 | self.spoilt << 2 | self.shut << 3
        return bytes([self.terms, self.rules, flags, int(self.seconds) & 0xFF])

    def conditions(self) -> tuple[Terms, Terms | None]:
        """Return what to verify by, and what is overridden for it."""
        installed = ALL[TERMS[self.terms]]
        if self.rules == 0 and self.key == 1:
            return installed, None
        terms = installed.under(**RULES[self.rules])
        if self.key > 1:
            key = signing_key(installed.key.kind, self.key)
            terms = terms.with_keys(key, installed.key_id, ROTATED)
        return terms, installed


@dataclass(frozen=True)
class Scenario:
    """A token, and what is done with it.

    Attributes:
        first: Number of the terms it is made for, and first verified by.
        how: `SIGNED` or `WRITTEN`.
        key: Number of the key that signs.
        header: Octets of its header, or text of the whole token.
        payload: Octets of its payload.
        changes: What the spoilt token differs in.
        moves: What is done with the two.
    """

    first: int
    how: int
    key: int
    header: bytes
    payload: bytes = b""
    changes: tuple[Change, ...] = ()
    moves: tuple[Move, ...] = ()

    @classmethod
    def read(cls, octets: bytes) -> Scenario:
        """Read a scenario from any bytes."""
        first, how, *_ = octets[:2].ljust(2, b"\0")
        fields = [*octets[2:].split(END, 3), b"", b"", b""]
        return cls(
            first % len(TERMS),
            how & 1,
            1 + (how >> 1 & 3),
            fields[0],
            fields[1],
            tuple(_changes(fields[2])),
            tuple(_moves(fields[3])),
        )

    def write(self) -> bytes:
        """Return bytes that `read` reads as this scenario.

        Changes and moves must be such as `read` makes them.
        """
        changes = b"".join(
            bytes([place & 0xFF, cut, PUTS.index(put)])
            for place, cut, put in self.changes
        )
        moves = b"".join(move.write() for move in self.moves)
        head = bytes([self.first, self.how | self.key - 1 << 1])
        return head + END.join([self.header, self.payload, changes, moves])

    @property
    def terms_name(self) -> str:
        return TERMS[self.first]

    @property
    def terms(self) -> Terms:
        return ALL[self.terms_name]

    def token(self) -> str:
        """Return the token, signed if it is to be."""
        if self.how == WRITTEN:
            return self.header.decode("latin-1")
        terms = self.terms
        key = terms.key
        if self.key > 1:
            key = signing_key(key.kind, self.key)
        return terms.sealed(self.header, self.payload, key)

    def tokens(self) -> tuple[str, str]:
        """Return the token, and what is left of it after the changes."""
        token = self.token()
        return token, changed(token, self.changes)

    def with_moves(self, *moves: Move) -> Scenario:
        """Return the same token with other things done to it."""
        return replace(self, moves=moves)


def _groups(octets: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(octets) - size + 1, size):
        yield octets[start : start + size]


def _changes(octets: bytes) -> Iterator[Change]:
    for place, cut, put in _groups(octets[:24], 3):
        signed = place - 256 if place >= 128 else place
        yield signed, cut & 3, PUTS[put % len(PUTS)]


def _moves(octets: bytes) -> Iterator[Move]:
    for group in _groups(octets[: MOVES * 4], 4):
        yield Move.read(group)
