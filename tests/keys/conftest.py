"""Keys of every family, made once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

CURVES = {
    "ES256": ec.SECP256R1(),
    "ES256K": ec.SECP256K1(),
    "ES384": ec.SECP384R1(),
    "ES512": ec.SECP521R1(),
}


@lru_cache
def private_key(algorithm: str, bits: int = 2048) -> Any:
    """Return a private key object that fits an algorithm."""
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm])
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == "Ed448":
        return ed448.Ed448PrivateKey.generate()
    return rsa.generate_private_key(65537, bits)


def private_pem(key: Any, password: bytes | None = None) -> bytes:
    lock: Any = form.NoEncryption()
    if password is not None:
        lock = form.BestAvailableEncryption(password)
    return key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, lock)


def public_bytes(key: Any, encoding: Any = form.Encoding.PEM) -> bytes:
    kind = form.PublicFormat.SubjectPublicKeyInfo
    if encoding is form.Encoding.OpenSSH:
        kind = form.PublicFormat.OpenSSH
    return key.public_key().public_bytes(encoding, kind)


@pytest.fixture
def rsa_key() -> Any:
    return private_key("RS256")
