"""Turn key material into a `Key` that is fit for its algorithm, or refuse.

Requirements T3 and T16: secrets as long as the hash, RSA keys of 2048 bits,
the curve that the algorithm names, and never a public key as an HMAC secret.
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
    """A prepared key, bound to one algorithm and, if it has one, its id.

    Args:
        algorithm: Name of the algorithm, such as `"ES256"`.
        public: What verifies; the secret itself under HMAC.
        private: What signs, or `None` if this key only verifies.
        key_id: `kid` of the key.

    Attributes:
        start: What the tokens begin with that this key signs, their header
            and a dot, once one was made.
    """

    __slots__ = (
        "_codec",
        "_keyed",
        "_private",
        "_public",
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
        self._codec = jwt.get_algorithm_by_name(algorithm)
        # takes in the secret once: half of the work for a token
        self._keyed: hmac.HMAC | None = None
        if algorithm in _HASH_BYTES:
            keyed = hmac.new(public, digestmod=f"sha{algorithm[2:]}")
            # what it hands everything on to, if there is one
            self._keyed = getattr(keyed, "_hmac", None) or keyed
        # RFC 8017 section 8.1.2: as long as the modulus; OpenSSL takes a PSS
        # signature without its leading zeros too
        self._signature_bytes: int | None = None
        if algorithm in _RSA:
            self._signature_bytes = (public.key_size + 7) // 8

    def __repr__(self) -> str:
        return f"Key({self.algorithm!r}, key_id={self.key_id!r})"

    @property
    def can_sign(self) -> bool:
        """Whether the private half is here."""
        return self._private is not None

    def sign(self, message: bytes) -> bytes:
        """Return the signature of `message`."""
        if self._keyed is not None:
            keyed = self._keyed.copy()
            keyed.update(message)
            return keyed.digest()
        return self._codec.sign(message, self._private)

    def derive(self, purpose: bytes) -> bytes:
        """Return a secret of 32 bytes that follows from this private key.

        Args:
            purpose: What it is for; each purpose has a secret of its own.
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
        """Tell whether `signature` is this key's for `message`."""
        if self._keyed is not None:
            return hmac.compare_digest(self.sign(message), signature)
        if self._signature_bytes not in (None, len(signature)):
            return False
        return self._codec.verify(message, self._public, signature)


def check_algorithm(algorithm: str) -> None:
    """Refuse an algorithm that is not known here.

    Raises:
        InvalidConfiguration: Nothing is signed with it.
    """
    if algorithm not in _ALGORITHMS:
        raise InvalidConfiguration(
            f"algorithm {algorithm!r} is not supported; choose one of "
            f"{', '.join(sorted(_ALGORITHMS))}."
        )


def is_asymmetric(algorithm: str) -> bool:
    """Tell whether an algorithm signs with one key, verifies with another."""
    return algorithm not in _HASH_BYTES


def load_key(
    algorithm: str,
    *,
    public: KeyMaterial | None = None,
    private: KeyMaterial | None = None,
    key_id: str | None = None,
) -> Key:
    """Read key material and check it against its algorithm.

    Args:
        algorithm: Name of the algorithm.
        public: The public key, or the secret of an HMAC algorithm.
        private: The private key of an asymmetric algorithm; its public half
            is taken from it when `public` is left out.
        key_id: `kid` of the key.

    Raises:
        WeakSecret: An HMAC secret is shorter than the hash.
        RequiredKeysNotFound: There is no key for the algorithm.
        InvalidConfiguration: The algorithm is unknown, or the key is not for
            it.
    """
    check_algorithm(algorithm)
    if not is_asymmetric(algorithm):
        secret = _load_secret(algorithm, public)
        return Key(algorithm, secret, secret, key_id)
    if public is None and private is None:
        raise RequiredKeysNotFound(
            f"{algorithm} needs a private_key to sign, and its public_key "
            "where tokens are only verified."
        )
    signing: Any = None if private is None else _prepare(algorithm, private)
    if signing is not None and not _is_private(signing):
        raise RequiredKeysNotFound(
            "private_key holds a public key; it cannot sign."
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
            f"The secret has {len(key._public)} bytes and {key.algorithm} "
            f"needs {needed} (RFC 7518 section 3.2). Make one with: python "
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
            f"{algorithm} needs a secret: text or bytes that are not blank."
        )
    if _looks_like_jwk(secret):
        raise InvalidConfiguration(
            "The secret is the text of a JWK or JWKS, which may be public. "
            "Pass the key itself."
        )
    try:
        codec = jwt.get_algorithm_by_name(algorithm)
        codec.prepare_key(secret.strip())
        prepared: bytes = codec.prepare_key(secret)
        if b"-----BEGIN " in secret:  # also one that lost its line ends
            raise jwt.InvalidKeyError
    except jwt.InvalidKeyError as exc:
        raise InvalidConfiguration(
            f"The secret is an asymmetric key, which {algorithm} must not "
            "use: whoever has the public key could sign (CVE-2022-29217)."
        ) from exc
    if _is_public_der(prepared) or _is_public_der(_from_base64(prepared)):
        raise InvalidConfiguration(
            f"The secret is a public key in DER form; {algorithm} needs a "
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
    except ImportError:  # without it no such key can be in use here
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
            f"{algorithm} needs the package cryptography, from the extra "
            "crypto: in a checkout of sanic_jwt_oo, pip install '.[crypto]'."
        ) from exc
    try:
        key = codec.prepare_key(source)
    except Exception as exc:
        raise InvalidConfiguration(
            f"The key cannot be read as a key for {algorithm}: expected the "
            "text of an unencrypted PEM or OpenSSH public key, a Path to "
            "one, or a key object of the right family."
        ) from exc
    bits = getattr(key, "key_size", 0)
    if algorithm in _RSA and bits < _MINIMUM_RSA_BITS:
        raise InvalidConfiguration(
            f"The RSA key has {bits} bits; {algorithm} needs "
            f"{_MINIMUM_RSA_BITS} (RFC 7518 section 3.3)."
        )
    curve = getattr(getattr(key, "curve", None), "name", None)
    if curve != _CURVES.get(algorithm):
        raise InvalidConfiguration(
            f"{algorithm} needs a key on the curve {_CURVES[algorithm]}, "
            f"not {curve} (RFC 7518 section 3.4)."
        )
    return key
