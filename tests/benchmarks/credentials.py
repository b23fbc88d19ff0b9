"""Keys and tokens for the measurements.

Every token of a series has the same length and none comes twice. They expire
in the year 2100, so that a figure does not depend on the day, and are kept
from run to run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from . import ROOT

WORKSHOP = ROOT / ".bench"
SECRET = "only for measuring, and long enough for HS256"
SCOPES = ["a:b", "c"]
CSRF = "a value that no other site knows"
EXPIRES = 4_102_444_800
FIRST_USER = 1_000_000
BODY = f'{{"user_id": {FIRST_USER}}}'
DISTINCT = 25_000  # a cache of 10,000 tokens never has one when it comes again
Claims = Callable[[int], dict[str, Any]]


@dataclass(frozen=True)
class Pair:
    """What signs and what verifies: a secret, or a key pair as PEM."""

    private: str
    public: str

    @classmethod
    def make(cls, algorithm: str) -> Pair:
        """Return a new pair for an algorithm."""
        if algorithm == "HS256":
            return cls(SECRET, SECRET)
        key = (
            ec.generate_private_key(ec.SECP256R1())
            if algorithm == "ES256"
            else rsa.generate_private_key(65537, 2048)
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        return cls(private.decode(), public.decode())

    @classmethod
    def read(cls, path: Path) -> Pair:
        """Return the pair that a file holds."""
        return cls(**json.loads(path.read_text()))


def user_claims(number: int) -> dict[str, Any]:
    """Return the payload of one of the tokens of the Sanic servers."""
    user_id = FIRST_USER + number
    return {"user_id": user_id, "exp": EXPIRES, "scopes": SCOPES}


def session_claims(number: int) -> dict[str, Any]:
    """Return the payload of a token that belongs to a session."""
    ids = {"sid": f"{number:034x}", "jti": f"{number:022x}", "csrf": CSRF}
    return {**user_claims(number), **ids}


def other_claims(number: int) -> dict[str, Any]:
    """Return the payload of a token that is none of the usual series."""
    return user_claims(DISTINCT + number)


def tokens(
    algorithm: str, pair: Pair, count: int, claims: Claims = user_claims
) -> Iterator[str]:
    """Make a series of different tokens."""
    # reading a PEM anew costs 40 ms for each signature
    key = jwt.get_algorithm_by_name(algorithm).prepare_key(pair.private)
    for number in range(count):
        yield jwt.encode(claims(number), key, algorithm)


class Store:
    """Keys and series of tokens in a directory, made when first asked for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(exist_ok=True)

    def keys(self, algorithm: str) -> Path:
        """Return the file with the pair for an algorithm."""
        path = self._directory / f"keys-{algorithm}.json"
        if not path.exists():
            _write(path, [json.dumps(asdict(Pair.make(algorithm)))])
        return path

    def tokens(
        self,
        name: str,
        algorithm: str,
        claims: Claims = user_claims,
        count: int = DISTINCT,
    ) -> Path:
        """Return a file of different tokens, one a line."""
        path = self._directory / f"tokens-{name}.txt"
        pair = Pair.read(self.keys(algorithm))
        if not path.exists():
            _write(path, tokens(algorithm, pair, count, claims))
        return path


def _write(path: Path, lines: Iterable[str]) -> None:
    """Write a file as a whole, or not at all."""
    part = path.with_suffix(".part")
    part.write_text("".join(f"{line}\n" for line in lines))
    part.replace(path)
