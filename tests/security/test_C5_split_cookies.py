"""C5: a missing, empty or foreign half of a split token is 401."""

import tracemalloc

import pytest

from .forging import ADA, BOB, OTHER_SECRET, token
from .shops import is_content, is_refused, open_shop

pytestmark = pytest.mark.requirement("C5")

SETTINGS = {"cookie_set": True, "cookie_split": True}
PREFIX = {"class": "__Host-", "legacy": ""}
HEAD, _, SEAL = token(user_id=ADA).rpartition(".")
_, _, BOBS_SEAL = token(user_id=BOB).rpartition(".")
_, _, FORGED = token(secret=OTHER_SECRET).rpartition(".")
HALVES = {
    "no signature": (HEAD, None),
    "empty signature": (HEAD, ""),
    "blank signature": (HEAD, '" "'),
    "dot": (HEAD, "."),
    "another user's signature": (HEAD, BOBS_SEAL),
    "forged signature": (HEAD, FORGED),
    "signature with a dot before it": (HEAD, f".{SEAL}"),
    "signature with a dot after it": (HEAD, f"{SEAL}."),
    "whole token as signature": (HEAD, f"{HEAD}.{SEAL}"),
    "no head": (None, SEAL),
    "empty head": ("", SEAL),
    "whole token as head": (f"{HEAD}.{SEAL}", None),
    "whole token and its signature": (f"{HEAD}.{SEAL}", SEAL),
    "head with a dot after it": (f"{HEAD}.", SEAL),
    "only the header": (HEAD.partition(".")[0], SEAL),
}


def cookies_of(front, head, seal):
    name = f"{PREFIX[front]}access_token"
    both = {name: head, f"{name}_signature": seal}
    return {name: half for name, half in both.items() if half is not None}


@pytest.mark.parametrize("halves", [*HALVES])
async def test_halves_that_do_not_match_are_refused(front, halves):
    shop = open_shop(front, **SETTINGS)
    cookies = cookies_of(front, *HALVES[halves])
    for path in ("/protected", "/user", "/auth/me"):
        assert is_refused(await shop.get(path, cookies=cookies)), path


async def test_the_halves_of_a_login_are_accepted(front):
    shop = open_shop(front, **SETTINGS)
    cookies = (await shop.log_in()).cookies
    assert len(cookies) == (3 if front == "class" else 2)
    assert is_content(await shop.get("/protected", cookies=cookies))


async def test_the_readable_half_has_no_signature(front):
    shop = open_shop(front, **SETTINGS)
    cookies = (await shop.log_in()).cookies
    name = f"{PREFIX[front]}access_token"
    assert cookies[name].count(".") == 1
    assert "." not in cookies[f"{name}_signature"]
    assert cookies[f"{name}_signature"] not in cookies[name]


async def test_a_missing_half_does_not_fall_back_to_the_header(front):
    shop = open_shop(front, **SETTINGS)
    cookies = cookies_of(front, HEAD, None)
    response = await shop.get("/protected", token(), cookies=cookies)
    assert is_refused(response)


async def test_many_halves_take_little_memory(front):
    shop = open_shop(front, **SETTINGS)
    await shop.get("/protected")
    pairs = [
        f"{name}={number}"
        for number in range(600)
        for name in cookies_of(front, "head", "seal")
    ]
    tracemalloc.start()
    try:
        response = await shop.get(
            "/protected", headers={"cookie": "; ".join(pairs)}
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert is_refused(response, response.status)
    assert peak < 100 * len("; ".join(pairs))
