"""T5: ``kid`` is an exact look-up in the configured keys."""

import pytest

from sanic_jwt_oo.exceptions import InvalidConfiguration

from .forging import OTHER_SECRET, SECRET, token
from .shops import is_content, is_refused_everywhere, open_shop

pytestmark = pytest.mark.requirement("T5")

STRANGE = [
    "",
    "unknown",
    "/dev/null",
    "../../../../dev/null",
    "' OR 1=1 --",
    "main\0",
    "Main",
    " main",
    "main ",
    "https://attacker.example/",
    "|id",
    "m\u0430in",
    None,
    0,
    True,
    1.5,
    [],
    ["main"],
    {},
    {"main": 1},
]


@pytest.mark.parametrize("kid", STRANGE, ids=repr)
async def test_a_kid_that_names_no_key_is_refused(front, kid):
    shop = open_shop(
        front, key_id="main", verification_keys={"old": OTHER_SECRET}
    )
    assert await is_refused_everywhere(shop, token({"kid": kid}))


@pytest.mark.parametrize("kid", STRANGE, ids=repr)
async def test_any_kid_is_refused_when_no_key_has_an_id(front, kid):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token({"kid": kid}))


@pytest.mark.parametrize("kid", STRANGE, ids=repr)
async def test_any_kid_is_refused_when_users_have_secrets(front, kid):
    shop = open_shop(front, user_secret_enabled=True)
    shop.secrets[1] = SECRET
    assert await is_refused_everywhere(shop, token({"kid": kid}))


async def test_the_named_key_verifies(front):
    shop = open_shop(
        front, key_id="main", verification_keys={"old": OTHER_SECRET}
    )
    assert is_content(await shop.get("/protected", token({"kid": "main"})))
    old = token({"kid": "old"}, secret=OTHER_SECRET)
    assert is_content(await shop.get("/protected", old))


async def test_only_the_named_key_verifies(front):
    shop = open_shop(
        front, key_id="main", verification_keys={"old": OTHER_SECRET}
    )
    for header, secret in (
        ({"kid": "old"}, SECRET),
        ({"kid": "main"}, OTHER_SECRET),
        ({}, OTHER_SECRET),
    ):
        wrong = token(header, secret=secret)
        assert await is_refused_everywhere(shop, wrong)


async def test_two_keys_cannot_have_one_id(front):
    with pytest.raises(InvalidConfiguration, match="id"):
        open_shop(
            front, key_id="main", verification_keys={"main": OTHER_SECRET}
        )
