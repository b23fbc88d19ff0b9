"""R6: a stored refresh token is compared in constant time."""

import pytest

from .forging import ADA, token
from .shops import is_refused, new_shop, open_shop

pytestmark = [
    pytest.mark.requirement("R6"),
    pytest.mark.requirement("I7"),
]

STORED = "the refresh token of ada"


class Watched(str):
    """A stored token that does not let itself be compared as text is."""

    __slots__ = ()

    def refuse(self, *args):
        raise AssertionError("compared in a time that tells how far it fits")

    __eq__ = __ne__ = __lt__ = __gt__ = __contains__ = refuse
    startswith = endswith = find = __getitem__ = refuse
    __hash__ = str.__hash__


async def refresh(shop, given):
    return await shop.post(
        "/auth/refresh", token(), json={"refresh_token": given}
    )


@pytest.mark.parametrize(
    "given", [STORED[:-1] + "b", STORED[:5], STORED + "x", "x", "é", "漢"]
)
async def test_a_wrong_token_is_not_compared_as_text(front, given):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored[ADA] = Watched(STORED)
    assert is_refused(await refresh(shop, given))


async def test_the_right_token_is_not_compared_as_text(front):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored[ADA] = Watched(STORED)
    assert (await refresh(shop, STORED)).status == 200


@pytest.mark.parametrize(
    "stored",
    [None, "", b"", 0, 1, True, [], ["x"], {}, {"x": 1}, "x\ud800"],
    ids=repr,
)
async def test_a_stored_value_that_is_not_a_token_is_refused(front, stored):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored[ADA] = stored
    for given in ("x", "None", "True", "1", "[]", "0"):
        assert is_refused(await refresh(shop, given)), given


async def test_a_token_may_be_stored_as_bytes(front):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored[ADA] = STORED.encode()
    assert (await refresh(shop, STORED)).status == 200


async def test_a_store_that_fails_is_a_refusal(front):
    def retrieve_refresh_token(user_id):
        raise ConnectionError("the store is down")

    shop = new_shop(
        front,
        refresh_token_enabled=True,
        retrieve_refresh_token=retrieve_refresh_token,
    )
    response = await refresh(shop, STORED)
    assert response.status >= 400
    assert "access_token" not in response.text
