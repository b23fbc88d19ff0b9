"""T11: a token is refused from exactly ``exp`` plus the leeway on."""

import pytest

from .forging import NOW, token
from .shops import is_content, is_refused, open_shop

pytestmark = pytest.mark.requirement("T11")

LEEWAYS = {"class": 60, "legacy": 180}


async def test_a_token_is_accepted_in_its_last_second(front):
    shop = open_shop(front)
    late = token(exp=NOW - LEEWAYS[front] + 1)
    assert is_content(await shop.get("/protected", late))


@pytest.mark.parametrize("seconds", [0, 1, 10**9])
async def test_a_token_is_refused_from_its_end_on(front, seconds):
    shop = open_shop(front)
    over = token(exp=NOW - LEEWAYS[front] - seconds)
    assert is_refused(await shop.get("/protected", over))


@pytest.mark.parametrize("leeway", [0, 5, 3600])
async def test_the_leeway_is_the_configured_one(front, leeway):
    shop = open_shop(front, leeway=leeway)
    assert is_content(
        await shop.get("/protected", token(exp=NOW - leeway + 1))
    )
    assert is_refused(await shop.get("/protected", token(exp=NOW - leeway)))


@pytest.mark.parametrize("name", ["nbf", "iat"])
async def test_the_leeway_applies_to_nbf_too(front, name):
    shop = open_shop(front)
    early = token(**{name: NOW + LEEWAYS[front]})
    assert is_content(await shop.get("/protected", early))
    earlier = token(**{name: NOW + LEEWAYS[front] + 1})
    assert is_refused(await shop.get("/protected", earlier))


@pytest.mark.parametrize("exp", [0, -1, -(10**4000), -1e300])
async def test_an_exp_in_the_distant_past_is_refused(front, exp):
    shop = open_shop(front)
    assert is_refused(await shop.get("/protected", token(exp=exp)))
