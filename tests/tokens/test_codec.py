"""Issuing and verifying; PyJWT accepts every token that we accept."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanic_jwt_oo.compat import LegacyConfiguration
from sanic_jwt_oo.configuration import Configuration
from sanic_jwt_oo.exceptions import InvalidPayload, InvalidToken
from sanic_jwt_oo.keys import KeySettings, build_keyring
from sanic_jwt_oo.login.issuing import _seconds
from sanic_jwt_oo.tokens import CompactToken, TokenCodec
from tests.conftest import SECRET

NOW = 2_000_000_000.0


def make(kind=Configuration, **settings):
    settings = {"secret": SECRET, "user_id_required": False, **settings}
    configured = kind.build({}, settings)
    return TokenCodec(
        configured, build_keyring(KeySettings.of(configured), str)
    )


CODEC = make()


def decode(token, codec=CODEC, now=NOW):
    return codec.verify(token, now)[0].payload()


def encode(payload, codec=CODEC):
    return codec.encode(payload, codec.keys)


def test_a_token_decodes_to_its_payload():
    payload = {"user_id": 1, "exp": int(NOW) + 5, "name": "ü", "n": [1, None]}
    assert decode(encode(payload)) == payload


def test_pyjwt_reads_our_tokens_and_vice_versa():
    payload = {"user_id": 1, "exp": int(NOW) * 2}
    read = jwt.decode(encode(payload), SECRET, algorithms=["HS256"])
    assert read == payload
    assert decode(jwt.encode(payload, SECRET)) == payload


def test_the_header_names_the_key_if_it_has_an_id():
    assert CompactToken(encode({})).header() == {"alg": "HS256", "typ": "JWT"}
    named = make(key_id="one")
    header = CompactToken(encode({}, named)).header()
    assert header == {"alg": "HS256", "typ": "JWT", "kid": "one"}


def test_times_can_be_datetimes():
    moment = datetime(2033, 5, 18, 3, 33, 20, tzinfo=timezone.utc)
    payload = {
        "exp": moment + timedelta(days=1),
        "nbf": moment.astimezone(timezone(timedelta(hours=5))),
    }
    assert decode(encode(payload)) == {"exp": NOW + 86400, "nbf": NOW}


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
def test_a_naive_datetime_is_refused(claim):
    naive = datetime(2033, 5, 18, 3, 33, 20)
    with pytest.raises(InvalidPayload, match=f"{claim}.*timezone.utc"):
        encode({"exp": 2**40, claim: naive})


def test_in_the_legacy_form_a_naive_datetime_is_utc():
    naive = datetime(2033, 5, 18, 3, 33, 20)
    codec = make(LegacyConfiguration)
    token = encode({"exp": naive}, codec)
    assert decode(token, codec, now=NOW - 1) == {"exp": NOW}


# west and east of UTC, in the form that needs no zone database
ZONES = ["WEST+5", "EAST-5:30", "FAR-14", "UTC0"]


@pytest.fixture(params=ZONES)
def zone(request, monkeypatch):
    """Set another time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_the_time_zone_of_the_machine_does_not_matter(zone):
    moment = datetime(2033, 5, 18, 3, 33, 20, tzinfo=timezone.utc)
    assert moment.timestamp() == NOW
    for hours in (-12, 0, 5.5, 14):
        there = moment.astimezone(timezone(timedelta(hours=hours)))
        payload = {"exp": there + timedelta(hours=1), "nbf": there}
        assert decode(encode(payload)) == {"exp": NOW + 3600, "nbf": NOW}
    local = {"exp": (moment + timedelta(hours=1)).astimezone()}
    assert decode(encode(local)) == {"exp": NOW + 3600}
    codec = make(LegacyConfiguration)
    naive = encode({"exp": datetime(2033, 5, 18, 4, 33, 20)}, codec)
    assert decode(naive, codec) == {"exp": NOW + 3600}


def test_a_session_outlives_a_token_in_any_time_zone(zone):
    moment = datetime(2033, 5, 18, 3, 33, 20, tzinfo=timezone.utc)
    naive = datetime(2033, 5, 18, 3, 33, 20)
    far = moment.astimezone(timezone(timedelta(hours=5.5)))
    for end in (moment, far, moment.astimezone(), naive, NOW, float(NOW)):
        assert _seconds(end) == NOW


@pytest.mark.requirement("T1")
def test_a_signature_is_checked_before_any_claim():
    forged = jwt.encode({"exp": "never"}, "x" * 40)
    with pytest.raises(InvalidToken) as error:
        decode(forged)
    assert error.value.detail == "Signature verification failed."


@pytest.mark.parametrize(
    ("claims", "moments"),
    [
        # times, and whether the token, valid at each, is cached then
        ({"exp": NOW + 9}, {0: True, 8: True, 9: False, 60: False}),
        ({"nbf": NOW + 9, "exp": NOW + 90}, {0: False, 8: False, 9: True}),
        ({"iat": NOW + 9, "exp": NOW + 90}, {0: False, 9: True}),
    ],
)
def test_a_token_is_cached_only_while_no_time_check_changes(claims, moments):
    codec = make()
    token = encode(claims, codec)
    for offset, kept in moments.items():
        for _ in range(2):
            codec.verify(token, NOW + offset)
            assert codec.cache.info().entries == kept


@pytest.mark.requirement("T1")
def test_without_keys_every_token_is_refused():
    codec = TokenCodec(CODEC.settings, None)
    with pytest.raises(InvalidToken):
        codec.verify(encode({"exp": 2**40}), NOW)


def test_only_verified_headers_are_remembered_and_not_many():
    codec = make()
    for number in range(100):
        header = {"x": number}
        forged = jwt.encode({"exp": 2**40}, "x" * 40, headers=header)
        with pytest.raises(InvalidToken):
            codec.verify(forged, NOW)
        assert len(codec.keys.known) == min(number, 64)
        good = jwt.encode({"exp": 2**40}, SECRET, headers=header)
        for _ in range(2):
            codec.verify(good, NOW)


def test_hits_and_misses_are_counted():
    codec = make()
    one, two = encode({"exp": 2**40}, codec), encode({"exp": 2**41}, codec)
    for token in (one, one, two, one):
        codec.verify(token, NOW)
    assert codec.cache.info()[:3] == (2, 2, 2)


def test_a_codec_for_one_request_caches_nothing():
    codec = make()
    once = codec.with_settings(
        codec.settings.derive({"leeway": 5}), lasting=False
    )
    once.verify(encode({"exp": 2**40}, codec), NOW)
    assert once.cache is codec.cache
    assert codec.cache.info() == (0, 1, 0, 0)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
claims = st.dictionaries(
    st.sampled_from(
        ["exp", "nbf", "iat", "aud", "iss", "sub", "jti", "user_id", "x"]
    ),
    json_values
    | st.sampled_from([2**40, 2**31, 10**9, 0, "me", ["me"], "1", 1e12]),
    max_size=5,
)
headers = st.dictionaries(
    st.sampled_from(["typ", "kid", "crit", "b64", "alg", "zip", "jku", "x"]),
    json_values | st.sampled_from(["JWT", "at+jwt", "one", "HS256", True]),
    max_size=3,
)


def accepted_by_pyjwt(token, **options):
    read = jwt.decode(
        token,
        SECRET,
        algorithms=["HS256"],
        options={"verify_exp": True, "require": ["exp"]},
        leeway=60,
        **options,
    )
    return read


@given(payload=claims, header=headers, audience=st.sampled_from([None, "me"]))
def test_what_we_accept_pyjwt_accepts_with_the_same_payload(
    payload, header, audience
):
    import time

    payload.setdefault("exp", 2**40)
    codec = make(claim_aud=audience, key_id="one")
    signing_input = b".".join(
        jwt.utils.base64url_encode(jwt.api_jwt.json.dumps(part).encode())
        for part in ({"alg": "HS256", **header}, payload)
    )
    signature = codec.keys.primary.sign(signing_input)
    token = signing_input + b"." + jwt.utils.base64url_encode(signature)
    try:
        ours = decode(token.decode(), codec, time.time())
    except InvalidToken:
        return
    options = {"audience": audience} if audience else {}
    assert accepted_by_pyjwt(token, **options) == ours == payload


@given(
    data=st.data(),
    place=st.integers(0, 400),
    change=st.characters(max_codepoint=0x17F),
)
def test_no_changed_token_is_accepted_unless_it_is_the_same(
    data, place, change
):
    token = encode({"user_id": 1, "exp": 2**40})
    place %= len(token)
    changed = token[:place] + change + token[place + 1 :]
    try:
        decode(changed)
    except InvalidToken:
        return
    assert changed == token
