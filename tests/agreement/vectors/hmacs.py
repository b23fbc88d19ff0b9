"""HMAC: tags of other lengths, hashes, keys and messages (RFC 7518 3.2)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from ..keys import signing_key
from .vector import Signed, Vector


def vectors() -> Iterator[Vector]:
    for name in ("plain", "HS384", "HS512"):
        signed = Signed(name)
        yield signed.vector("good", signed.signature, good=True)
        tags = {**signed.lengths(), **signed.flips(), **_tags(signed)}
        for fault, tag in tags.items():
            yield signed.vector(fault, tag)


def _tags(signed: Signed) -> dict[str, bytes]:
    key, message = signed.terms.key, signed.message
    secret = key.private
    tags = {
        f"hash {name}": hmac.digest(secret, message, name)
        for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
        if len(signed.signature) != hashlib.new(name).digest_size
    }
    for size in (16, 31):
        tags[f"first {size} octets"] = signed.signature[:size]
    longer = hmac.digest(secret, message, "sha512")
    header, payload = message.split(b".")
    own = f"sha{key.algorithm[2:]}"
    return {
        **tags,
        "of SHA-512, cut": longer[: len(signed.signature) // 2],
        "as hexadecimal text": signed.signature.hex().encode(),
        "no key": hmac.digest(b"", message, own),
        "another key": signing_key(key.kind, 2).sign(message),
        "key with a line feed": hmac.digest(secret + b"\n", message, own),
        "key with a zero": hmac.digest(secret + b"\0" * 65, message, own),
        "plain hash of key and message": hashlib.new(
            own, secret + message
        ).digest(),
        "of the payload alone": key.sign(payload),
        "of the header alone": key.sign(header),
        "of the segments without dot": key.sign(header + payload),
        "of the message with a dot": key.sign(message + b"."),
        "of the message in other case": key.sign(message.swapcase()),
    }
