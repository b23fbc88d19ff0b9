"""Turns key material into a `Key` for an algorithm, or refuses it.

A secret has at least the length of the hash, an RSA key 2048 bits, an elliptic
curve key the curve of its algorithm, and no public key is used as an HMAC
secret (T3, T16).
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import jwt

from ..exceptions import (
    InvalidConfiguration,
    ProvidedPathNotFound,
    RequiredKeysNotFound,
    WeakSecret,
)
from ..types import KeyMaterial

_HASH_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
_RSA = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
_CURVES = {
    "ES256": "secp256r1",
    "ES256K": "secp256k1",
    "ES384": "secp384r1",
    "ES512": "secp521r1",
}
_ALGORITHMS = {*_HASH_BYTES, *_RSA, *_CURVES, "EdDSA"}
_MINIMUM_RSA_BITS = 2048
_JWK_MEMBERS = {"kty", "keys"}


class Key:
    """A prepared key for one algorithm, with its key id if it has one.

    Args:
        algorithm: Name of the algorithm, such as `"ES256"`.
        public: The key that verifies; for HMAC the secret.
        private: The key that signs, or `None` if this key only verifies.
        key_id: `kid` of the key.

    Attributes:
        start: The beginning of every token that this key signs, its header
            and a dot; `None` until one was signed.
    """

    __slots__ = (
        "_keyed",
        "_private",
        "_public",
        "_pyjwt",
        "_signature_bytes",
        "algorithm",
        "key_id",
        "start",
    )

    def __init__(
        self,
        algorithm: str,
        public: Any,
        private: Any = None,
        key_id: str | None = None,
    ) -> None:
        self.algorithm: str = algorithm
        self.key_id: str | None = key_id
        self.start: bytes | None = None
        self._public = public
        self._private = private
        self._pyjwt = jwt.get_algorithm_by_name(algorithm)
        # hashing the secret is half of the work for a token: do it once
        self._keyed: hmac.HMAC | None = None
        if algorithm in _HASH_BYTES:
            keyed = hmac.new(public, digestmod=f"sha{algorithm[2:]}")
            # the OpenSSL object that it delegates to, if there is one
            self._keyed = getattr(keyed, "_hmac", None) or keyed
        # RFC 8017 section 8.1.2: the length of the modulus; OpenSSL also
        # accepts a PSS signature without its leading zeros
        self._signature_bytes: int | None = None
        if algorithm in _RSA:
            self._signature_bytes = (public.key_size + 7) // 8

    def __repr__(self) -> str:
        return f"Key({self.algorithm!r}, key_id={self.key_id!r})"

    @property
    def can_sign(self) -> bool:
        """Whether the key has its private half."""
        return self._private is not None

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`."""
        if self._keyed is not None:
            keyed = self._keyed.copy()
            keyed.update(message)
            return keyed.digest()
        return self._pyjwt.sign(message, self._private)

    def verifying_text(self) -> str:
        """Return the secret, or the public key in PEM."""
        if self._keyed is not None:
            secret: bytes = self._public
            return secret.decode()
        from cryptography.hazmat.primitives import serialization

        pem: bytes = self._public.public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        return pem.decode()

    def derive_secret(self, purpose: bytes) -> bytes:
        """Return a secret of 32 bytes that is derived from this private key.

        Args:
            purpose: Its purpose; each has a different secret.
        """
        private = self._private
        if not isinstance(private, bytes):
            from cryptography.hazmat.primitives import serialization

            private = private.private_bytes(
                serialization.Encoding.DER,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        return hmac.digest(private, purpose, "sha256")

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Return whether `signature` is the one of this key for `message`."""
        if self._keyed is not None:
            return hmac.compare_digest(self.sign(message), signature)
        if self._signature_bytes not in (None, len(signature)):
            return False
        return self._pyjwt.verify(message, self._public, signature)


def check_algorithm(algorithm: str) -> None:
    """Refuse an algorithm that is not supported.

    Raises:
        InvalidConfiguration: It is not.
    """
    if algorithm not in _ALGORITHMS:
        raise InvalidConfiguration(
            f"algorithm {algorithm!r} is not supported. Choose one of "
            f"{', '.join(sorted(_ALGORITHMS))}."
        )


def is_asymmetric(algorithm: str) -> bool:
    """Return whether an algorithm verifies with another key than it signs."""
    return algorithm not in _HASH_BYTES


def load_key(
    algorithm: str,
    *,
    public: KeyMaterial | None = None,
    private: KeyMaterial | None = None,
    key_id: str | None = None,
) -> Key:
    """Load key material and check that it fits its algorithm.

    Args:
        algorithm: Name of the algorithm.
        public: The public key, or the secret of an HMAC algorithm.
        private: The private key of an asymmetric algorithm; its public half
            is used if `public` is `None`.
        key_id: `kid` of the key.

    Raises:
        WeakSecret: An HMAC secret is shorter than the hash.
        RequiredKeysNotFound: The key that the algorithm requires is missing.
        InvalidConfiguration: The algorithm is not supported, or the key does
            not fit it.
    """
    check_algorithm(algorithm)
    if not is_asymmetric(algorithm):
        secret = _load_secret(algorithm, public)
        return Key(algorithm, secret, secret, key_id)
    if public is None and private is None:
        raise RequiredKeysNotFound(
            f"{algorithm} requires a private_key to sign, or a public_key to "
            "verify only."
        )
    signing: Any = None if private is None else _prepare(algorithm, private)
    if signing is not None and not _is_private(signing):
        raise RequiredKeysNotFound(
            "private_key is a public key, which cannot sign. Set the private "
            "half."
        )
    verifying: Any = signing if public is None else _prepare(algorithm, public)
    if _is_private(verifying):
        verifying = verifying.public_key()
    return Key(algorithm, verifying, signing, key_id)


def check_strength(key: Key) -> None:
    """Refuse an HMAC key that is too short.

    Raises:
        WeakSecret: The secret has fewer bytes than the hash.
    """
    needed = _HASH_BYTES.get(key.algorithm, 0)
    if needed and len(key._public) < needed:
        raise WeakSecret(
            f"The secret has {len(key._public)} bytes. {key.algorithm} "
            f"requires {needed} (RFC 7518 section 3.2). Make one with: python "
            '-c "import secrets; print(secrets.token_urlsafe(64))"'
        )


def _read(material: KeyMaterial) -> Any:
    if not isinstance(material, Path):
        return material
    if not material.is_file():
        raise ProvidedPathNotFound(f"There is no key file at {material}.")
    return material.read_bytes()


def _load_secret(algorithm: str, material: KeyMaterial | None) -> bytes:
    secret = _read(material)
    if isinstance(secret, str):
        secret = secret.encode()
    if not isinstance(secret, bytes) or not secret.strip():
        raise InvalidConfiguration(
            f"{algorithm} requires a secret: text or bytes that are not blank."
        )
    if _looks_like_jwk(secret):
        raise InvalidConfiguration(
            "The secret is a JWK or JWKS, which may be public. Set the key "
            "itself."
        )
    try:
        codec = jwt.get_algorithm_by_name(algorithm)
        codec.prepare_key(secret.strip())
        prepared: bytes = codec.prepare_key(secret)
        if b"-----BEGIN " in secret:  # also without its line breaks
            raise jwt.InvalidKeyError
    except jwt.InvalidKeyError as exc:
        raise InvalidConfiguration(
            f"The secret is an asymmetric key. With {algorithm}, everyone who "
            "has the public key could sign (CVE-2022-29217)."
        ) from exc
    if _is_public_der(prepared) or _is_public_der(_from_base64(prepared)):
        raise InvalidConfiguration(
            f"The secret is a public key in DER form. {algorithm} requires a "
            "secret."
        )
    return prepared


def _looks_like_jwk(secret: bytes) -> bool:
    try:
        value = json.loads(secret)
    except (ValueError, RecursionError):
        return False
    entries = value if isinstance(value, list) else [value]
    return any(
        isinstance(entry, dict) and _JWK_MEMBERS & entry.keys()
        for entry in entries
    )


def _from_base64(secret: bytes) -> bytes:
    try:
        return b64decode(secret)
    except ValueError:
        return b""


def _is_public_der(secret: bytes) -> bool:
    try:
        from cryptography.hazmat.primitives.serialization import (
            load_der_public_key,
        )
    except ImportError:  # without it no such key can be used
        return False
    try:
        load_der_public_key(secret)
    except Exception:
        return False
    return True


def _is_private(key: Any) -> bool:
    return hasattr(key, "private_numbers") or hasattr(key, "private_bytes_raw")


def _prepare(algorithm: str, material: KeyMaterial) -> Any:
    source = _read(material)
    if isinstance(source, jwt.PyJWK):
        source = source.key
    try:
        codec = jwt.get_algorithm_by_name(algorithm)
    except NotImplementedError as exc:
        raise InvalidConfiguration(
            f"{algorithm} requires the package cryptography. Install the "
            "extra crypto: in a checkout of sanic_jwt_oo, run pip install "
            "'.[crypto]'."
        ) from exc
    try:
        key = codec.prepare_key(source)
    except Exception as exc:
        raise InvalidConfiguration(
            f"The key is not a valid key for {algorithm}. Use the text of an "
            "unencrypted PEM or OpenSSH public key, a Path to one, or a key "
            "object of the right kind."
        ) from exc
    bits = getattr(key, "key_size", 0)
    if algorithm in _RSA and bits < _MINIMUM_RSA_BITS:
        raise InvalidConfiguration(
            f"The RSA key has {bits} bits. {algorithm} requires "
            f"{_MINIMUM_RSA_BITS} (RFC 7518 section 3.3)."
        )
    curve = getattr(getattr(key, "curve", None), "name", None)
    if curve != _CURVES.get(algorithm):
        raise InvalidConfiguration(
            f"{algorithm} requires a key on the curve {_CURVES[algorithm]}, "
            f"not {curve} (RFC 7518 section 3.4)."
        )
    return key
