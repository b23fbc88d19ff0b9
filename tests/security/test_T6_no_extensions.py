"""T6: a header with an extension (``crit``) is refused."""

import pytest

from .forging import b64, bytes_of, claims, hmac_of, token
from .shops import is_refused_everywhere, open_shop

pytestmark = pytest.mark.requirement("T6")

HEADERS = [
    {"crit": ["exp"], "exp": 1},
    {"crit": ["http://example.invalid/UNDEFINED"]},
    {"crit": []},
    {"crit": None},
    {"crit": "exp"},
    {"crit": {}},
    {"crit": True},
    {"crit": 1},
    {"crit": [None]},
    {"crit": [[]]},
    {"crit": ["alg"]},
    {"crit": ["typ"]},
    {"crit": ["b64"], "b64": True},
    {"crit": ["b64"], "b64": False},
    {"b64": False},
    {"b64": 0},
    {"b64": None},
    {"b64": "false"},
    {"zip": "DEF"},
    {"zip": None},
    {"enc": "A256GCM"},
    {"enc": None},
]


@pytest.mark.parametrize("header", HEADERS, ids=str)
async def test_a_token_with_an_extension_is_refused(front, header):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token(header))


async def test_an_unencoded_payload_is_refused(front):
    shop = open_shop(front)
    header = {"alg": "HS256", "b64": False, "crit": ["b64"]}
    payload = b64(bytes_of(claims()))
    message = f"{b64(bytes_of(header))}.{payload}"
    bare = f"{message}.{b64(hmac_of(message))}"
    assert await is_refused_everywhere(shop, bare)
