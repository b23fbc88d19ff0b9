"""H5: a token is read only from enabled places."""

import pytest

from .forging import ADA, token
from .shops import is_content, is_refused, open_shop

pytestmark = pytest.mark.requirement("H5")

GOOD = token()
NAMES = ["access_token", "__Host-access_token", "token", "jwt"]
COOKIE = {"class": "__Host-access_token", "legacy": "access_token"}


@pytest.mark.parametrize("name", NAMES)
async def test_no_cookie_is_read_unless_enabled(front, name):
    shop = open_shop(front)
    assert is_refused(await shop.get("/protected", cookies={name: GOOD}))


@pytest.mark.parametrize("name", NAMES)
async def test_no_query_argument_is_read_unless_enabled(front, name):
    shop = open_shop(front)
    assert is_refused(await shop.get(f"/protected?{name}={GOOD}"))


@pytest.mark.parametrize("place", ["json", "form"])
async def test_no_access_token_is_read_from_a_body(front, place):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored[ADA] = "x"
    both = {"access_token": GOOD, "refresh_token": "x"}
    response = await shop.post("/auth/refresh", **{place: both})
    assert is_refused(response)


@pytest.mark.parametrize(
    "name", ["x-access-token", "proxy-authorization", "x-authorization"]
)
async def test_no_other_header_is_read(front, name):
    shop = open_shop(front)
    response = await shop.get("/protected", headers={name: f"Bearer {GOOD}"})
    assert is_refused(response)


@pytest.mark.parametrize("setting", ["cookie_set", "query_string_set"])
async def test_a_strict_place_keeps_the_header_from_being_read(front, setting):
    shop = open_shop(front, **{setting: True})
    assert is_refused(await shop.get("/protected", GOOD))


async def test_a_strict_cookie_keeps_the_query_from_being_read(front):
    shop = open_shop(front, cookie_set=True, query_string_set=True)
    assert is_refused(await shop.get(f"/protected?access_token={GOOD}"))


@pytest.mark.parametrize(
    "name", ["Access_Token", "access-token", "access_token2", "_access_token"]
)
async def test_a_cookie_of_another_name_is_not_read(front, name):
    shop = open_shop(front, cookie_set=True)
    for other in (name, f"__Secure-{name}", f"__Host-{name}"):
        response = await shop.get("/protected", cookies={other: GOOD})
        assert is_refused(response)


async def test_a_cookie_without_its_prefix_is_not_read():
    shop = open_shop(cookie_set=True)
    for name in ("access_token", "__Secure-access_token"):
        response = await shop.get("/protected", cookies={name: GOOD})
        assert is_refused(response)


async def test_the_cookie_is_read(front):
    shop = open_shop(front, cookie_set=True)
    response = await shop.get("/protected", cookies={COOKIE[front]: GOOD})
    assert is_content(response)


async def test_a_place_enabled_for_one_route_is_disabled_elsewhere(front):
    from sanic.response import text

    from sanic_jwt_oo import protected

    from .shops import CONTENT, new_shop

    shop = new_shop(front)

    @shop.app.get("/download")
    @protected(shop.auth, query_string_set=True)
    async def download(request):
        return text(CONTENT)

    assert is_content(await shop.get(f"/download?access_token={GOOD}"))
    assert is_refused(await shop.get(f"/protected?access_token={GOOD}"))
