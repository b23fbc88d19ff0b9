"""T13: a configured issuer must match exactly."""

import pytest

from .forging import token
from .shops import is_content, is_refused_everywhere, open_shop

pytestmark = pytest.mark.requirement("T13")

ISSUER = "https://issuer.example"
WRONG = [
    ...,
    None,
    "",
    ISSUER + "/",
    ISSUER.upper(),
    ISSUER[:-1],
    " " + ISSUER,
    "https://attacker.example",
    1,
    True,
    [ISSUER],
    [],
    {ISSUER: 1},
    {},
]


@pytest.mark.parametrize("issuer", WRONG, ids=repr)
async def test_any_other_issuer_is_refused(front, issuer):
    shop = open_shop(front, claim_iss=ISSUER)
    assert await is_refused_everywhere(shop, token(iss=issuer))


async def test_the_configured_issuer_is_accepted(front):
    shop = open_shop(front, claim_iss=ISSUER)
    assert is_content(await shop.get("/protected", token(iss=ISSUER)))


async def test_one_of_several_issuers_is_accepted(front):
    shop = open_shop(front, claim_iss=["https://old.example", ISSUER])
    assert is_content(await shop.get("/protected", token(iss=ISSUER)))


@pytest.mark.parametrize("issuer", WRONG, ids=repr)
async def test_none_of_several_issuers_is_refused(front, issuer):
    shop = open_shop(front, claim_iss=["https://old.example", ISSUER])
    assert await is_refused_everywhere(shop, token(iss=issuer))


async def test_an_issued_token_names_its_issuer(front):
    shop = open_shop(front, claim_iss=ISSUER)
    made = (await shop.log_in()).json["access_token"]
    assert is_content(await shop.get("/protected", made))
    other = open_shop(front, claim_iss="https://other.example")
    assert await is_refused_everywhere(other, made)
