"""RSA: the other padding, malformed padding, and large numbers.

RFC 7518 sections 3.3 and 3.5; RFC 8017 sections 8.1.2 and 8.2.2: a signature
is as long as the modulus and a number below it, and PKCS #1 version 1.5 has
exactly one message encoding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from ..keys import HASHES, hash_of, signing_key
from .vector import Signed, Vector

_SHA_OIDS = {"sha1": "06052b0e03021a", "sha256": "0609608648016503040201"}


def vectors() -> Iterator[Vector]:
    for name in ("RS256", "RS512", "PS256", "PS512"):
        signed = Signed(name)
        yield signed.vector("good", signed.signature, good=True)
        others = {
            **signed.lengths(),
            **signed.flips(),
            **_numbers(signed),
            **_paddings(signed),
        }
        if name == "RS256":
            others.update(_encodings(signed))
        for fault, signature in others.items():
            yield signed.vector(fault, signature)
        shorter = Signed(name, starts=[0])
        yield shorter.vector("begins with zero", shorter.signature, good=True)
        yield shorter.vector("leading zero missing", shorter.signature[1:])


def _numbers(signed: Signed) -> dict[str, bytes]:
    key = signed.terms.key
    size = key.size
    modulus = key.public.public_numbers().n
    number = int.from_bytes(signed.signature, "big")
    return {
        "0": bytes(size),
        "1": (1).to_bytes(size, "big"),
        "one octet 1": b"\1",
        "n": modulus.to_bytes(size, "big"),
        "n - 1": (modulus - 1).to_bytes(size, "big"),
        "n + 1": (modulus + 1).to_bytes(size, "big"),
        "n - signature": (modulus - number).to_bytes(size, "big"),
        "signature + n": _octets(number + modulus, size),
        "signature + 2 n": _octets(number + 2 * modulus, size),
        "signature + 300 n": _octets(number + 300 * modulus, size),
        "little end first": signed.signature[::-1],
        "as hexadecimal text": signed.signature.hex().encode(),
        "another key": signing_key(key.kind, 2).sign(signed.message),
        "another message": key.sign(signed.message + b"."),
    }


def _octets(number: int, size: int) -> bytes:
    return number.to_bytes(max(size, (number.bit_length() + 7) // 8), "big")


def _paddings(signed: Signed) -> dict[str, bytes]:
    """Signatures with another padding or hash than the header says."""
    key, message = signed.terms.key, signed.message
    own = hash_of(key.algorithm)
    made: dict[str, bytes] = {}

    def sign(fault: str, pad: Any, chosen: Any) -> None:
        made[fault] = key.private.sign(message, pad, chosen)

    for number, chosen in {"1": hashes.SHA1(), **HASHES}.items():
        pss = padding.PSS(padding.MGF1(chosen), chosen.digest_size)
        if key.algorithm[:2] == "PS" or number != "1":
            if (key.algorithm[:2], chosen) != ("RS", own):
                sign(f"PKCS #1 v1.5, SHA-{number}", padding.PKCS1v15(), chosen)
            if (key.algorithm[:2], chosen) != ("PS", own):
                sign(f"PSS, SHA-{number}", pss, chosen)
    if key.algorithm[:2] == "PS":
        mgf = padding.MGF1(own)
        longest = key.size - own.digest_size - 2
        for salt in {0, 20, own.digest_size - 1, longest}:
            sign(f"PSS, salt of {salt}", padding.PSS(mgf, salt), own)
        other = padding.MGF1(hashes.SHA1())
        sign("PSS, mask of SHA-1", padding.PSS(other, own.digest_size), own)
    return made


def _encodings(signed: Signed) -> dict[str, bytes]:
    """PKCS #1 v1.5 encodings that deviate from the standard."""
    key = signed.terms.key
    size = key.size
    digest = hashlib.sha256(signed.message).digest()
    null = bytes.fromhex("0500")
    oid = bytes.fromhex(_SHA_OIDS["sha256"])
    right = _sequence(_sequence(oid + null) + _octet_string(digest))
    blocks = {
        "digest without its algorithm": _padded(digest, size),
        "algorithm without NULL": _padded(
            _sequence(_sequence(oid) + _octet_string(digest)), size
        ),
        "algorithm with more behind": _padded(
            _sequence(_sequence(oid + null + null) + _octet_string(digest)),
            size,
        ),
        "algorithm SHA-1": _padded(
            _sequence(
                _sequence(bytes.fromhex(_SHA_OIDS["sha1"]) + null)
                + _octet_string(digest)
            ),
            size,
        ),
        "length in the long form": _padded(b"\x30\x81" + right[1:], size),
        "something behind the encoding": _padded(right + b"\0", size),
        "short padding, the rest behind": (
            b"\0\1" + b"\xff" * 8 + b"\0" + right
        ).ljust(size, b"\0"),
        "digest cut": _padded(
            _sequence(_sequence(oid + null) + _octet_string(digest[:-1])), size
        ),
        "padding of zeros": b"\0\1"
        + _padded(right, size)[2:].replace(b"\xff" * 8, bytes(8)),
        "padding with a hole": b"\0\1\xff\xff\0" + _padded(right, size)[5:],
        "block type 0": b"\0\0" + _padded(right, size)[2:],
        "block type 2": b"\0\2" + _padded(right, size)[2:],
        "no padding": right.rjust(size, b"\0"),
    }
    numbers = key.private.private_numbers()
    exponent, modulus = numbers.d, numbers.public_numbers.n
    return {
        fault: pow(int.from_bytes(block, "big"), exponent, modulus).to_bytes(
            size, "big"
        )
        for fault, block in blocks.items()
    }


def _sequence(inside: bytes) -> bytes:
    return bytes([0x30, len(inside)]) + inside


def _octet_string(inside: bytes) -> bytes:
    return bytes([0x04, len(inside)]) + inside


def _padded(inside: bytes, size: int) -> bytes:
    return b"\0\1" + b"\xff" * (size - 3 - len(inside)) + b"\0" + inside
