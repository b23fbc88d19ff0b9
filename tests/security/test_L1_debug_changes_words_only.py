"""L1: debug mode changes the detail of a reason, never an outcome."""

import pytest

from . import storm
from .forging import NOW, OTHER_SECRET, token
from .shops import open_shop

pytestmark = pytest.mark.requirement("L1")

PATHS = ["/protected", "/scoped", "/user", "/auth/me", "/auth/verify"]


async def test_debug_changes_no_outcome(front):
    quiet = open_shop(front, refresh_token_enabled=True)
    chatty = open_shop(front, refresh_token_enabled=True, debug=True)
    for method, path, headers, body in storm.drizzle():
        one = await quiet(method, path, headers=headers, body=body)
        other = await chatty(method, path, headers=headers, body=body)
        where = (method, path, headers, body[:80])
        assert one.status == other.status, where
        assert [name for name, _ in one.pairs] == [
            name for name, _ in other.pairs
        ], where
        if 400 <= one.status < 500 and method != "HEAD":
            assert one.json["exception"] == other.json["exception"], where


async def test_debug_gives_more_detailed_reasons(front):
    chatty = open_shop(front, debug=True)
    for bad, word in (
        (token({"kid": "x"}), "kid"),
        (token({"alg": "HS512"}), "alg"),
        (token({"typ": "x"}), "typ"),
        (token({"crit": []}), "crit"),
        (token(secret=OTHER_SECRET), "ignature"),
    ):
        [reason] = (await chatty.get("/protected", bad)).json["reasons"]
        assert word in reason


UNVERIFIED = [
    token(secret=OTHER_SECRET),
    token({"kid": "x"}),
    token({"alg": "none"}),
    token({"typ": "x"}),
    token({"crit": []}),
    "x",
    "a.b.c",
    token(secret=OTHER_SECRET, exp=NOW - 10**6),
]


@pytest.mark.parametrize("path", PATHS)
async def test_production_does_not_reveal_which_check_failed(front, path):
    quiet = open_shop(front)
    responses = [await quiet.get(path, bad) for bad in UNVERIFIED]
    assert len({response.body for response in responses}) == 1
    assert len({response.pairs for response in responses}) == 1
