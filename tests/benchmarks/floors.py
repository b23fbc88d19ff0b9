"""What signing and verifying cost with nothing around them.

No check that verifies a signature can be quicker, whatever else it leaves out.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)

from .credentials import SECRET, Pair, tokens

Signer = Callable[[bytes], bytes]
Verifier = Callable[[bytes, bytes], Any]
BATCHES = 15


def hs256(pair: Pair) -> tuple[Signer, Verifier]:
    """Return how to sign and to verify with a secret."""
    keyed = hmac.new(pair.private.encode(), digestmod="sha256")

    def sign(text: bytes) -> bytes:
        here = keyed.copy()  # quicker than to begin with the key
        here.update(text)
        return here.digest()

    def verify(text: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(sign(text), signature)

    return sign, verify


def rs256(pair: Pair) -> tuple[Signer, Verifier]:
    """Return how to sign and to verify with RSA keys."""
    private = load_pem_private_key(pair.private.encode(), None)
    public = load_pem_public_key(pair.public.encode())
    scheme, sha256 = padding.PKCS1v15(), SHA256()

    def verify(text: bytes, signature: bytes) -> None:
        public.verify(signature, text, scheme, sha256)

    return lambda text: private.sign(text, scheme, sha256), verify


def es256(pair: Pair) -> tuple[Signer, Verifier]:
    """Return how to sign and to verify with keys on the curve P-256."""
    private = load_pem_private_key(pair.private.encode(), None)
    public = load_pem_public_key(pair.public.encode())
    scheme = ec.ECDSA(SHA256())

    def sign(text: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(text, scheme))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def verify(text: bytes, signature: bytes) -> None:
        r = int.from_bytes(signature[:32], "big")
        s = int.from_bytes(signature[32:], "big")
        public.verify(encode_dss_signature(r, s), text, scheme)

    return sign, verify


FLOORS = {"HS256": hs256, "RS256": rs256, "ES256": es256}


def measure() -> dict[str, dict[str, float]]:
    """Return the microseconds of signing and of verifying, by algorithm."""
    (token,) = tokens("HS256", Pair(SECRET, SECRET), 1)
    text = token.rpartition(".")[0].encode()
    found = {}
    for algorithm, make in FLOORS.items():
        sign, verify = make(Pair.make(algorithm))
        signature = sign(text)
        found[algorithm] = {
            "sign": _time(lambda sign=sign: sign(text)),
            "verify": _time(lambda v=verify, s=signature: v(text, s)),
        }
    return found


def _time(call: Callable[[], Any], seconds: float = 0.02) -> float:
    """Return the microseconds of a call in the fastest of some batches."""
    started = time.perf_counter()
    call()
    once = time.perf_counter() - started
    count = max(1, int(seconds / once))
    batches = []
    for _ in range(BATCHES):
        started = time.perf_counter()
        for _ in range(count):
            call()
        batches.append((time.perf_counter() - started) / count)
    return round(min(batches) * 1e6, 2)
