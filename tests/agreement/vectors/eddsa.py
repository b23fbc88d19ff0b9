"""EdDSA: the second half reduced, and the first one a point (RFC 8032)."""

from __future__ import annotations

from collections.abc import Iterator

from ..keys import signing_key
from .vector import Signed, Vector

ORDERS = {
    "Ed25519": 2**252 + 27742317777372353535851937790883648493,
    "Ed448": 2**446
    - int("8335dc163bb124b65129c96fde933d8d723a70aadc873d6d54a7bb0d", 16),
}
"""Orders of the groups (RFC 8032 sections 5.1 and 5.2)."""


def vectors() -> Iterator[Vector]:
    for name, order in ORDERS.items():
        signed = Signed(name)
        yield signed.vector("good", signed.signature, good=True)
        others = {
            **signed.lengths(),
            **signed.flips(),
            **_halves(signed, order),
            **_others(signed),
        }
        for fault, signature in others.items():
            yield signed.vector(fault, signature)


def _halves(signed: Signed, order: int) -> dict[str, bytes]:
    size = len(signed.signature) // 2
    point, scalar = signed.signature[:size], signed.signature[size:]
    number = int.from_bytes(scalar, "little")
    identity = b"\1" + bytes(size - 1)
    halves = {
        "S + L": number + order,
        "S + 2 L": number + 2 * order,
        "S = 0": 0,
        "S = 1": 1,
        "S = L": order,
        "L - S": order - number,
    }
    return {
        **{
            fault: point + value.to_bytes(size, "little")
            for fault, value in halves.items()
            if not value >> 8 * size
        },
        "S and R": scalar + point,
        "R = 0": bytes(size) + scalar,
        "R is the neutral point": identity + scalar,
        "the neutral point and 0": identity + bytes(size),
        "R is no point": b"\2" + b"\xff" * (size - 1) + scalar,
        "R with the other sign": point[:-1]
        + bytes([point[-1] ^ 0x80])
        + scalar,
    }


def _others(signed: Signed) -> dict[str, bytes]:
    key, message = signed.terms.key, signed.message
    other = {"Ed25519": "Ed448", "Ed448": "Ed25519"}[key.kind]
    return {
        "another key": signing_key(key.kind, 2).sign(message),
        "another curve": signing_key(other).sign(message),
        "another message": key.sign(message + b"."),
        "as hexadecimal text": signed.signature.hex().encode(),
    }
