"""Every token that is accepted here is accepted by PyJWT, with one payload.

The other way round there is no such promise: we refuse more.
"""

import asyncio
import json
import warnings
from datetime import datetime, timezone

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanic_jwt_oo.exceptions import InvalidToken

from . import storm
from .forging import NOW, SECRET, b64, hmac_of, octets_of, sealed, token
from .shops import new_shop

pytestmark = [
    pytest.mark.requirement("T7"),
    pytest.mark.requirement("I5"),
]

PLAIN = {"leeway": 60}
CONFIGURATIONS = {
    "plain": ({}, {}),
    "audience": ({"claim_aud": ["a", "b"]}, {"audience": ["a", "b"]}),
    "issuer": ({"claim_iss": ["i", "j"]}, {"issuer": ["i", "j"]}),
    "required": (
        {"required_claims": ["exp", "sub", "x", "aud"]},
        {"options": {"require": ["exp", "sub", "x", "aud"]}},
    ),
    "no leeway": ({"leeway": 0}, {"leeway": 0}),
    "exp unchecked": (
        {"verify_exp": False},
        {"options": {"verify_exp": False, "require": ["exp"]}},
    ),
}


class Frozen(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(NOW, tz or timezone.utc)


@pytest.fixture(scope="module")
def world():
    """Verifiers by name, the loop they run in, and PyJWT's clock stopped."""
    from jwt import api_jwt

    patch = pytest.MonkeyPatch()
    patch.setattr(api_jwt, "datetime", Frozen)
    loop = asyncio.new_event_loop()
    verifiers = {
        name: new_shop(**ours).auth
        for name, (ours, _) in CONFIGURATIONS.items()
    }

    def ask(name, bearer):
        """Return our payload, or None."""
        try:
            return loop.run_until_complete(
                verifiers[name].verify_token(bearer)
            )
        except InvalidToken:
            return None

    yield ask
    loop.close()
    patch.undo()


def pyjwt(name, bearer):
    """Return PyJWT's payload under equivalent options."""
    options = {"require": ["exp"]}
    theirs = {**PLAIN, "options": options, **CONFIGURATIONS[name][1]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.decode(bearer, SECRET, algorithms=["HS256"], **theirs)


def agree(ask, name, bearer):
    """Check that what we accept, PyJWT accepts; tell whether we did."""
    payload = ask(name, bearer)
    if payload is None:
        return False
    theirs = pyjwt(name, bearer)
    assert json.dumps(theirs) == json.dumps(payload)
    return True


@pytest.mark.parametrize("name", [*CONFIGURATIONS])
def test_on_the_tokens_of_the_storm(world, name):
    for bearer in storm.tokens():
        agree(world, name, bearer)


times = st.one_of(
    st.integers(NOW - 70, NOW + 70),
    st.floats(NOW - 70, NOW + 70),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.text(max_size=3),
)
texts = st.sampled_from(["a", "b", "i", "j", "", "A", "a ", "ab"])
others = st.one_of(
    texts,
    st.none(),
    st.integers(),
    st.booleans(),
    st.lists(texts | st.integers() | st.none(), max_size=3),
    st.dictionaries(texts, texts, max_size=2),
)
payloads = st.fixed_dictionaries(
    {"exp": times | st.just(NOW + 10)},
    optional={
        "nbf": times,
        "iat": times,
        "aud": others,
        "iss": others,
        "sub": others,
        "jti": others,
        "x": others,
        "user_id": others,
    },
)
headers = st.fixed_dictionaries(
    {"alg": st.sampled_from(["HS256", "HS256", "HS256", "none", "HS512", 1])},
    optional={
        "typ": st.sampled_from(["JWT", "jwt", "at+jwt", "x", None, 1]),
        "kid": others,
        "cty": others,
        "crit": others | st.just(["b64"]),
        "b64": st.booleans() | st.none(),
        "zip": others,
        "jwk": others,
        "x": others,
    },
)
RUN = settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[*HealthCheck],
)


@RUN
@given(
    name=st.sampled_from([*CONFIGURATIONS]), header=headers, payload=payloads
)
def test_on_signed_headers_and_claims(world, name, header, payload):
    agree(world, name, sealed(header, json.dumps(payload)))


@RUN
@given(
    name=st.sampled_from([*CONFIGURATIONS]),
    payload=payloads,
    spoil=st.lists(
        st.tuples(
            st.integers(0, 400),
            st.sampled_from(["", "A", "=", ".", "+", "/", "-", "_", " ", "é"]),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_on_spoilt_tokens(world, name, payload, spoil):
    bearer = sealed({"alg": "HS256"}, json.dumps(payload))
    for place, put, cut in spoil:
        place %= len(bearer) + 1
        bearer = bearer[:place] + put + bearer[place + cut :]
    agree(world, name, bearer)


@RUN
@given(
    header=st.binary(max_size=40) | st.just(b'{"alg":"HS256"}'),
    payload=st.binary(max_size=60),
    pad=st.sampled_from(["", "=", "==", "\n", " "]),
)
def test_on_signed_octets(world, header, payload, pad):
    message = f"{b64(header)}{pad}.{b64(payload)}{pad}"
    agree(world, "plain", f"{message}.{b64(hmac_of(message))}{pad}")


LATER = NOW + 10
ODD_JSON = [
    f'{{"exp":{LATER},"exp":{LATER + 10}}}',
    f'{{"exp":{LATER},"exp":1}}',
    f' \n{{"exp":{LATER}}}\t ',
    f'{{"exp":{LATER}.0}}',
    '{"exp":18E8}',
    '{"exp":1.8000001e9}',
    f'{{"\\u0065xp":{LATER}}}',
    *(
        f'{{"exp":{LATER},{rest}}}'
        for rest in (
            '"x":1e999',
            '"x":"\\ud800"',
            '"x":"\\u0000"',
            '"x":-0',
            '"x":1.10000000000000000000000001',
            '"":1',
            '"aud":[]',
            '"aud":""',
            '"aud":null,"sub":"","x":null',
            '"sub":"s","aud":null,"x":0',
            '"sub":"s","aud":"a","x":0',
        )
    ),
]


@pytest.mark.parametrize("text", ODD_JSON)
def test_on_odd_json(world, text):
    for name in CONFIGURATIONS:
        agree(world, name, sealed(octets_of({"alg": "HS256"}), text))


def test_good_tokens_are_accepted_by_both(world):
    for name in ("plain", "no leeway", "exp unchecked"):
        assert agree(world, name, token(exp=NOW + 10, sub="s"))
    assert agree(world, "audience", token(aud=["x", "b"]))
    assert agree(world, "issuer", token(iss="i"))


def test_what_is_issued_is_accepted_by_both(world):
    shop = new_shop()
    loop = asyncio.new_event_loop()
    made = loop.run_until_complete(
        shop.auth.generate_access_token(shop.users[1])
    )
    loop.close()
    assert agree(world, "plain", made)
