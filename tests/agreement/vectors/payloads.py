"""Payloads: odd JSON, and claims on the limit of validity.

Requirements T8 to T13 and T17. The time is `NOW`, leeway is a minute.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.security.forging import NOW

from ..terms import ALL
from .vector import Vector

MEMBERS: dict[str, tuple[str, bool]] = {
    "no number": ('"x":NaN', False),
    "infinite": ('"x":-Infinity', False),
    "number beyond floats": ('"x":1e999', True),
    "negative zero": ('"x":[-0,-0.0]', True),
    "number of many digits": ('"x":' + "7" * 4300, True),
    "number of too many digits": ('"x":' + "7" * 4301, False),
    "many places": ('"x":1.10000000000000000000000001', True),
    "half a character": ('"x":"\\ud800"', True),
    "halves in the wrong order": ('"x":"\\udc00\\ud83d"', True),
    "zero in a text": ('"x":"\\u0000"', True),
    "control character in a text": ('"x":"\x01"', False),
    "line separator in a text": ('"x":"\u2028"', True),
    "member twice": ('"x":1,"x":2', True),
    "name without letters": ('"":1', True),
    "name spelt out": ('"\\u0078":1', True),
    "a hundred lists deep": ('"x":' + "[" * 100 + "]" * 100, True),
    "twenty thousand lists deep": (
        '"x":' + "[" * 20_000 + "]" * 20_000,
        False,
    ),
    "aud null": ('"aud":null', True),
    "aud empty": ('"aud":[]', True),
    "aud of somebody": ('"aud":"a"', False),
    "sub number": ('"sub":1', False),
    "sub null": ('"sub":null', False),
    "jti list": ('"jti":["a"]', False),
}
TIMES: dict[str, tuple[str, bool]] = {
    "a second before its end": (str(NOW - 59), True),
    "at its end": (str(NOW - 60), False),
    "a fraction after its end": (f"{NOW - 60}.999", False),
    "with a fraction": (f"{NOW - 59}.001", True),
    "in parts of ten": ("1.8e9", True),
    "in whole parts of ten": ("18E8", True),
    "for ever, nearly": ("9" * 400, True),
    "beyond floats": ("1e999", False),
    "negative": ("-1", False),
    "true": ("true", False),
    "text": (f'"{NOW + 60}"', False),
    "null": ("null", False),
    "list": (f"[{NOW + 60}]", False),
}
AUDIENCES: list[tuple[Any, bool]] = [
    ("a", True),
    ("A", False),
    ("a ", False),
    ("ab", False),
    ("", False),
    (["a"], True),
    (["b", "a"], True),
    (["b"], False),
    (["a", 1], False),
    (["a", None], False),
    ([["a"]], False),
    ({"a": 1}, False),
    (1, False),
    (None, False),
    (True, False),
]
ISSUERS: list[tuple[Any, bool]] = [
    ("i", True),
    ("I", False),
    ("i/", False),
    ("", False),
    (["i"], False),
    ({"i": 1}, False),
    (None, False),
    (1, False),
]


def vectors() -> Iterator[Vector]:
    terms = ALL["plain"]
    header = terms.header()
    for fault, (text, good) in MEMBERS.items():
        payload = f'{{"user_id":1,"exp":{NOW + 60},{text}}}'
        yield Vector("plain", fault, terms.sealed(header, payload), good)
    for fault, (text, good) in TIMES.items():
        token = terms.sealed(header, f'{{"user_id":1,"exp":{text}}}')
        yield Vector("plain", f"exp {fault}", token, good)
    for name in ("iat", "nbf"):
        for ahead, good in ((60, True), (60.9, True), (61, False)):
            token = terms.token(**{name: NOW + ahead})
            yield Vector("plain", f"{name} {ahead} s ahead", token, good)
        for value in (True, None, str(NOW), [NOW], {}):
            token = terms.token(**{name: value})
            yield Vector("plain", f"{name} {json.dumps(value)}", token)
    for name, claim, table in (
        ("audience", "aud", AUDIENCES),
        ("issuer", "iss", ISSUERS),
    ):
        for value, good in table:
            token = ALL[name].token(**{claim: value})
            yield Vector(name, f"{claim} {json.dumps(value)}", token, good)
    yield from _octets()
    yield from _twice()
    yield from _required()


def _octets() -> Iterator[Vector]:
    """Payloads in another encoding, or that are not an object."""
    terms = ALL["plain"]
    text = json.dumps(terms.claims())
    octets = {
        "empty": b"",
        "no object": b"[]",
        "null": b"null",
        "two objects": f"{text}{text}".encode(),
        "BOM": text.encode("utf-8-sig"),
        "UTF-16": text.encode("utf-16"),
        "UTF-32": text.encode("utf-32"),
        "octet behind": text.encode() + b"\xff",
        "overlong": text[:-1].encode() + b',"x":"\xc0\xaf"}',
        "surrogate": text[:-1].encode() + b',"x":"\xed\xa0\x80"}',
    }
    for fault, payload in octets.items():
        token = terms.sealed(terms.header(), payload)
        yield Vector("plain", f"payload: {fault}", token)


def _twice() -> Iterator[Vector]:
    """Both sides use the last of duplicate members."""
    terms = ALL["plain"]
    for first, last, good in ((1, NOW, True), (NOW, 1, False)):
        payload = f'{{"user_id":1,"exp":{first},"exp":{last}}}'
        token = terms.sealed(terms.header(), payload)
        fault = "the good one last" if good else "the good one first"
        yield Vector("plain", f"exp twice, {fault}", token, good)


def _required() -> Iterator[Vector]:
    terms = ALL["required claims"]
    for name in ("exp", "sub", "x"):
        claims = terms.claims()
        del claims[name]
        token = terms.sealed(terms.header(), claims)
        yield Vector("required claims", f"without {name}", token)
        token = terms.token(**{name: None})
        yield Vector("required claims", f"{name} null", token)
    plain = ALL["plain"]
    for fault, payload in (
        ("absent", {"exp": NOW}),
        ("null", {"user_id": None, "exp": NOW}),
        ("another", {"sub": "1", "exp": NOW}),
    ):
        token = plain.sealed(plain.header(), payload)
        yield Vector("plain", f"user id {fault}", token)
    bare = ALL["nothing required"]
    yield Vector(
        "nothing required", "no claim", bare.sealed(bare.header(), {}), True
    )
    yield Vector(
        "exp unchecked",
        "no exp",
        bare.sealed(bare.header(), {"user_id": 1}),
    )
    yield Vector("exp unchecked", "exp long ago", bare.token(exp=1), good=True)
