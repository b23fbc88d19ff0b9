"""Strategies for headers and payloads as text, and for changes to tokens.

JSON is written by hand, character by character, to include text that no
serialiser writes. Most of it is valid; otherwise nothing would pass the first
check.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from tests.security.forging import NOW

from .spoiling import PUTS

NUMBERS = [
    "0",
    "-0",
    "1",
    "-1",
    "01",
    "+1",
    "1.",
    ".5",
    "1.0",
    "1e0",
    "-0.0",
    "1e999",
    "-1e999",
    "1e-999",
    "1E400",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "1_000",
    "\uff11",
    "9007199254740993",
    "18446744073709551616",
    "1.10000000000000000000000001",
]
TEXTS = [
    '""',
    '"a"',
    '"b"',
    '"i"',
    '"j"',
    '"A"',
    '"a "',
    '"\\u0061"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\u0000"',
    '"\\/"',
    '"\\x61"',
    '"\\u00"',
    '"\x01"',
    '"\x7f"',
    '"\u2028"',
    '"é"',
    '"e\u0301"',
    '"😀"',
    "'a'",
    '"a',
]
WORDS = ["null", "true", "false", "None", "True", "undefined", "[]", "{}"]
DEPTHS = [2, 50, 200, 600, 2000, 9000]
WHITE = ["", "", "", " ", "\n", "\t", "\r\n", "  "]
ODD_WHITE = ["\u00a0", "\ufeff", "\x0c", "\x0b", "\u2028", "\0", "/**/"]
ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]

CLAIMS = ["exp", "nbf", "iat", "aud", "iss", "sub", "jti", "x", "user_id"]
FIELDS = ["alg", "typ", "kid", "crit", "b64", "zip", "enc", "jwk", "jku"]
FIELDS += ["x5c", "x5u", "x"]

scalars = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(TEXTS),
    st.sampled_from(WORDS),
    st.integers().map(str),
    st.floats().map(repr),
    st.text(max_size=5).map(json.dumps),
    st.text(max_size=5).map(lambda text: json.dumps(text, ensure_ascii=False)),
)
whites = st.sampled_from(WHITE)


def _list(items: list[str]) -> str:
    return f"[{','.join(items)}]"


def _object(members: list[tuple[str, str]], colon: str = ":") -> str:
    return "{" + ",".join(colon.join(member) for member in members) + "}"


def _names(known: list[str]) -> Any:
    """Names of members, some of them spelt out."""
    spelt = [f'"\\u{ord(name[0]):04x}{name[1:]}"' for name in known]
    plain = [f'"{name}"' for name in known]
    return st.sampled_from([*plain * 3, *spelt, '""', '"__proto__"', "exp"])


def _nested(depth: int, opened: str) -> str:
    return opened * depth + "0" + {"[": "]"}.get(opened, "}") * depth


def _repeated(letter: str, times: int) -> str:
    return letter * times if letter == "1" else f'"{letter * times}"'


values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(_list)
        | st.lists(st.tuples(_names(CLAIMS), inner), max_size=3).map(_object)
    ),
    max_leaves=5,
) | st.one_of(
    st.builds(
        _nested, st.sampled_from(DEPTHS), st.sampled_from(["[", '{"a":'])
    ),
    st.builds(
        _repeated,
        st.sampled_from(["1", "x", "é", "\\ud800"]),
        st.sampled_from([400, 4299, 4300, 4301]),
    ),
)
moments = st.one_of(
    st.integers(NOW - 130, NOW + 700).map(str),
    st.floats(NOW - 130, NOW + 130).map(repr),
    st.sampled_from(["1.8e9", "18E8", "1800000060.999999999", "1e10"]),
    st.sampled_from([f"{NOW}.0", f"{NOW + 60}.5", f"{NOW}e0", "1" * 40]),
)
members = st.one_of(
    st.tuples(st.sampled_from(['"exp"', '"nbf"', '"iat"']), moments),
    st.tuples(
        st.sampled_from(['"aud"', '"iss"', '"sub"', '"jti"', '"x"']),
        st.sampled_from(['"a"', '"b"', '"i"', '"j"', '["a"]', '["i","b"]']),
    ),
    st.tuples(st.just('"user_id"'), st.sampled_from(["1", "2", '"1"', "1.0"])),
    st.tuples(_names(CLAIMS), values),
)
fields = st.one_of(
    st.tuples(
        st.just('"typ"'),
        st.sampled_from(['"JWT"', '"jwt"', '"at+jwt"', '"JWE"', "null", "1"]),
    ),
    st.tuples(
        st.just('"kid"'),
        st.sampled_from(
            ['"one"', '"two"', '""', '"ONE"', '"\\u006fne"', "null", "1"]
        ),
    ),
    st.tuples(
        st.just('"alg"'),
        st.sampled_from(
            ['"HS256"', '"HS256 "', '"hs256"', '"none"', '"HS512"', "null"]
        ),
    ),
    st.tuples(_names(FIELDS), values),
)


def _written(
    goods: dict[str, Any], more: list[Any], first: bool, white: list[str]
) -> str:
    """Write good members and others, which may come first, as an object."""
    good = [(json.dumps(name), json.dumps(v)) for name, v in goods.items()]
    before, inside, after = white
    colon = f"{inside}:{inside}"
    text = _object([*more, *good] if first else [*good, *more], colon)
    return before + text + after


def _as_octets(text: str, encoding: str, tail: bytes) -> bytes:
    return text.encode(encoding, "surrogatepass") + tail


def bytes_of_objects(goods: dict[str, Any], more: Any) -> Any:
    """Bytes of an object with valid, additional and odd members."""
    whites_around = st.lists(
        st.sampled_from([*WHITE * 4, *ODD_WHITE]), min_size=3, max_size=3
    )
    texts = st.builds(
        _written,
        st.sampled_from([*[goods] * 7, {}]),
        st.lists(more, max_size=3),
        st.booleans(),
        whites_around,
    )
    encodings = st.sampled_from([*["utf-8"] * 12, *ENCODINGS])
    tails = st.sampled_from([*[b""] * 12, b"\xff", b"\xc0\x80", b"}", b"\0"])
    return st.builds(_as_octets, texts, encodings, tails)


changes = st.lists(
    st.tuples(
        st.integers(-200, 200), st.integers(0, 2), st.sampled_from(PUTS)
    ),
    min_size=1,
    max_size=3,
)

json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=8),
        st.sampled_from(["\ud800", "\0", "\u2028", '"\\/', -0.0, 10**300]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
"""What a payload can be given to say."""
