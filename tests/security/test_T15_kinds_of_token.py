"""T15: one kind of token is not accepted in place of another."""

import pytest

from .forging import ADA, token
from .shops import (
    is_content,
    is_refused,
    is_refused_everywhere,
    open_shop,
)

pytestmark = pytest.mark.requirement("T15")

OTHER_KINDS = [
    "refresh+jwt",
    "rt+jwt",
    "logout+jwt",
    "dpop+jwt",
    "secevent+jwt",
    "token-introspection+jwt",
    "id_token",
    "JOSE",
    "JOSE+JSON",
    "application/json",
    "text/jwt",
    "jwt ",
    "",
    None,
    1,
    True,
    [],
    ["JWT"],
    {},
]
ACCESS = ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", ...]


@pytest.mark.parametrize("kind", OTHER_KINDS, ids=repr)
async def test_another_kind_of_token_is_refused(front, kind):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token({"typ": kind}))


@pytest.mark.parametrize("kind", ACCESS, ids=repr)
async def test_an_access_token_is_accepted(front, kind):
    shop = open_shop(front)
    good = token({"typ": kind})
    assert is_content(await shop.get("/protected", good))


async def test_a_refresh_token_is_refused_as_an_access_token(front):
    shop = open_shop(front, refresh_token_enabled=True)
    refresh_token = (await shop.log_in()).json["refresh_token"]
    assert await is_refused_everywhere(shop, refresh_token)


async def test_an_access_token_is_refused_as_a_refresh_token(front):
    shop = open_shop(front, refresh_token_enabled=True)
    access_token = (await shop.log_in()).json["access_token"]
    response = await shop.post(
        "/auth/refresh", access_token, json={"refresh_token": access_token}
    )
    assert is_refused(response)


async def test_a_refresh_token_does_not_identify_its_own_user(front):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored[ADA] = "a refresh token"
    response = await shop.post(
        "/auth/refresh",
        "a.refresh.token",
        json={"refresh_token": "a refresh token"},
    )
    assert is_refused(response)


async def test_a_refresh_token_in_the_access_cookie_is_refused(front):
    settings = {"cookie_set": True, "refresh_token_enabled": True}
    shop = open_shop(front, **settings)
    set_cookies = (await shop.log_in()).cookies
    refresh_token = set_cookies["refresh_token"]
    cookies = dict.fromkeys(set_cookies, refresh_token)
    response = await shop.get("/protected", cookies=cookies)
    assert is_refused(response)
