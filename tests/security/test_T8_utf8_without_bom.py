"""T8: header and payload are UTF-8 without a byte order mark."""

import codecs
import json

import pytest

from .forging import bytes_of, claims, sealed
from .shops import is_content, is_refused_everywhere, open_shop

pytestmark = pytest.mark.requirement("T8")

HEADER = {"alg": "HS256", "typ": "JWT"}
ENCODINGS = [
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
    "utf-8-sig",
    "cp500",
]
BROKEN = [
    b'{"user_id":1,"exp":1900000000,"x":"\xff"}',
    b'{"user_id":1,"exp":1900000000,"x":"\xe9"}',
    b'{"user_id":1,"exp":1900000000,"x":"\xc0\xaf"}',
    b'{"user_id":1,"exp":1900000000,"x":"\xed\xa0\x80"}',
    b'{"user_id":1,"exp":1900000000,"x":"\xf4\x90\x80\x80"}',
]


def in_encoding(part, encoding):
    text = json.dumps({**part, "x": "+é"}, ensure_ascii=False)
    if encoding == "cp500":
        text = json.dumps(part)
    return text.encode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_a_header_in_another_encoding_is_refused(front, encoding):
    shop = open_shop(front)
    foreign = sealed(in_encoding(HEADER, encoding), claims())
    assert await is_refused_everywhere(shop, foreign)


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_a_payload_in_another_encoding_is_refused(front, encoding):
    shop = open_shop(front)
    foreign = sealed(HEADER, in_encoding(claims(), encoding))
    assert await is_refused_everywhere(shop, foreign)


@pytest.mark.parametrize("octets", BROKEN, ids=repr)
async def test_invalid_utf8_is_refused(front, octets):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, sealed(HEADER, octets))
    assert await is_refused_everywhere(
        shop, sealed(octets[:-1] + b',"alg":"HS256"}', claims())
    )


async def test_utf8_is_accepted(front):
    shop = open_shop(front)
    good = sealed(HEADER, in_encoding(claims(), "utf-8"))
    assert is_content(await shop.get("/protected", good))


async def test_a_byte_order_mark_is_refused(front):
    shop = open_shop(front)
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE):
        assert await is_refused_everywhere(
            shop, sealed(HEADER, mark + bytes_of(claims()))
        )
