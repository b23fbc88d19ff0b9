"""A token with a name and an expected outcome."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from tests.security.forging import b64

from ..terms import ALL, Terms

RANGE = range(1, 256)
"""First bytes other than zero."""


class Vector(NamedTuple):
    """A token with a name.

    Attributes:
        terms: The name of its terms.
        name: What is unusual about it.
        token: The token.
        good: Whether it must be accepted.
    """

    terms: str
    name: str
    token: str
    good: bool = False

    def __str__(self) -> str:
        return f"{self.terms}: {self.name}"


class Signed:
    """A valid token under some terms, which can get other signatures."""

    def __init__(self, name: str, starts: Collection[int] = RANGE) -> None:
        """Sign tokens until a signature begins with one of some bytes."""
        self.name = name
        self.terms: Terms = ALL[name]
        self.signature = b""
        number = 0
        while not self.signature or self.signature[0] not in starts:
            number += 1
            text, _, _ = self.terms.token(x=number).rpartition(".")
            self.message = text.encode()
            self.signature = self.terms.key.sign(self.message)

    def vector(
        self, name: str, signature: bytes, good: bool = False
    ) -> Vector:
        """Return the token with another signature."""
        token = f"{self.message.decode()}.{b64(signature)}"
        return Vector(self.name, name, token, good)

    def lengths(self) -> dict[str, bytes]:
        """Signatures of the wrong length, made from the right one."""
        right = self.signature
        return {
            "no signature": b"",
            "one octet": right[:1],
            "half": right[: len(right) // 2],
            "last octet missing": right[:-1],
            "first octet missing": right[1:],
            "zero behind": right + b"\0",
            "zero in front": b"\0" + right,
            "octet behind": right + b"\xff",
            "twice": right * 2,
            "all zero": bytes(len(right)),
            "all ones": b"\xff" * len(right),
            "backwards": right[::-1],
        }

    def flips(self) -> dict[str, bytes]:
        """Signatures with one bit flipped."""
        right = self.signature
        bits = {0, 1, 7, 8, len(right) * 4, len(right) * 8 - 1}
        flipped = {}
        for bit in sorted(bits):
            octets = bytearray(right)
            octets[bit // 8] ^= 1 << bit % 8
            flipped[f"bit {bit} turned over"] = bytes(octets)
        return flipped
