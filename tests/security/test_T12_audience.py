"""T12: a configured audience must be an exact member of ``aud``."""

import pytest

from .forging import token
from .shops import is_content, is_refused_everywhere, open_shop

pytestmark = pytest.mark.requirement("T12")

WRONG = [
    ...,
    None,
    "",
    "Shop",
    "shop ",
    "sho",
    "shops",
    "https://shop",
    1,
    True,
    [],
    ["other"],
    [None],
    ["shop", 1],
    ["shop", None],
    [["shop"]],
    {"shop": 1},
    {},
]


@pytest.mark.parametrize("audience", WRONG, ids=repr)
async def test_any_other_audience_is_refused(front, audience):
    shop = open_shop(front, claim_aud="shop")
    assert await is_refused_everywhere(shop, token(aud=audience))


@pytest.mark.parametrize("audience", ["shop", ["shop"], ["other", "shop"]])
async def test_the_configured_audience_is_accepted(front, audience):
    shop = open_shop(front, claim_aud="shop")
    assert is_content(await shop.get("/protected", token(aud=audience)))


@pytest.mark.parametrize("audience", ["shop", "office", ["x", "office"]])
async def test_one_of_several_audiences_is_accepted(front, audience):
    shop = open_shop(front, claim_aud=["shop", "office"])
    assert is_content(await shop.get("/protected", token(aud=audience)))


@pytest.mark.parametrize("audience", WRONG, ids=repr)
async def test_none_of_several_audiences_is_refused(front, audience):
    shop = open_shop(front, claim_aud=["shop", "office"])
    assert await is_refused_everywhere(shop, token(aud=audience))


@pytest.mark.parametrize("audience", ["other", ["other"], [1], 1, True])
async def test_a_token_with_an_audience_is_refused_where_none_is_configured(
    front, audience
):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token(aud=audience))


async def test_an_issued_token_names_its_audience(front):
    shop = open_shop(front, claim_aud="shop")
    login = await shop.log_in()
    made = login.json["access_token"]
    assert is_content(await shop.get("/protected", made))
    other = open_shop(front, claim_aud="other")
    assert await is_refused_everywhere(other, made)
