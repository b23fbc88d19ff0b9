"""The cache of verified tokens: bounds, order, times and counts."""

from __future__ import annotations

import json
import math
import tracemalloc
from pathlib import Path

import pytest

from sanic_jwt_oo.configuration import Configuration
from sanic_jwt_oo.tokens import TokenCache
from sanic_jwt_oo.tokens.cache import VerifiedToken, cache_key
from sanic_jwt_oo.tokens.claims import ClaimRules
from sanic_jwt_oo.tokens.compact import parse_object

PLENTY = 1_000_000
RULES = ClaimRules(Configuration.build({}, {}))


NOW = 1_800_000_000


def verified(text='{"user_id":1}', scopes=None, now=NOW):
    return VerifiedToken(text, parse_object(text), RULES, scopes, now)


def filled(*keys, entries=PLENTY, bytes=PLENTY):
    cache = TokenCache(entries, bytes)
    for key in keys:
        cache.put(key, verified())
    return cache


def test_a_cached_token_is_found():
    cache, token = TokenCache(2, PLENTY), verified()
    cache.put("a", token)
    assert cache.find("a") is token
    assert cache.find("b") is None


def test_the_least_recently_used_token_is_evicted_first():
    cache = filled("a", "b", "c", entries=3)
    cache.touch("a")
    cache.put("d", verified())
    assert [*cache] == ["c", "a", "d"]


def test_the_number_of_entries_is_bounded():
    keys = [*map(str, range(1000))]
    assert [*filled(*keys, entries=10)] == keys[-10:]


def test_the_number_of_bytes_is_bounded():
    one = filled("a" * 100).info().bytes
    cache = filled(*(f"{n:0100}" for n in range(1000)), bytes=7 * one + 1)
    assert cache.info() == (0, 0, 7, 7 * one)


def test_a_token_larger_than_the_bound_is_not_cached():
    cache = filled("a", "b", bytes=2000)
    cache.put("c" * 3000, verified())
    assert cache.info() == (0, 0, 0, 0)


@pytest.mark.parametrize("bound", ["entries", "bytes"])
def test_a_bound_of_zero_disables_the_cache(bound):
    assert filled("a", **{bound: 0}).info() == (0, 0, 0, 0)


def test_an_evicted_token_releases_its_bytes():
    cache = filled("a", "b")
    cache.drop("a")
    assert cache.info() == filled("b").info()


def test_a_token_put_twice_is_counted_once():
    assert filled("a", "a").info() == filled("a").info()


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("{}", 0, math.inf),
        ('{"exp":5}', 0, 5),
        ('{"exp":5.9}', 0, 5),
        ('{"iat":3}', 3, math.inf),
        ('{"iat":3,"nbf":4.5,"exp":9}', 4.5, 9),
        ('{"iat":3,"nbf":2}', 3, math.inf),
        ('{"iat":-1.5}', 0, math.inf),
    ],
)
def test_the_period_without_time_checks(text, starts, ends):
    token = verified(text)
    assert (token.starts, token.expires) == (starts, ends)


@pytest.mark.requirement("S3")
def test_a_token_without_an_end_is_cached_for_the_life_of_a_new_one():
    for text in ("{}", f'{{"exp":{2**53}}}', '{"exp":1e300}'):
        token = verified(text, now=NOW)
        assert token.expires == math.inf
        assert token.ends == NOW + 30 * 60
    assert verified('{"exp":5}', now=NOW).ends == 5


def change(value):
    """Change everything mutable in a value."""
    if isinstance(value, dict):
        for member in value.values():
            change(member)
        value["more"] = 1
    elif isinstance(value, list):
        for member in value:
            change(member)
        value.append(2)


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"a":1,"b":"x","c":null,"d":true,"e":1.5}',
        '{"a":[],"b":[1,"x",null],"c":2}',
        '{"a":{}}',
        '{"a":{"b":[1]}}',
        '{"a":[{}]}',
        '{"a":[1,[2]],"b":[3]}',
    ],
)
def test_each_caller_gets_its_own_payload(text, kept):
    cache, token = TokenCache(1, PLENTY), verified(text)
    if kept:
        cache.put("a", token)
    for _ in range(4):
        payload = token.payload()
        assert payload == json.loads(text)
        assert [*payload] == [*json.loads(text)]
        change(payload)


@pytest.mark.parametrize("asked", [False, True])
@pytest.mark.parametrize(
    ("letter", "scopes", "claims"),
    [
        ("a", 0, 0),
        ("a", 3, 0),
        ("a", 100, 0),
        ("é", 0, 0),
        ("☃", 5, 0),
        ("a", 0, 40),
        ("a", 3, 5),
    ],
)
def test_the_cache_uses_no_more_memory_than_it_reports(
    letter, scopes, claims, asked
):
    def token(number):
        held = [f"scope{number}:{n}" for n in range(scopes)]
        payload = {"user_id": letter * 50, "exp": 10**10, "scopes": held}
        payload |= {f"{n}": (str, int, float)[n % 3](n) for n in range(claims)}
        text = json.dumps(payload, ensure_ascii=False)
        return verified(text, tuple(parse_object(text)["scopes"]))

    cache = TokenCache(PLENTY, 10**9)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(500):
        kept = token(number)
        cache.put(f"{number:0200}", kept)
        if asked:
            kept.payload()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.5 < (after - before) / cache.info().bytes <= 1.05


def test_a_stored_payload_counts_and_evicts_others():
    small = filled("a").info().bytes
    cache = TokenCache(PLENTY, 3 * small)
    tokens = [verified() for _ in "abc"]
    for key, token in zip("abc", tokens, strict=True):
        cache.put(key, token)
    assert cache.info()[2:] == (3, 3 * small)
    tokens[2].payload()
    grown = cache.info().bytes - small
    assert [*cache] == ["b", "c"]
    assert small < grown < 2 * small
    for token in (
        tokens * 2
    ):  # neither an evicted token nor one already counted
        token.payload()
    assert [*cache] == ["c"]
    assert cache.info().bytes == grown
    cache.drop("c")
    assert cache.info() == (0, 0, 0, 0)


def test_the_payload_of_an_evicted_token_is_not_counted():
    cache, token = filled("b"), verified()
    cache.put("a", token)
    cache.drop("a")
    assert token.payload() == {"user_id": 1}
    assert cache.info() == filled("b").info()


def test_a_payload_too_large_for_the_cache_is_still_returned():
    small = filled("a").info().bytes
    cache, token = TokenCache(PLENTY, small), verified()
    cache.put("a", token)
    assert token.payload() == token.payload() == {"user_id": 1}
    assert cache.info() == (0, 0, 0, 0)


def test_a_secret_is_part_of_the_key():
    keys = {cache_key("a", secret) for secret in ("x", "y", b"z", "\ud800")}
    assert len(keys | {cache_key("b", "x"), "a"}) == 6
    assert cache_key("a", "x") == cache_key("a", b"x")
    assert not any("x" in key.removeprefix("a ") for key in keys)


def test_tokens_verified_with_a_mutable_secret_are_not_cached():
    key = cache_key("a", Path("a secret in a file"))
    assert not key
    assert filled(key).info() == (0, 0, 0, 0)
