"""The cache of verified tokens: bounds, order, times and counts."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from sanic_jwt_oo.configuration import Configuration
from sanic_jwt_oo.tokens import TokenCache, VerifiedToken
from sanic_jwt_oo.tokens.cache import cache_key
from sanic_jwt_oo.tokens.claims import ClaimRules
from sanic_jwt_oo.tokens.compact import parse_object

NOW = 2_000_000_000.0
PLENTY = 1_000_000
RULES = ClaimRules(Configuration.build({}, {}))


def verified(text='{"user_id":1}', scopes=None):
    return VerifiedToken(text, parse_object(text), RULES, scopes)


def filled(*keys, entries=PLENTY, bytes=PLENTY):
    cache = TokenCache(entries, bytes)
    for key in keys:
        cache.put(key, verified(), NOW)
    return cache


def holds(cache, *keys):
    """Return those of the keys that a cache has; asking uses them."""
    return [key for key in keys if cache.get(key, NOW)]


def test_what_was_put_in_is_found():
    cache, token = TokenCache(2, PLENTY), verified()
    assert cache.get("a", NOW) is None
    cache.put("a", token, NOW)
    assert cache.get("a", NOW) is token
    assert cache.get("b", NOW) is None


def test_the_least_recently_used_goes_first():
    cache = filled("a", "b", "c", entries=3)
    assert holds(cache, "a")
    cache.put("d", verified(), NOW)
    assert holds(cache, "a", "b", "c", "d") == ["a", "c", "d"]


def test_the_entries_are_bounded():
    cache = filled(*map(str, range(1000)), entries=10)
    assert cache.info().entries == 10
    assert holds(cache, *map(str, range(1000))) == [
        *map(str, range(990, 1000))
    ]


def test_the_bytes_are_bounded():
    one = filled("a" * 100).info().bytes
    cache = filled(*(f"{n:0100}" for n in range(1000)), bytes=7 * one + 1)
    assert cache.info() == (0, 0, 7, 7 * one)


def test_a_token_larger_than_the_bound_is_not_kept():
    cache = filled("a", "b", bytes=2000)
    cache.put("c" * 3000, verified(), NOW)
    assert cache.info() == (0, 0, 0, 0)


@pytest.mark.parametrize("bound", ["entries", "bytes"])
def test_a_bound_of_nothing_turns_it_off(bound):
    cache = filled("a", **{bound: 0})
    assert cache.info() == (0, 0, 0, 0)
    assert cache.get("a", NOW) is None


@pytest.mark.parametrize(
    ("text", "times"),
    [
        (f'{{"exp":{NOW:.0f}}}', {-1: True, 0: False, 1: False}),
        (f'{{"exp":{NOW + 0.9}}}', {-1: True, 0: False}),
        (f'{{"iat":{NOW:.0f}}}', {-1: False, 0: True, 10**9: True}),
        (f'{{"nbf":{NOW + 0.5}}}', {0: False, 0.5: True}),
        (f'{{"iat":1,"nbf":{NOW:.0f}}}', {-1: False, 0: True}),
        ('{"iat":-1.5}', {0: True}),
        ("{}", {0: True, 10**9: True}),
    ],
)
def test_a_token_is_found_from_its_start_to_its_end(text, times):
    for offset, found in times.items():
        cache = TokenCache(1, PLENTY)
        cache.put("a", verified(text), NOW + offset)
        assert cache.info().entries == found
        cache._tokens["a"] = token = verified(text)
        assert (cache.get("a", NOW + offset) is token) is found


def test_a_token_leaves_when_it_ends():
    cache = TokenCache(1, PLENTY)
    cache.put("a", verified(f'{{"exp":{NOW:.0f}}}'), NOW - 1)
    assert cache.info().entries == 1
    assert cache.get("a", NOW) is None
    assert cache.info() == (0, 1, 0, 0)


def test_a_token_that_is_there_is_not_counted_twice():
    cache = filled("a", "a")
    assert cache.info() == filled("a").info()


def test_it_counts_hits_and_misses():
    cache = filled("a")
    assert holds(cache, "a", "a", "b", "a", "c") == ["a", "a", "a"]
    assert cache.info()[:2] == (3, 2)


def test_payloads_are_those_of_their_callers():
    token = verified('{"a":{"b":[1]}}')
    first = token.payload()
    first["a"]["b"].append(2)
    assert token.payload() == {"a": {"b": [1]}}


@pytest.mark.parametrize(
    ("letter", "scopes"), [("a", 0), ("a", 3), ("a", 100), ("é", 0), ("☃", 5)]
)
def test_it_takes_no_more_than_it_says(letter, scopes):
    def token(number):
        held = [f"scope{number}:{n}" for n in range(scopes)]
        payload = {"user_id": letter * 50, "exp": 10**10, "scopes": held}
        text = json.dumps(payload, ensure_ascii=False)
        return verified(text, tuple(parse_object(text)["scopes"]))

    cache = TokenCache(PLENTY, 10**9)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(2000):
        cache.put(f"{number:0200}", token(number), NOW)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.5 < (after - before) / cache.info().bytes <= 1.05


def test_a_secret_is_part_of_the_key():
    keys = {cache_key("a", secret) for secret in ("x", "y", b"z", "\ud800")}
    assert len(keys | {cache_key("b", "x"), "a"}) == 6
    assert cache_key("a", "x") == cache_key("a", b"x")
    assert not any("x" in key.removeprefix("a ") for key in keys)


def test_what_a_changeable_secret_verified_is_not_kept():
    key = cache_key("a", Path("a secret in a file"))
    assert key is None
    cache = filled(key)
    assert cache.get(key, NOW) is None
    assert cache.info().entries == 0
