"""T10: ``exp``, ``nbf`` and ``iat`` are finite JSON numbers."""

import json

import pytest

from .forging import ADA, NOW, sealed, token
from .shops import is_content, is_refused_everywhere, open_shop

pytestmark = pytest.mark.requirement("T10")

# a valid time, but for its type
NOT_TIMES = {
    "string": json.dumps(str(NOW + 900)),
    "date": '"2050-01-01T00:00:00Z"',
    "true": "true",
    "false": "false",
    "null": "null",
    "list": f"[{NOW}]",
    "object": "{}",
    "empty string": '""',
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "more than a float holds": "1e999",
    "less than a float holds": "-1e999",
}


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", [*NOT_TIMES])
async def test_a_time_that_is_not_a_number_is_refused(front, name, value):
    shop = open_shop(front)
    others = {"user_id": ADA, "exp": NOW + 900}
    others.pop(name, None)
    text = json.dumps(others)[:-1] + f', "{name}": {NOT_TIMES[value]}}}'
    odd = sealed({"alg": "HS256"}, text)
    assert await is_refused_everywhere(shop, odd)


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
async def test_times_must_be_numbers_even_without_verify_exp(front, name):
    shop = open_shop(front, verify_exp=False)
    odd = token(**{name: str(NOW)})
    assert await is_refused_everywhere(shop, odd)


@pytest.mark.parametrize("exp", [NOW + 1, NOW + 0.5, 1.9e9, 10**4000])
async def test_any_finite_number_is_accepted_as_a_time(front, exp):
    shop = open_shop(front)
    assert is_content(await shop.get("/protected", token(exp=exp)))


@pytest.mark.parametrize("name", ["sub", "jti"])
@pytest.mark.parametrize("value", [1, True, None, [], {}], ids=repr)
async def test_subject_and_token_id_must_be_strings(front, name, value):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token(**{name: value}))
