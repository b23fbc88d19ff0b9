"""What the security tests share: the two fronts, and keys."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from sanic_jwt_oo.keys import Key

from .shops import FRONTS


@pytest.fixture(params=[*FRONTS])
def front(request: pytest.FixtureRequest) -> str:
    """Each of the two fronts, for a requirement that both must meet."""
    return str(request.param)


@pytest.fixture
def signatures(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every signature that is verified."""
    checked: list[bytes] = []
    verify = Key.verify

    def count(self: Key, message: bytes, signature: bytes) -> bool:
        checked.append(signature)
        return verify(self, message, signature)

    monkeypatch.setattr(Key, "verify", count)
    return checked


class KeyPair:
    """A private key, and its public key in several formats."""

    def __init__(self, private: Any) -> None:
        self.private = private
        self.public = private.public_key()

    @property
    def private_pem(self) -> bytes:
        return self.private.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )

    def public_bytes(
        self,
        encoding: Encoding = Encoding.PEM,
        form: PublicFormat = PublicFormat.SubjectPublicKeyInfo,
    ) -> bytes:
        return self.public.public_bytes(encoding, form)


@cache
def _rsa(bits: int, number: int) -> KeyPair:
    return KeyPair(rsa.generate_private_key(65537, bits))


@pytest.fixture(scope="session")
def rsa_pair() -> KeyPair:
    return _rsa(2048, 1)


@pytest.fixture(scope="session")
def attackers_rsa_pair() -> KeyPair:
    return _rsa(2048, 2)


@pytest.fixture(scope="session")
def weak_rsa_pair() -> KeyPair:
    return _rsa(1024, 1)


@pytest.fixture(scope="session")
def ec_pair() -> KeyPair:
    return KeyPair(ec.generate_private_key(ec.SECP256R1()))
