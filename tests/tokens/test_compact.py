"""The compact form of a token, parsed strictly."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanic_jwt_oo.exceptions import InvalidToken
from sanic_jwt_oo.tokens.compact import (
    MAXIMUM_LENGTH,
    CompactToken,
    decode_text,
    encode_segment,
    json_writer,
    write_json,
)

from ..effort import THOROUGH

HEADER = {"alg": "HS256", "typ": "JWT"}


def segment(value):
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def token(header=HEADER, payload=None, signature=b"signature"):
    return ".".join(map(segment, (header, payload or {}, signature)))


def test_an_encoded_token_can_be_parsed():
    encoded = [write_json(x).encode() for x in (HEADER, {"a": "ä"})]
    signing_input = b".".join(map(encode_segment, encoded))
    signature = bytes(range(256))
    whole = signing_input + b"." + encode_segment(signature)
    compact = CompactToken(whole.decode())
    assert compact.header() == HEADER
    assert compact.payload() == {"a": "ä"}
    assert compact.signature == signature
    assert compact.signing_input == signing_input


def test_a_value_that_json_cannot_represent_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        write_json({"a": float("nan")})
    with pytest.raises(TypeError):
        write_json({"a": object()})
    endless: dict[str, object] = {}
    endless["a"] = [endless]
    with pytest.raises(RecursionError):
        write_json(endless)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda values: (
        st.lists(values)
        | st.lists(values).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.booleans(), values)
    ),
    max_leaves=100 if THOROUGH else 20,
)


@pytest.mark.parametrize("made_once", [True, False])
@given(value=st.dictionaries(st.text(), JSON))
def test_json_equals_that_of_the_standard_library(made_once, value):
    with pytest.MonkeyPatch.context() as patch:
        if not made_once:
            patch.delattr("json.encoder.c_make_encoder")
        write = json_writer()
    assert write(value) == json.dumps(value, separators=(",", ":"))
    assert write_json(value) == write(value)


@pytest.mark.requirement("T7")
@pytest.mark.parametrize(
    "broken",
    [
        "",
        "a",
        "a.b",
        "...",
        "a..b",
        token() + ".",
        "." + token(),
        token() + "=",
        token() + "\n",
        " " + token(),
        token().replace(".", ". "),
        token() + ".a.b",
        token().rsplit(".", 1)[0] + ".",
        token() + "é",
        "é" + token()[1:],
        json.dumps({"payload": "a", "signatures": []}),
        token().replace(".", "/", 1),
        "\udcff.\udcff.\udcff",
        "a" * (MAXIMUM_LENGTH + 1),
    ],
)
def test_another_form_is_refused(broken):
    with pytest.raises(InvalidToken):
        CompactToken(broken)


@pytest.mark.requirement("T7")
@pytest.mark.parametrize("signature", ["A", "AB", "ABD", "ABCDE"])
def test_non_canonical_base64url_is_refused(signature):
    with pytest.raises(InvalidToken):
        CompactToken(token().rsplit(".", 1)[0] + "." + signature)
    header, payload, _ = token().split(".")
    with pytest.raises(InvalidToken):
        CompactToken(f"{signature}.{payload}.AAAA").header()
    with pytest.raises(InvalidToken):
        decode_text(CompactToken(f"{header}.{signature}.AAAA").encoded_payload)


@pytest.mark.requirement("T8")
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_only_plain_utf8_is_accepted(encoding):
    encoded = json.dumps(HEADER).encode(encoding)
    with pytest.raises(InvalidToken):
        CompactToken(token(encoded)).header()
    with pytest.raises(InvalidToken):
        CompactToken(token(payload=encoded)).payload()


@pytest.mark.requirement("T17")
@pytest.mark.parametrize(
    "hostile",
    [
        b"[" * 30_000,
        b'{"a":' * 8_000,
        b'{"a":' + b"1" * 4_400 + b"}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b"[]",
        b"null",
        b"1",
        b'"text"',
        b"\xff\xfe",
        b"{",
    ],
)
def test_a_part_that_is_not_a_json_object_is_refused(hostile):
    with pytest.raises(InvalidToken):
        CompactToken(token(hostile)).header()
    with pytest.raises(InvalidToken):
        CompactToken(token(payload=hostile)).payload()


@pytest.mark.requirement("T6")
@pytest.mark.parametrize(
    "extension",
    [
        {"crit": []},
        {"crit": ["exp"]},
        {"crit": "exp"},
        {"crit": None},
        {"b64": False},
        {"b64": None},
        {"b64": 1},
        {"zip": "DEF"},
        {"enc": "A256GCM"},
    ],
)
def test_an_extension_is_refused(extension):
    with pytest.raises(InvalidToken):
        CompactToken(token({**HEADER, **extension})).header()


@pytest.mark.requirement("T15")
@pytest.mark.parametrize(
    "kind", ["refresh+jwt", "logout+jwt", "JWE", "", None, 3, ["JWT"]]
)
def test_another_type_of_token_is_refused(kind):
    with pytest.raises(InvalidToken):
        CompactToken(token({**HEADER, "typ": kind})).header()


@pytest.mark.parametrize(
    "kind", ["JWT", "jwt", "at+jwt", "application/at+jwt"]
)
def test_the_types_of_an_access_token_are_accepted(kind):
    compact = CompactToken(token({**HEADER, "typ": kind, "b64": True}))
    assert compact.header()["typ"] == kind


def test_a_header_needs_no_typ():
    assert CompactToken(token({"alg": "HS256"})).header()
