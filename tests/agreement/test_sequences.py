"""The cache of verified tokens changes no outcome in any sequence.

The model is an installation without a cache, made with the current settings:
one with a cache must agree, with overrides too.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from tests.effort import THOROUGH
from tests.security.forging import NOW

from . import strategies
from .keys import signing_key
from .spoiling import changed
from .terms import ALL, BY_RULES, LEEWAY, ROTATED
from .world import LARGE, SMALL, World

INSTALLED = [*BY_RULES, "ES256", "Ed25519"]
RULES: list[dict[str, Any]] = [
    {},
    {"leeway": 0},
    {"leeway": 300},
    {"verify_exp": False},
    {"claim_aud": "a"},
    {"claim_aud": ["b", "c"]},
    {"claim_aud": []},
    {"claim_iss": "i"},
    {"claim_iss": ""},
    {"required_claims": ["exp", "sub"]},
    {"required_claims": [], "verify_exp": False},
    {"scopes_name": "x"},
    {"user_id": "sub"},
    {"user_id": "sub", "user_id_required": False},
]
MOMENTS = st.sampled_from(
    [0, 0.5, 1, 59.5, LEEWAY, 61, 300, 600, 660, 3600, -1, -3600]
)
ODD_CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        "exp": st.sampled_from([NOW, NOW + 0.5, NOW - 61, 10**30, True, "1"]),
        "nbf": st.sampled_from([NOW, NOW + 60, NOW + 61, NOW + 600.5]),
        "iat": st.sampled_from([NOW, NOW + 61, NOW - 10**6]),
        "aud": st.sampled_from(["a", "b", ["a", "b"], [], None]),
        "iss": st.sampled_from(["i", "j", None]),
        "sub": st.sampled_from(["1", "s", 1, None]),
        "user_id": st.sampled_from([2, "1", 1.0, True, None]),
    },
)
CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        "exp": st.sampled_from([NOW, NOW + 1, NOW + 0.5, NOW + 600]),
        "nbf": st.sampled_from([NOW, NOW + 60]),
        "x": st.sampled_from([[], [[1], {"y": [{}]}], {"y": {}}, "a b"]),
    },
)
NAMES = st.sampled_from(INSTALLED)
KEYS = st.integers(1, 4)


class Issued(NamedTuple):
    """A token, and the name of terms that it was issued for."""

    name: str
    token: str


class Sequences(RuleBasedStateMachine):
    """Installations in one world, and an application that changes it."""

    tokens = Bundle("tokens")
    spoilt = Bundle("spoilt")

    @initialize(world=st.sampled_from([World(SMALL), World(LARGE)]))
    def begin(self, world):
        world.begin()
        world.forget()
        self.world = world

    @rule(target=tokens, name=NAMES, claims=CLAIMS)
    def issue(self, name, claims):
        return Issued(name, ALL[name].token(**claims))

    @rule(target=tokens, name=NAMES, claims=ODD_CLAIMS)
    def issue_odd_claims(self, name, claims):
        return Issued(name, ALL[name].token(**claims))

    @rule(
        target=tokens,
        number=KEYS,
        kid=st.sampled_from([..., "one", *ROTATED, None]),
        claims=CLAIMS,
    )
    def issue_with_some_key(self, number, kid, claims):
        terms = ALL["key ids"].with_keys(signing_key("HS256", number), None)
        token = terms.token({} if kid is ... else {"kid": kid}, **claims)
        return Issued("key ids", token)

    @rule(target=tokens, members=st.lists(strategies.members, max_size=3))
    def issue_odd_json(self, members):
        terms = ALL["plain"]
        more = [f",{name}:{value}" for name, value in members]
        payload = f'{{"exp":{NOW + 600}{"".join(more)}}}'
        return Issued("plain", terms.sealed(terms.header(), payload))

    @rule(target=spoilt, issued=tokens, changes=strategies.changes)
    def spoil(self, issued, changes):
        return Issued(issued.name, changed(issued.token, changes))

    @rule(target=spoilt, one=tokens, other=tokens)
    def graft(self, one, other):
        """Attach the signature of one token to another."""
        message, _, _ = one.token.rpartition(".")
        _, _, signature = other.token.rpartition(".")
        return Issued(one.name, f"{message}.{signature}")

    @rule(moment=st.just(0) | MOMENTS)
    def set_the_clock(self, moment):
        self.world.now = NOW + moment

    @rule(users=st.lists(st.sampled_from([1, 2, "1"]), max_size=1))
    def shut_out(self, users):
        self.world.unwelcome = users

    @rule(issued=tokens | spoilt)
    def verify(self, issued):
        self.world.agree(ALL[issued.name], issued.token)

    @rule(
        issued=tokens,
        moments=st.lists(MOMENTS, min_size=3, max_size=3, unique=True),
    )
    def verify_early_and_late(self, issued, moments):
        for moment in moments:
            self.world.now = NOW + moment
            self.world.agree(ALL[issued.name], issued.token)

    @rule(issued=tokens, name=NAMES)
    def verify_elsewhere(self, issued, name):
        self.world.agree(ALL[name], issued.token)
        self.world.agree(ALL[issued.name], issued.token)

    @rule(several=st.lists(tokens, min_size=4, max_size=6))
    def verify_several_in_turn(self, several):
        for issued in (*several, *several):
            self.world.agree(ALL[issued.name], issued.token)

    @rule(issued=tokens, rules=st.sampled_from(RULES))
    def verify_by_other_rules(self, issued, rules):
        installed = ALL[issued.name]
        terms = installed.under(**rules)
        self.world.agree(terms, issued.token, installed)
        self.world.agree(installed, issued.token)

    @rule(
        issued=tokens,
        number=KEYS,
        kid=st.sampled_from([None, "one", "two"]),
        others=st.sampled_from([(), ROTATED]),
        rules=st.sampled_from(RULES[:4]),
    )
    def verify_by_other_keys(self, issued, number, kid, others, rules):
        installed = ALL[issued.name]
        key = signing_key(installed.key.kind, number)
        terms = installed.with_keys(key, kid, others).under(**rules)
        self.world.agree(terms, issued.token, installed)
        self.world.agree(installed, issued.token)

    @rule(
        target=tokens,
        one=KEYS,
        other=KEYS,
        name=st.sampled_from(["users' secrets", "users' keys"]),
        user=st.sampled_from([1, "1"]),
        claims=CLAIMS,
    )
    def change_the_key_of_a_user(self, one, other, name, user, claims):
        """A token is valid as long as its user's key does not change."""
        terms = ALL[name]
        kind = terms.key.kind
        keys = [signing_key(kind, number) for number in (one, other, one)]
        token = terms.sealed(
            terms.header(), terms.claims(user_id=user, **claims), keys[0]
        )
        for key in keys:
            good = self.world.agree(terms.with_users({user: key}), token)
            assert not good or key is keys[0]
        return Issued(name, token)


TIMED = [
    {"nbf": NOW},
    {"iat": NOW},
    {"exp": NOW + 1},
    {"nbf": NOW + 60, "exp": NOW + 61},
    {"iat": NOW + 0.5, "exp": NOW + 1.5},
]


@pytest.mark.requirement("T11")
@pytest.mark.parametrize("name", ["plain", "no leeway", "exp unchecked"])
@pytest.mark.parametrize("claims", TIMED, ids=str)
def test_a_token_is_verified_again_at_another_time(name, claims):
    world, terms = World(), ALL[name]
    token = terms.token(**claims)
    moments = [0, 0.5, 1.5, 60.5, 61.5, 600, -60, -60.5, -3600]
    for first, second in permutations(moments, 2):
        for moment in (first, second):
            world.now = NOW + moment
            world.agree(terms, token)


@pytest.mark.parametrize("name", INSTALLED)
def test_the_cache_is_used(name):
    world, terms = World(SMALL), ALL[name]
    assert world.agree(terms, terms.token())
    assert world.verifier(terms, SMALL).cache_info().hits > 0


@pytest.mark.requirement("I3")
@pytest.mark.requirement("I8")
@pytest.mark.requirement("I10")
def test_the_cache_changes_no_outcome():
    run_state_machine_as_test(
        Sequences,
        settings=settings(
            max_examples=60 if THOROUGH else 10,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[*HealthCheck],
        ),
    )
