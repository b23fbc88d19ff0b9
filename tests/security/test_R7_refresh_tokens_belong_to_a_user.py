"""R7: a refresh token works for its own user only."""

import asyncio

import jwt
import pytest

from .forging import ADA, BOB, NOW, OTHER_SECRET, token
from .shops import csrf, is_refused, open_shop

pytestmark = pytest.mark.requirement("R7")


async def two_users(front, **settings):
    shop = open_shop(front, refresh_token_enabled=True, **settings)
    return shop, await shop.log_in("ada"), await shop.log_in("bob")


async def refresh(shop, bearer, given):
    return await shop.post(
        "/auth/refresh", bearer, json={"refresh_token": given}
    )


async def test_a_users_own_refresh_token_is_accepted(front):
    shop, *logins = await two_users(front)
    for login, user_id in zip(logins, (ADA, BOB), strict=True):
        response = await refresh(
            shop, login.json["access_token"], login.json["refresh_token"]
        )
        assert response.status == 200
        made = response.json["access_token"]
        payload = jwt.decode(made, options={"verify_signature": False})
        assert payload["user_id"] == user_id


async def test_another_users_refresh_token_is_refused(front):
    shop, adas, bobs = await two_users(front)
    for bearer, given in ((adas, bobs), (bobs, adas)):
        response = await refresh(
            shop, bearer.json["access_token"], given.json["refresh_token"]
        )
        assert is_refused(response)


async def test_another_users_refresh_cookie_is_refused(front):
    shop, adas, bobs = await two_users(front, cookie_set=True)
    refresh_token = bobs.cookies["refresh_token"]
    cookies = {**adas.cookies, "refresh_token": refresh_token}
    response = await shop.post(
        "/auth/refresh", cookies=cookies, headers=csrf(cookies)
    )
    assert is_refused(response)


async def test_a_forged_access_token_selects_no_user(front):
    shop, _, bobs = await two_users(front)
    for forged in (
        token(secret=OTHER_SECRET, user_id=BOB),
        token({"alg": "none"}, user_id=BOB),
        token(secret=OTHER_SECRET, user_id=BOB, exp=NOW - 10**6),
    ):
        response = await refresh(shop, forged, bobs.json["refresh_token"])
        assert is_refused(response)


@pytest.mark.parametrize(
    "user_id", [None, True, "2", [2], {"user_id": 2}, ...], ids=repr
)
async def test_an_ill_typed_user_id_matches_no_user(front, user_id):
    shop, _, bobs = await two_users(front)
    odd = token(user_id=user_id)
    response = await refresh(shop, odd, bobs.json["refresh_token"])
    assert is_refused(response)


async def test_concurrent_refreshes_do_not_mix(front):
    shop, adas, bobs = await two_users(front)
    logins = [adas, bobs] * 10
    responses = await asyncio.gather(
        *(
            refresh(shop, one.json["access_token"], one.json["refresh_token"])
            for one in logins
        )
    )
    options = {"verify_signature": False}
    users = [
        jwt.decode(response.json["access_token"], options=options)["user_id"]
        for response in responses
    ]
    assert users == [ADA, BOB] * 10


async def test_an_old_refresh_token_is_refused_after_a_new_login(front):
    shop, old, _ = await two_users(front)
    await shop.log_in("ada")
    response = await refresh(
        shop, old.json["access_token"], old.json["refresh_token"]
    )
    assert is_refused(response)
