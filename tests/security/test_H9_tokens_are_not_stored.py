"""H9: responses with tokens have ``Cache-Control: no-store``."""

import pytest

from .forging import token
from .shops import csrf, open_shop

pytestmark = pytest.mark.requirement("H9")

SETTINGS = [
    {},
    {"cookie_set": True},
    {"cookie_set": True, "cookie_split": True},
    {"cookie_set": True, "tokens_in_body": True},
    {"query_string_set": True},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
async def test_a_login_response_is_not_stored(front, settings):
    shop = open_shop(front, **settings)
    response = await shop.log_in()
    assert response.headers["cache-control"] == "no-store"


async def test_a_refresh_response_is_not_stored(front):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored[1] = "x"
    response = await shop.post(
        "/auth/refresh", token(), json={"refresh_token": "x"}
    )
    assert response.status == 200
    assert response.headers["cache-control"] == "no-store"


async def test_a_refresh_response_with_cookies_is_not_stored(front):
    settings = {"cookie_set": True, "refresh_token_enabled": True}
    shop = open_shop(front, **settings)
    cookies = (await shop.log_in()).cookies
    response = await shop.post(
        "/auth/refresh", cookies=cookies, headers=csrf(cookies)
    )
    assert response.status == 200
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/auth/me", "/auth/verify"])
async def test_a_response_about_a_user_is_not_stored(front, path):
    shop = open_shop(front)
    response = await shop.get(path, token())
    assert response.headers["cache-control"] == "no-store"


async def test_a_refusal_is_not_stored(front):
    shop = open_shop(front)
    for path in ("/protected", "/auth/me", "/auth/verify"):
        response = await shop.get(path, "x")
        assert response.headers["cache-control"] == "no-store"
