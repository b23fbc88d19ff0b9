"""Headers: other algorithms, keys of other kinds, embedded keys.

Requirements T2 to T6 and T15: the header is only compared. Tokens to be
refused are signed too, with the right key if there is one.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
)

from tests.security.forging import b64, bytes_of

from ..keys import SigningKey, signing_key
from ..terms import ALL, Terms
from .vector import Vector

ALGORITHMS: list[Any] = [
    "none",
    "None",
    "NONE",
    "nOnE",
    "none ",
    "",
    "HS256",
    "HS384",
    "HS512",
    "RS256",
    "PS256",
    "ES256",
    "ES256K",
    "ES512",
    "EdDSA",
    "Ed25519",
    "A256GCM",
    "dir",
    None,
    True,
    0,
    [],
    {},
]
FIELDS: dict[str, Any] = {
    "crit empty": {"crit": []},
    "crit b64": {"crit": ["b64"], "b64": True},
    "crit exp": {"crit": ["exp"], "exp": 1},
    "crit null": {"crit": None},
    "b64 false": {"b64": False},
    "b64 null": {"b64": None},
    "zip": {"zip": "DEF"},
    "enc": {"enc": "A256GCM"},
    "typ refresh": {"typ": "refresh+jwt"},
    "typ JWE": {"typ": "JWE"},
    "typ null": {"typ": None},
    "kid unknown": {"kid": "other"},
    "kid null": {"kid": None},
    "kid number": {"kid": 1},
    "kid list": {"kid": ["one"]},
    "kid path": {"kid": "../../../../dev/null"},
    "kid SQL": {"kid": "x' UNION SELECT 'key"},
    "kid empty": {"kid": ""},
}
GOOD_FIELDS: dict[str, Any] = {
    "typ absent": {"typ": ...},
    "typ in other case": {"typ": "jwt"},
    "typ access token": {"typ": "at+jwt"},
    "b64 true": {"b64": True},
    "jku": {"jku": "https://attacker.example/keys"},
    "x5u": {"x5u": "https://attacker.example/chain"},
    "cty": {"cty": "JWT"},
    "unknown member": {"x": [None, {}]},
}


def vectors() -> Iterator[Vector]:
    for name in ("plain", "HS512", "RS256", "PS256", "ES256", "Ed25519"):
        yield from _algorithms(name, ALL[name])
    for name in ("plain", "ES256", "key ids"):
        yield from _fields(name, ALL[name])
    yield from _texts()
    yield from _key_ids()
    for name in ("RS256", "PS256", "ES256", "Ed25519"):
        yield from _confusions(name, ALL[name])
    yield from _embedded()


def _algorithms(name: str, terms: Terms) -> Iterator[Vector]:
    own = terms.key.algorithm
    yield Vector(name, "good", terms.token(), good=True)
    spellings = [own.lower(), f"{own} ", f" {own}", f"{own}\0", own[:-1]]
    spellings += [f"{own}X", [own], {own: own}]
    for alg in [*ALGORITHMS, *spellings]:
        if alg == own:
            continue
        written = f"alg {json.dumps(alg)}"
        signed = terms.token({"alg": alg})
        yield Vector(name, written, signed)
        text, _, _ = signed.rpartition(".")
        yield Vector(name, f"{written}, unsigned", f"{text}.")
    header = {n: v for n, v in terms.header().items() if n != "alg"}
    yield Vector(name, "alg absent", terms.sealed(header, terms.claims()))
    for kind in ("HS256", "HS512", "ES256", "RS256", "PS256", "Ed25519"):
        other = signing_key(kind)
        if other.algorithm == own:
            continue
        token = terms.sealed({"alg": other.algorithm}, terms.claims(), other)
        yield Vector(name, f"key and alg {kind}", token)
        token = terms.sealed(terms.header(), terms.claims(), other)
        yield Vector(name, f"key {kind}", token)


def _fields(name: str, terms: Terms) -> Iterator[Vector]:
    for faults, good in ((FIELDS, False), (GOOD_FIELDS, True)):
        for fault, fields in faults.items():
            merged = {**terms.header(), **fields}
            header = {n: v for n, v in merged.items() if v is not ...}
            if name == "key ids" and fault == "kid empty":
                continue  # it has such a key
            yield Vector(
                name, fault, terms.sealed(header, terms.claims()), good
            )


def _texts() -> Iterator[Vector]:
    """Headers that JSON parsers read differently."""
    terms = ALL["plain"]
    texts: dict[str, tuple[Any, bool]] = {
        "alg twice, the last one right": (
            '{"alg":"none","alg":"HS256"}',
            True,
        ),
        "alg twice, none last": ('{"alg":"HS256","alg":"none"}', False),
        "alg spelt out": ('{"\\u0061lg":"HS\\u003256"}', True),
        "white space": (' {\n"alg"\t:\r"HS256" } ', True),
        "no-break space": ('\u00a0{"alg":"HS256"}', False),
        "comma at the end": ('{"alg":"HS256",}', False),
        "comment": ('{"alg":"HS256"/**/}', False),
        "single quotes": ("{'alg':'HS256'}", False),
        "NaN": ('{"alg":"HS256","x":NaN}', False),
        "huge number": ('{"alg":"HS256","x":1e999}', True),
        "long number": ('{"alg":"HS256","x":' + "9" * 5000 + "}", False),
        "deep": (
            '{"alg":"HS256","x":' + "[" * 20_000 + "]" * 20_000 + "}",
            False,
        ),
        "list": ('["HS256"]', False),
        "text": ('"HS256"', False),
        "null": ("null", False),
        "empty": ("", False),
        "two objects": ('{"alg":"HS256"}{"alg":"HS256"}', False),
        "zero behind": ('{"alg":"HS256"}\0', False),
        "BOM": (b'\xef\xbb\xbf{"alg":"HS256"}', False),
        "UTF-16": ('{"alg":"HS256"}'.encode("utf-16"), False),
        "UTF-16 without BOM": ('{"alg":"HS256"}'.encode("utf-16-le"), False),
        "overlong UTF-8": (b'{"alg":"HS256","x":"\xc0\x80"}', False),
        "surrogate in UTF-8": (b'{"alg":"HS256","x":"\xed\xa0\x80"}', False),
        "half a character": ('{"alg":"HS256","x":"\\ud800"}', True),
    }
    for fault, (text, good) in texts.items():
        token = terms.sealed(text, terms.claims())
        yield Vector("plain", f"header: {fault}", token, good)


def _key_ids() -> Iterator[Vector]:
    terms = ALL["key ids"]
    for name, key in terms.others.items():
        header = {**terms.header(), "kid": name}
        for signer, good in ((key, True), (terms.key, False)):
            token = terms.sealed(header, terms.claims(), signer)
            fault = "its own key" if good else "the key of another"
            yield Vector("key ids", f"kid {name!r}, {fault}", token, good)
    bare = {"alg": terms.key.algorithm}
    for signer, good in ((terms.key, True), (terms.others["two"], False)):
        token = terms.sealed(bare, terms.claims(), signer)
        yield Vector("key ids", f"no kid, signed by {signer}", token, good)
    for kid in ("ONE", "one ", "on", "two\0", "ü", "key ids"):
        yield Vector("key ids", f"kid {kid!r}", terms.token({"kid": kid}))


def _confusions(name: str, terms: Terms) -> Iterator[Vector]:
    """Public keys used as secrets (CVE-2022-29217, CVE-2024-33663)."""
    key = terms.key
    pem = key.verifier.encode()
    der = key.public.public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    jwk = jwt.get_algorithm_by_name(key.algorithm).to_jwk(key.public)
    secrets = {
        "PEM": pem,
        "PEM without the last line feed": pem.rstrip(),
        "PEM in one line": pem.replace(b"\n", b""),
        "PEM with line ends of DOS": pem.replace(b"\n", b"\r\n"),
        "DER": der,
        "DER as base64": base64.b64encode(der),
        "JWK": jwk.encode(),
        "nothing": b"",
    }
    for fault, secret in secrets.items():
        for alg in ("HS256", key.algorithm):
            message = ".".join(
                b64(bytes_of(part))
                for part in ({"alg": alg, "typ": "JWT"}, terms.claims())
            )
            tag = hmac.digest(secret, message.encode(), "sha256")
            yield Vector(
                name, f"{fault} as secret, alg {alg}", f"{message}.{b64(tag)}"
            )


def _embedded() -> Iterator[Vector]:
    """Keys embedded in a token (CVE-2018-0114)."""
    for name, kind in (("ES256", "ES256"), ("RS256", "RS256")):
        terms, attacker = ALL[name], signing_key(kind, 2)
        for field, value in _carried(attacker).items():
            header = {**terms.header(), field: value}
            forged = terms.sealed(header, terms.claims(), attacker)
            yield Vector(name, f"{field} of another", forged)
            ignored = terms.sealed(header, terms.claims())
            yield Vector(name, f"{field} of another, ignored", ignored, True)


def _carried(key: SigningKey) -> dict[str, Any]:
    codec = jwt.get_algorithm_by_name(key.algorithm)
    der = key.public.public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "jwk": codec.to_jwk(key.public, as_dict=True),
        "x5c": [base64.b64encode(der).decode()],
    }
