"""H4: several different credentials are a 400; identities never mix."""

import pytest

from .forging import ADA, BOB, OTHER_SECRET, token
from .shops import is_content, is_refused, open_shop

pytestmark = pytest.mark.requirement("H4")

ADAS, BOBS = token(user_id=ADA), token(user_id=BOB)
LAX = {"cookie_set": True, "cookie_strict": False}
QUERY = {"query_string_set": True, "query_string_strict": False}
COOKIE = {"class": "__Host-access_token", "legacy": "access_token"}
PATHS = ["/protected", "/scoped", "/user", "/auth/me", "/auth/verify"]


def two_headers(first, second):
    return [
        ("authorization", f"Bearer {first}"),
        ("Authorization", f"Bearer {second}"),
    ]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "pair",
    [(ADAS, BOBS), (BOBS, ADAS), (ADAS, "x"), ("x", ADAS)],
    ids=["ab", "ba", "ax", "xa"],
)
async def test_two_headers_are_refused(front, path, pair):
    shop = open_shop(front)
    response = await shop.get(path, headers=two_headers(*pair))
    assert is_refused(response, 400)


async def test_two_headers_of_different_schemes_are_refused(front):
    shop = open_shop(front)
    headers = [
        ("authorization", "Basic YTpi"),
        ("authorization", f"Bearer {ADAS}"),
    ]
    assert is_refused(await shop.get("/user", headers=headers), 400)


@pytest.mark.parametrize("path", PATHS)
async def test_a_cookie_and_another_header_are_refused(path):
    shop = open_shop(**LAX)
    cookies = {COOKIE["class"]: ADAS}
    response = await shop.get(path, BOBS, cookies=cookies)
    assert is_refused(response, 400)


@pytest.mark.parametrize("path", PATHS)
async def test_an_argument_and_another_header_are_refused(path):
    shop = open_shop(**QUERY)
    response = await shop.get(f"{path}?access_token={ADAS}", BOBS)
    assert is_refused(response, 400)


async def test_a_cookie_and_another_argument_are_refused():
    shop = open_shop(**LAX, **QUERY)
    response = await shop.get(
        f"/user?access_token={BOBS}", cookies={COOKIE["class"]: ADAS}
    )
    assert is_refused(response, 400)


async def test_a_valid_and_an_invalid_token_are_refused():
    shop = open_shop(**LAX)
    forged = token(secret=OTHER_SECRET)
    for bearer, cookie in ((ADAS, forged), (forged, ADAS), (ADAS, "x")):
        response = await shop.get(
            "/user", bearer, cookies={COOKIE["class"]: cookie}
        )
        assert is_refused(response, 400)


async def test_one_argument_twice_is_refused():
    shop = open_shop(**QUERY)
    path = f"/user?access_token={ADAS}&access_token={BOBS}"
    assert is_refused(await shop.get(path), 400)


async def test_one_cookie_twice_is_refused():
    shop = open_shop(**LAX)
    name = COOKIE["class"]
    headers = {"cookie": f"{name}={ADAS}; {name}={BOBS}"}
    assert is_refused(await shop.get("/user", headers=headers), 400)


@pytest.mark.parametrize("left_out", [None, 0, 1, 2, 3])
async def test_the_halves_of_two_split_tokens_are_refused(left_out):
    shop = open_shop(**LAX, cookie_split=True)
    head, _, seal = ADAS.rpartition(".")
    other_head, _, other_seal = BOBS.rpartition(".")
    name, sealed = COOKIE["class"], "__Host-access_token_signature"
    pairs = [(name, head), (sealed, seal), (name, other_head)]
    pairs.append((sealed, other_seal))
    sent = [pair for at, pair in enumerate(pairs) if at != left_out]
    headers = {"cookie": "; ".join(f"{k}={v}" for k, v in sent)}
    assert is_refused(await shop.get("/user", headers=headers), 400)


async def test_one_token_in_two_places_is_one_credential():
    shop = open_shop(**LAX)
    response = await shop.get("/user", ADAS, cookies={COOKIE["class"]: ADAS})
    assert is_content(response)


async def test_two_different_refresh_tokens_are_refused():
    shop = open_shop(**LAX, refresh_token_enabled=True)
    shop.stored[ADA] = "adas"
    response = await shop.post(
        "/auth/refresh",
        ADAS,
        cookies={"refresh_token": "adas"},
        json={"refresh_token": "another"},
    )
    assert is_refused(response, 400)


async def test_in_the_legacy_form_the_first_place_wins():
    shop = open_shop("legacy", **LAX)
    response = await shop.get("/user", BOBS, cookies={COOKIE["legacy"]: ADAS})
    assert response.json["user"]["user_id"] == ADA


@pytest.mark.parametrize("settings", [LAX, QUERY], ids=["cookie", "query"])
async def test_the_injected_user_is_the_one_of_the_verified_token(
    front, settings
):
    shop = open_shop(front, **settings)
    for first, second in ((ADAS, BOBS), (BOBS, ADAS)):
        response = await shop.get(
            f"/user?access_token={first}",
            second,
            cookies={COOKIE[front]: first},
        )
        if response.status == 200:
            payloads = [p for name, p in shop.asked if p]
            assert response.json["user"]["user_id"] == payloads[-1]["user_id"]
        else:
            assert is_refused(response, 400)


async def test_on_a_public_route_several_credentials_are_ignored():
    shop = open_shop(**LAX)
    response = await shop.get("/public", BOBS, cookies={COOKIE["class"]: ADAS})
    assert response.status in (200, 400)
    if response.status == 200:
        assert response.json == {"user": None}
