"""Key pairs for the asymmetric algorithms, made once a run."""

import tempfile
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CURVES = {
    "ES256": ec.SECP256R1,
    "ES384": ec.SECP384R1,
    "ES512": ec.SECP521R1,
}


@cache
def pair(algorithm: str, number: int = 0) -> tuple[str, str]:
    """The private and the public key for an algorithm, as PEM.

    RS and PS share their keys; ``number`` tells several pairs apart.
    """
    if algorithm in CURVES:
        return _pem(ec.generate_private_key(CURVES[algorithm]()))
    return _rsa_pair(number)


@cache
def _rsa_pair(number: int) -> tuple[str, str]:
    return _pem(rsa.generate_private_key(65537, 2048))


@cache
def weak_rsa_pair() -> tuple[str, str]:
    """An RSA pair below the 2048 bits that RFC 7518 asks for."""
    return _pem(rsa.generate_private_key(65537, 1024))


@cache
def files(algorithm: str) -> tuple[Path, Path]:
    """The same pair in files."""
    folder = Path(_folder().name)
    paths = []
    for name, pem in zip(("private", "public"), pair(algorithm), strict=True):
        path = folder / f"{algorithm}-{name}.pem"
        path.write_text(pem)
        paths.append(path)
    return paths[0], paths[1]


@cache
def secret_file(secret: str) -> Path:
    """A file that holds a shared secret."""
    path = Path(_folder().name) / "secret.txt"
    path.write_text(secret)
    return path


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="differential-keys-")


def _pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
) -> tuple[str, str]:
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM,
        serialization.PublicFormat.SubjectPublicKeyInfo,
    )
    return private.decode(), public.decode()
