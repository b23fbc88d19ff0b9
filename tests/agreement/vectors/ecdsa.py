"""ECDSA: numbers out of range, other forms and other curves (RFC 7518 3.4).

In ECDSA, `n - s` is as valid as `s`: tokens must be distinguished by their
claims.
"""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.utils import (
    encode_dss_signature,
)

from ..keys import CURVES, HASHES, hash_of, raw_of, signing_key
from .vector import Signed, Vector

ORDERS = {
    "ES256": int(
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        16,
    ),
    "ES256K": int(
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
        16,
    ),
    "ES384": int(
        "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf"
        "581a0db248b0a77aecec196accc52973",
        16,
    ),
    "ES512": int(
        "01ff" + "ff" * 31 + "fa"
        "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
        16,
    ),
}
"""Orders of the groups (SEC 2; FIPS 186-4 appendix D)."""


def vectors() -> Iterator[Vector]:
    for name, order in ORDERS.items():
        signed = Signed(name)
        size = signed.terms.key.size
        r, s = (
            int.from_bytes(half, "big")
            for half in (signed.signature[:size], signed.signature[size:])
        )
        yield signed.vector("good", signed.signature, good=True)
        yield signed.vector(
            "n - s", _joined(r, order - s, size) or b"", good=True
        )
        for fault, pair in _pairs(r, s, order).items():
            joined = _joined(*pair, size)
            if joined is not None:
                yield signed.vector(fault, joined)
        others = {**signed.lengths(), **signed.flips(), **_forms(signed, r, s)}
        for fault, signature in others.items():
            yield signed.vector(fault, signature)


def _joined(r: int, s: int, size: int) -> bytes | None:
    """Return two numbers side by side, if there is room for them."""
    if max(r, s) >> 8 * size:
        return None
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def _pairs(r: int, s: int, n: int) -> dict[str, tuple[int, int]]:
    return {
        "r = 0": (0, s),
        "s = 0": (r, 0),
        "r = 0, s = 1": (0, 1),
        "r = 1, s = 0": (1, 0),
        "r = 1, s = 1": (1, 1),
        "r = n": (n, s),
        "s = n": (r, n),
        "r = n, s = n": (n, n),
        "r = n - 1": (n - 1, s),
        "s = n - 1": (r, n - 1),
        "r = n + 1": (n + 1, s),
        "s = n + 1": (r, n + 1),
        "r + n": (r + n, s),
        "s + n": (r, s + n),
        "n - r": (n - r, s),
        "s and r": (s, r),
        "s = r": (r, r),
    }


def _forms(signed: Signed, r: int, s: int) -> dict[str, bytes]:
    key, message = signed.terms.key, signed.message
    size = key.size
    wide = r.to_bytes(size + 1, "big") + s.to_bytes(size + 1, "big")
    forms = {
        "DER": encode_dss_signature(r, s),
        "zeros in front of both": wide,
        "r alone": signed.signature[:size],
        "little end first": r.to_bytes(size, "little")
        + s.to_bytes(size, "little"),
        "as hexadecimal text": signed.signature.hex().encode(),
        "another key": signing_key(key.kind, 2).sign(message),
        "another message": key.sign(message + b"."),
    }
    for curve in CURVES.keys() - {key.kind}:
        other = signing_key(curve).sign(message)
        forms[f"of the curve of {curve}"] = other
        if len(other) > 2 * size:
            forms[f"of the curve of {curve}, cut"] = other[: 2 * size]
    for name, chosen in HASHES.items():
        if chosen != hash_of(key.algorithm):
            der = key.sign_der(message, chosen)
            forms[f"hash SHA-{name}"] = raw_of(der, size)
    return forms
