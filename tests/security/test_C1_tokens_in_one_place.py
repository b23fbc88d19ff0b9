"""C1: with cookies enabled, tokens are in cookies and not in the body."""

import pytest

from tests.steps.world import Member, visit

from .forging import ADA, token
from .shops import csrf, is_content, open_shop

pytestmark = pytest.mark.requirement("C1")

SETTINGS = {"cookie_set": True, "refresh_token_enabled": True}


async def log_in_and_refresh(front, **settings):
    shop = open_shop(front, **settings)
    login = await shop.log_in()
    refreshed = await shop.post(
        "/auth/refresh", cookies=login.cookies, headers=csrf(login.cookies)
    )
    assert refreshed.status == 200, refreshed.text
    return shop, login, refreshed


@pytest.mark.parametrize("split", [False, True])
async def test_with_cookies_no_body_contains_a_token(split):
    shop, *responses = await log_in_and_refresh(
        "class", **SETTINGS, cookie_split=split
    )
    for response in responses:
        for value in response.cookies.values():
            assert value
            assert value not in response.text
        assert "token" not in response.text
    assert is_content(
        await shop.get("/protected", cookies=responses[1].cookies)
    )


async def test_tokens_in_body_adds_tokens_to_the_body():
    _, login, refreshed = await log_in_and_refresh(
        "class", **SETTINGS, tokens_in_body=True
    )
    assert {"access_token", "refresh_token"} <= login.json.keys()
    assert "access_token" in refreshed.json


async def test_the_legacy_form_sends_cookies_and_body():
    _, login, refreshed = await log_in_and_refresh("legacy", **SETTINGS)
    assert {"access_token", "refresh_token"} <= login.json.keys()
    assert login.cookies["access_token"] == login.json["access_token"]
    assert "access_token" in refreshed.json


async def test_without_cookies_tokens_are_only_in_the_body(front):
    shop = open_shop(front, refresh_token_enabled=True)
    login = await shop.log_in()
    assert {"access_token", "refresh_token"} <= login.json.keys()
    assert login.cookies == {}


async def test_a_refresh_does_not_return_the_refresh_token(front):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored[ADA] = "the refresh token"
    response = await shop.post(
        "/auth/refresh", token(), json={"refresh_token": "the refresh token"}
    )
    assert "the refresh token" not in response.text


async def test_tokens_issued_without_a_request_are_in_cookies_only():
    visitor = await visit(Member(cookie_set=True), "cookie")
    auth, shop = visitor.auth, visitor.shop

    @shop.app.post("/magic")
    async def magic(request):
        tokens = await auth.issue_tokens({"user_id": 1})
        return await auth.token_response(request, tokens)

    response = await shop.post("/magic")
    assert response.json == {}
    assert {"__Host-access_token", "refresh_token"} <= {*response.cookies}
