"""Keys of every family, and signatures made by neither side.

The standard library and `cryptography` sign here, so that a fault in PyJWT's
or our signing cannot hide one in verifying.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cache, cached_property
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import (
    ec,
    ed448,
    ed25519,
    padding,
    rsa,
)
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.security.forging import SECRET

HASHES: dict[str, Any] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
CURVES: dict[str, Any] = {
    "ES256": ec.SECP256R1(),
    "ES256K": ec.SECP256K1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
}
_EDWARDS: dict[str, tuple[Any, int]] = {
    "Ed25519": (ed25519.Ed25519PrivateKey, 32),
    "Ed448": (ed448.Ed448PrivateKey, 57),
}


def hash_of(algorithm: str) -> Any:
    """Return the hash that an algorithm is named after."""
    return HASHES[algorithm[2:5]]


def raw_of(der: bytes, size: int) -> bytes:
    """Return an ECDSA signature in the form of RFC 7518 section 3.4."""
    return b"".join(n.to_bytes(size, "big") for n in decode_dss_signature(der))


class SigningKey:
    """A key that signs, and the material that both sides verify with.

    Attributes:
        kind: Its `alg`, or for EdDSA the curve.
    """

    def __init__(self, kind: str, number: int) -> None:
        self.kind = kind
        self._number = number

    def __repr__(self) -> str:
        return f"signing_key({self.kind!r}, {self._number})"

    @property
    def algorithm(self) -> str:
        return "EdDSA" if self.kind in _EDWARDS else self.kind

    @cached_property
    def private(self) -> Any:
        """The bytes of a secret, or a private key."""
        return _private(self.kind, self._number)

    @property
    def is_secret(self) -> bool:
        return self.kind.startswith("HS")

    @property
    def public(self) -> Any:
        return self.private.public_key()

    @cached_property
    def verifier(self) -> str:
        """The text of the secret, or of the public key."""
        if self.is_secret:
            return self.private.decode()
        return self.public.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        ).decode()

    @property
    def private_pem(self) -> str:
        return self.private.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()

    @property
    def size(self) -> int:
        """The bytes of half an ECDSA signature, or of a whole RSA one."""
        return (self.private.key_size + 7) // 8

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message, ready for a token."""
        family = self.algorithm[:2]
        if family == "HS":
            name = hash_of(self.algorithm).name
            return hmac.digest(self.private, message, name)
        if family == "Ed":
            return self.private.sign(message)
        if family == "ES":
            return raw_of(self.sign_der(message), self.size)
        chosen = hash_of(self.algorithm)
        if family == "RS":
            return self.private.sign(message, padding.PKCS1v15(), chosen)
        pss = padding.PSS(padding.MGF1(chosen), chosen.digest_size)
        return self.private.sign(message, pss, chosen)

    def sign_der(self, message: bytes, chosen: Any = None) -> bytes:
        """Return an ECDSA signature in DER; the same one each time."""
        chosen = chosen or hash_of(self.algorithm)
        return self.private.sign(
            message, ec.ECDSA(chosen, deterministic_signing=True)
        )


@cache
def signing_key(kind: str, number: int = 1) -> SigningKey:
    """Return a key of a kind, the same one each time.

    Args:
        kind: Its `alg`, or for EdDSA the curve.
        number: There are several of each kind; the first secret is that of
            the tokens in `tests.security`.
    """
    return SigningKey(kind, number)


def _private(kind: str, number: int) -> Any:
    if kind.startswith("HS") and number == 1:
        return SECRET.encode()
    seed = hashlib.sha512(f"{kind} {number}".encode()).digest()
    if kind.startswith("HS"):
        return seed.hex().encode()
    if kind in _EDWARDS:
        form, size = _EDWARDS[kind]
        return form.from_private_bytes(seed[:size])
    if kind in CURVES:
        scalar = int.from_bytes(seed[:31], "big")
        return ec.derive_private_key(scalar, CURVES[kind])
    return _rsa(number)


@cache
def _rsa(number: int) -> rsa.RSAPrivateKey:
    """Return a new pair; RS and PS of one number have it in common."""
    return rsa.generate_private_key(65537, 2048)
