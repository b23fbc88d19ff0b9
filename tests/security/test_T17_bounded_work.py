"""T17: depth, digits and size of a token are bounded."""

import json

import pytest

from .forging import NOW, b64, sealed, token, unsigned
from .shops import is_refused, is_refused_everywhere, open_shop

pytestmark = pytest.mark.requirement("T17")

HEADER = {"alg": "HS256", "typ": "JWT"}
HEADER_OPEN = '{"alg":"HS256","x":'
OPEN = f'{{"user_id":1,"exp":{NOW + 900},"x":'
DEPTH = 10**5
DEEP = {
    "lists": "[" * DEPTH + "]" * DEPTH,
    "lists that end early": "[" * DEPTH,
    "objects": '{"a":' * DEPTH + "1" + "}" * DEPTH,
    "digits": "1" * 4400,
    "negative digits": "-" + "1" * 4400,
    "a megabyte": json.dumps("x" * 2**20),
    "many members": json.dumps({str(n): n for n in range(60_000)}),
}
# those that fit into the maximum length of a token
SMALL = {
    "lists": "[" * 20_000 + "]" * 20_000,
    "objects": '{"a":' * 5000 + "1" + "}" * 5000,
    "digits": "1" * 4400,
    "float digits": "1." + "1" * 40_000,
    "exponent": "1e" + "9" * 4400,
}


@pytest.mark.parametrize("what", [*DEEP])
async def test_a_signed_payload_out_of_bounds_is_refused(front, what):
    shop = open_shop(front)
    huge = sealed(HEADER, f"{OPEN}{DEEP[what]}}}")
    assert await is_refused_everywhere(shop, huge)


@pytest.mark.parametrize("what", [*DEEP])
async def test_an_unsigned_payload_out_of_bounds_is_refused(front, what):
    shop = open_shop(front, user_secret_enabled=True)
    shop.secrets[1] = "ada " * 16
    huge = unsigned(HEADER, f"{OPEN}{DEEP[what]}}}", b64(bytes(32)))
    assert await is_refused_everywhere(shop, huge)


@pytest.mark.parametrize("what", [*DEEP])
async def test_a_header_out_of_bounds_is_refused(front, what):
    shop = open_shop(front)
    huge = unsigned(f"{HEADER_OPEN}{DEEP[what]}}}", "{}", b64(bytes(32)))
    assert await is_refused_everywhere(shop, huge)


@pytest.mark.parametrize("what", [*SMALL])
async def test_a_payload_within_the_bounds_is_never_a_5xx(front, what):
    shop = open_shop(front)
    odd = sealed(HEADER, f"{OPEN}{SMALL[what]}}}")
    for path in ("/protected", "/auth/me", "/auth/verify"):
        assert (await shop.get(path, odd)).status in (200, 401)
    odd = unsigned(f"{HEADER_OPEN}{SMALL[what]}}}", "{}", b64(bytes(32)))
    assert await is_refused_everywhere(shop, odd)


@pytest.mark.parametrize("length", [2**16, 2**20])
async def test_a_token_of_a_megabyte_is_not_even_parsed(
    front, monkeypatch, length
):
    shop = open_shop(front)
    parsed = []
    real = json.JSONDecoder.raw_decode

    def raw_decode(self, text, *args, **kwargs):
        parsed.append(text)
        return real(self, text, *args, **kwargs)

    huge = token(x="y" * length)
    monkeypatch.setattr(json.JSONDecoder, "raw_decode", raw_decode)
    response = await shop.get("/protected", huge)
    assert not parsed
    assert is_refused(response)


@pytest.mark.parametrize("what", [*DEEP])
@pytest.mark.parametrize("path", ["/auth", "/auth/refresh"])
async def test_a_body_out_of_bounds_is_refused(front, path, what):
    shop = open_shop(front, refresh_token_enabled=True)
    response = await shop.post(
        path, token(), body=f'{{"username":{DEEP[what]}}}'
    )
    assert 400 <= response.status < 500
    assert response.json["reasons"]
