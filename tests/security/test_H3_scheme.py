"""H3: a case-insensitive scheme, spaces, exactly one token, nothing more."""

import time

import pytest

from .forging import ADA, token
from .server import served
from .shops import CONTENT, is_content, is_refused, new_shop, open_shop

pytestmark = pytest.mark.requirement("H3")

GOOD = token()
RIGHT = [
    f"Bearer {GOOD}",
    f"bearer {GOOD}",
    f"BEARER {GOOD}",
    f"bEaReR {GOOD}",
    f"Bearer  {GOOD}",
    f"Bearer     {GOOD}",
    # RFC 9110 section 5.5: white space around a value is not part of it
    f"Bearer {GOOD} ",
    f"Bearer {GOOD}\t",
    f" \t Bearer  {GOOD} \t ",
]
WRONG = {
    "no scheme": GOOD,
    "no blank": f"Bearer{GOOD}",
    "colon": f"Bearer: {GOOD}",
    "tab": f"Bearer\t{GOOD}",
    "two tokens": f"Bearer {GOOD} {GOOD}",
    "something after it": f"Bearer {GOOD} x",
    "something before it": f"x Bearer {GOOD}",
    "a list": f"Bearer {GOOD}, Bearer {GOOD}",
    "a parameter": f"Bearer token={GOOD}",
    "quotes": f'Bearer "{GOOD}"',
    "only the scheme": "Bearer",
    "the scheme and a blank": "Bearer ",
    "the scheme twice": f"Bearer Bearer {GOOD}",
    "another scheme": f"Basic {GOOD}",
    "a longer scheme": f"Bearers {GOOD}",
    "a shorter scheme": f"Beare {GOOD}",
    "a look-alike": f"\u0412earer {GOOD}",
    "a no-break space": f"Bearer\u00a0{GOOD}",
    "a no-break space before it": f"\u00a0Bearer {GOOD}",
    "a no-break space behind it": f"Bearer {GOOD}\u00a0",
    "a tab and a no-break space behind it": f"Bearer {GOOD}\t\u00a0",
    "a vertical tab behind it": f"Bearer {GOOD}\x0b",
    "nothing": "",
    "a blank": " ",
}


@pytest.mark.parametrize("value", RIGHT, ids=lambda v: v[:11])
async def test_one_token_after_the_scheme_is_read(value):
    shop = open_shop()
    response = await shop.get("/protected", headers={"Authorization": value})
    assert is_content(response)


@pytest.mark.parametrize("value", [*WRONG])
async def test_any_other_form_of_the_header_is_refused(front, value):
    shop = open_shop(front)
    response = await shop.get(
        "/protected", headers={"Authorization": WRONG[value]}
    )
    assert is_refused(response)


async def test_a_custom_scheme_replaces_bearer(front):
    shop = open_shop(front, authorization_header_prefix="JWT")
    for scheme in ("Bearer", "JW", "JWTx", ""):
        response = await shop.get(
            "/protected", headers={"Authorization": f"{scheme} {GOOD}"}
        )
        assert is_refused(response)
    response = await shop.get(
        "/protected", headers={"Authorization": f"JWT {GOOD}"}
    )
    assert is_content(response)


async def test_without_a_scheme_the_header_is_the_token(front):
    shop = open_shop(front, authorization_header_prefix="")
    for value in (f"Bearer {GOOD}", f"{GOOD} {GOOD}", f"{GOOD} x"):
        response = await shop.get(
            "/protected", headers={"Authorization": value}
        )
        assert is_refused(response)
    for value in (GOOD, f"{GOOD} ", f"\t{GOOD}\t "):
        response = await shop.get(
            "/protected", headers={"Authorization": value}
        )
        assert is_content(response)


@pytest.mark.parametrize("blank", ["", " ", "\t", " \t "], ids=repr)
async def test_trailing_white_space_is_ignored_by_a_real_server(blank):
    """Sanic's own server keeps trailing spaces of a value."""
    shop = new_shop(now=time.time)
    bearer = await shop.auth.generate_access_token(shop.users[ADA])
    async with served(shop.app) as server:
        connection = await server.connect()
        for _ in range(2):
            status, _, body = await connection.request(
                "GET", "/protected", bearer + blank
            )
            assert (status, body) == (200, CONTENT.encode())
        assert shop.auth.cache_info().hits == 1


async def test_a_custom_header_name_is_case_insensitive(front):
    shop = open_shop(front, authorization_header="X-Token")
    response = await shop.get(
        "/protected", headers={"x-tOKEN": f"Bearer {GOOD}"}
    )
    assert is_content(response)
    assert is_refused(await shop.get("/protected", GOOD))
