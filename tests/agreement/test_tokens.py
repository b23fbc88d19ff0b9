"""Random tokens of all kinds, on which both sides agree."""

from __future__ import annotations

import json
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sanic import Sanic

from sanic_jwt_oo import JWTAuth
from tests.effort import THOROUGH
from tests.security import storm
from tests.security.forging import NOW, b64

from . import strategies
from .payloads import same
from .spoiling import changed
from .terms import ALL, BY_KEY, BY_RULES, LEEWAY
from .world import LARGE, OFF, finished

pytestmark = [
    pytest.mark.requirement("T7"),
    pytest.mark.requirement("I5"),
]

RUN = settings(
    max_examples=200 if THOROUGH else 40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[*HealthCheck],
)
rules = st.sampled_from([*BY_RULES])
times = st.sampled_from([0, -LEEWAY, LEEWAY, 0.5, 600, 660, -1e9, 1e9])


@pytest.mark.parametrize("name", [*ALL])
def test_both_accept_a_valid_token(world, name):
    assert world.agree(ALL[name], ALL[name].token())


@pytest.mark.parametrize("name", [*BY_RULES])
def test_both_agree_on_the_tokens_of_the_storm(world, name):
    for token in storm.tokens():
        world.agree(ALL[name], token)


@RUN
@given(name=rules, data=st.data(), later=st.lists(times, max_size=2))
def test_both_agree_on_payloads(world, name, data, later):
    terms = ALL[name]
    payload = data.draw(
        strategies.bytes_of_objects(terms.claims(), strategies.members)
    )
    token = terms.sealed(terms.header(), payload)
    for seconds in (0, *later):
        world.now = NOW + seconds
        world.agree(terms, token)


@RUN
@given(values=st.lists(strategies.values, min_size=1, max_size=4))
def test_both_agree_on_values(world, values):
    terms = ALL["plain"]
    members = (f'"{number}":{value}' for number, value in enumerate(values))
    payload = f'{{"exp":{NOW},{",".join(members)}}}'
    token = terms.sealed(terms.header(), payload.encode(errors="replace"))
    world.agree(terms, token)


@RUN
@given(name=rules, data=st.data())
def test_both_agree_on_headers(world, name, data):
    terms = ALL[name]
    header = data.draw(
        strategies.bytes_of_objects(terms.header(), strategies.fields)
    )
    world.agree(terms, terms.sealed(header, terms.claims()))


@RUN
@given(name=st.sampled_from([*ALL]), changes=strategies.changes)
def test_both_agree_on_altered_tokens(world, name, changes):
    terms = ALL[name]
    token = terms.token()
    spoilt = changed(token, changes)
    assert world.agree(terms, token)
    assert not world.agree(terms, spoilt) or spoilt == token
    assert world.agree(terms, token)


@RUN
@given(
    header=st.binary(max_size=40) | st.just(b'{"alg":"HS256"}'),
    payload=st.binary(max_size=60) | st.just(b'{"exp":%d}' % NOW),
    pad=st.sampled_from(["", "", "=", "==", "\n", " "]),
)
def test_both_agree_on_signed_bytes(world, header, payload, pad):
    terms = ALL["plain"]
    message = f"{b64(header)}{pad}.{b64(payload)}{pad}"
    signature = b64(terms.key.sign(message.encode()))
    world.agree(terms, f"{message}.{signature}{pad}")


@RUN
@given(
    kind=st.sampled_from([*BY_KEY]),
    signature=st.binary(max_size=140)
    | st.sampled_from([32, 48, 56, 64, 96, 114, 132, 256]).flatmap(
        lambda size: st.binary(min_size=size, max_size=size)
    ),
)
def test_no_forged_signature_is_accepted(world, kind, signature):
    text, _, _ = ALL[kind].token().rpartition(".")
    assert not world.agree(ALL[kind], f"{text}.{b64(signature)}")


@RUN
@given(text=st.text(max_size=40))
def test_no_arbitrary_text_is_accepted(world, text):
    assert not world.agree(ALL["plain"], text)


def deep(depth, opened, closed):
    """A token that is valid except for the depth of its payload."""
    nested = f"{opened * depth}0{closed * depth}"
    payload = f'{{"exp":{NOW + 1},"x":{nested}}}'
    return ALL["plain"].sealed(ALL["plain"].header(), payload)


@pytest.mark.requirement("T17")
@pytest.mark.parametrize(
    ("opened", "closed"), [("[", "]"), ('{"a":', "}")], ids=["[", "{"]
)
def test_both_agree_at_any_depth_of_a_payload(world, opened, closed):
    for depth in (*range(0, 700, 50), 4000, 9000):
        world.agree(ALL["plain"], deep(depth, opened, closed))
    # the exact limit depends on the depth of the call stack
    for depth in range(700, 1010, 2):
        token = deep(depth, opened, closed)
        for _ in range(3):
            if world.verdict(ALL["plain"], token, LARGE).is_good:
                ALL["plain"].decode(token, NOW)


@pytest.mark.parametrize("later", [-1e9, -LEEWAY - 1, -LEEWAY, 0, 0.999, 1])
def test_both_agree_on_the_second_a_token_ends(world, later):
    terms = ALL["plain"]
    for lag in (*range(-2, 3), -0.5, 0.5, -1e-6, 1e-6):
        world.now = NOW + LEEWAY + lag
        exp = json.dumps(NOW + later)
        token = terms.sealed(terms.header(), f'{{"user_id":1,"exp":{exp}}}')
        good = world.agree(terms, token)
        assert good == (int(NOW + later) > NOW + lag)


@cache
def issuer_of(name):
    """An installation that issues tokens for terms."""
    terms = ALL[name]
    if terms.key.is_secret:
        material = {"secret": terms.key.verifier}
    else:
        material = {"private_key": terms.key.private_pem}

    class Issuer(JWTAuth):
        def authenticate(self):
            return {"user_id": 1}

        def now(self):
            return NOW

    settings = {**terms.settings(), **material, **OFF}
    return Issuer(**settings).install(Sanic("issuer"))


def issued(name, **claims):
    return finished(
        issuer_of(name).generate_access_token(
            {"user_id": 1},
            extend_payload=lambda payload: {**payload, **claims},
        )
    )


@pytest.mark.parametrize("name", [*BY_KEY, "audience", "issuers", "key ids"])
def test_both_accept_an_issued_token(world, name):
    assert world.agree(ALL[name], issued(name))


@RUN
@given(values=st.lists(strategies.json_values, max_size=4))
def test_an_issued_token_has_the_given_claims(world, values):
    token = issued("plain", x=values)
    assert world.agree(ALL["plain"], token)
    payload = world.verdict(ALL["plain"], token).payload
    assert same(payload["x"], values)
