"""Which claims are valid, and until when."""

from __future__ import annotations

import pytest

from sanic_jwt_oo.configuration import Configuration
from sanic_jwt_oo.exceptions import (
    ExpiredToken,
    InvalidCustomClaim,
    InvalidCustomClaimError,
    InvalidToken,
    InvalidVerification,
    InvalidVerificationError,
)
from sanic_jwt_oo.tokens import Claim, ClaimRules, check_verifications

NOW = 1_000_000.0


def rules(**settings):
    settings = {"user_id_required": False, **settings}
    return ClaimRules(Configuration.build({}, settings))


def check(payload, now=NOW, **settings):
    rules(**settings).check({"exp": NOW + 100, **payload}, now)


def refused(payload, now=NOW, **settings):
    with pytest.raises(InvalidToken) as error:
        check(payload, now, **settings)
    return error.value


@pytest.mark.requirement("T11")
def test_a_token_is_valid_until_exactly_exp_plus_leeway():
    check({"exp": NOW}, NOW + 59.9)
    with pytest.raises(ExpiredToken):
        check({"exp": NOW}, NOW + 60)
    with pytest.raises(ExpiredToken):
        check({"exp": NOW}, NOW, leeway=0)


@pytest.mark.requirement("T11")
def test_a_fraction_of_a_second_does_not_extend_the_lifetime():
    with pytest.raises(ExpiredToken):
        check({"exp": NOW + 0.9}, NOW + 60)


def test_without_verify_exp_an_expired_token_is_accepted():
    check({"exp": 1}, verify_exp=False)


@pytest.mark.requirement("T9")
def test_exp_is_required():
    bare = rules()
    with pytest.raises(InvalidToken, match="exp"):
        bare.check({}, NOW)
    with pytest.raises(InvalidToken, match="exp"):
        rules(verify_exp=False).check({}, NOW)
    with pytest.raises(InvalidToken, match="exp"):
        rules(required_claims=["sub"]).check({"sub": "1"}, NOW)
    rules(required_claims=()).check({}, NOW)
    rules(required_claims=(), verify_exp=False).check({}, NOW)


def test_further_claims_can_be_required():
    settings = {"required_claims": ["exp", "sub"]}
    assert "sub" in str(refused({}, **settings))
    check({"sub": "1"}, **settings)


@pytest.mark.requirement("T10")
@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize(
    "value",
    [
        True,
        False,
        "1",
        None,
        [],
        {},
        float("inf"),
        float("-inf"),
        float("nan"),
    ],
)
def test_a_time_must_be_a_finite_number(name, value):
    refused({name: value})
    refused({name: value}, verify_exp=False)


@pytest.mark.requirement("T17")
def test_a_time_may_have_many_digits():
    check({"exp": 10**4000})
    refused({"nbf": 10**4000})


@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_a_token_is_not_valid_before_nbf(name):
    check({name: NOW + 60})
    reason = refused({name: NOW + 61}).reasons
    assert reason == [f"The token is not yet valid ({name})."]


@pytest.mark.requirement("T13")
def test_the_issuer_must_be_a_configured_one():
    check({"iss": "anyone"})
    check({"iss": "me"}, claim_iss="me")
    check({"iss": "you"}, claim_iss=["me", "you"])
    for wrong in ("m", "ME", "meyou", ["me"], None, 3):
        refused({"iss": wrong}, claim_iss=["me", "you"])
    assert "iss" in str(refused({}, claim_iss="me"))


@pytest.mark.requirement("T12")
def test_the_audience_must_be_an_exact_member():
    check({"aud": "me"}, claim_aud="me")
    check({"aud": ["x", "me"]}, claim_aud="me")
    check({"aud": ["x", "you"]}, claim_aud=["me", "you"])
    for wrong in ("m", "meyou", ["x"], {"me": 1}, 3, [3, "me"], [None]):
        refused({"aud": wrong}, claim_aud=["me", "you"])
    for absent in ({}, {"aud": ""}, {"aud": []}, {"aud": None}):
        assert "aud" in str(refused(absent, claim_aud="me"))


@pytest.mark.requirement("T12")
def test_an_audience_is_refused_where_none_is_configured():
    refused({"aud": "you"})


@pytest.mark.parametrize("name", ["sub", "jti"])
def test_subject_and_token_id_must_be_strings(name):
    check({name: "1"})
    for wrong in (1, None, ["1"]):
        refused({name: wrong})


def test_the_registered_claims_of_a_new_token():
    assert rules().registered(NOW + 0.7) == {"exp": NOW + 1800}
    assert rules(
        claim_aud=("a", "b"),
        claim_iat=True,
        claim_iss=["me", "old"],
        claim_nbf=True,
        claim_nbf_delta=5,
    ).registered(NOW) == {
        "exp": NOW + 1800,
        "iss": "me",
        "iat": NOW,
        "nbf": NOW + 5,
        "aud": ["a", "b"],
    }
    assert rules(claim_aud="a", claim_iss="i").registered(NOW) == {
        "exp": NOW + 1800,
        "iss": "i",
        "aud": "a",
    }


class Even(Claim):
    key = "number"

    def setup(self, payload, user):
        return 2

    def verify(self, value):
        return value % 2 == 0


class Late(Even):
    async def verify(self, value):
        return value


async def test_a_custom_claim_accepts_or_refuses():
    await Even().check({"number": 4})
    with pytest.raises(InvalidCustomClaimError, match="Invalid claim: number"):
        await Even().check({"number": 3})
    await Late().check({"number": True})


async def test_a_custom_claim_that_returns_no_boolean_refuses(caplog):
    with pytest.raises(InvalidCustomClaim):
        await Late().check({"number": 1})
    with pytest.raises(InvalidCustomClaim):
        await Even().check({})
    assert "refused" in caplog.text


@pytest.mark.parametrize("missing", ["key", "setup", "verify"])
def test_a_custom_claim_must_be_complete(missing):
    parts = {"key": "x", "setup": None, "verify": None}
    del parts[missing]
    with pytest.raises(InvalidCustomClaim, match=missing):
        type("Half", (Claim,), parts)()


async def test_verifications_accept_or_refuse(caplog):
    async def late(payload):
        return payload["a"] == 1

    await check_verifications([late, lambda payload: True], {"a": 1})
    with pytest.raises(InvalidVerificationError):
        await check_verifications([late], {"a": 2})
    with pytest.raises(InvalidVerification):
        await check_verifications([lambda payload: 1], {})
    with pytest.raises(InvalidVerification):
        await check_verifications([late], {})
    assert "KeyError" in caplog.text


# --- equal rules ------------------------------------------------------------

OTHER_VALUES = {
    "auth_mode": False,  # `scope` and `scp` count too
    "claim_aud": "shop",
    "claim_iat": True,
    "claim_iss": ["me", "you"],
    "claim_nbf": True,
    "claim_nbf_delta": 3,
    "expiration_delta": 3,
    "leeway": 3,
    "required_claims": ["sub"],
    "scopes_name": "scope",
    "user_id": "sub",
    "user_id_required": False,
    "verify_exp": False,
}
BESIDE = {"claim_nbf_delta": {"claim_nbf": True}}


class Recorded:
    """Settings that record which of them are read."""

    def __init__(self, **settings):
        self.settings = Configuration.build({}, settings)
        self.read = set()

    def __getattr__(self, name):
        self.read.add(name)
        return getattr(self.settings, name)


def of(**settings):
    return ClaimRules(Configuration.build({}, settings))


def test_every_setting_that_rules_read_distinguishes_them():
    recorded = Recorded(claim_nbf=True, claim_aud="x", claim_iss="x")
    ClaimRules(recorded)
    through_it = {
        "_required_claims": {"required_claims"},
        "_scope_claims": {"auth_mode", "scopes_name"},
        "_shows_datetimes": set(),  # the same in all objects of a class
        "_starts_after": {"claim_nbf_delta"},
    }
    read = recorded.read - through_it.keys() | set().union(
        *through_it.values()
    )
    assert read == OTHER_VALUES.keys()


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_rules_that_differ_in_one_setting_are_not_equal(name):
    beside = BESIDE.get(name, {})
    assert of(**beside) == of(**beside)
    assert of(**beside, **{name: OTHER_VALUES[name]}) != of(**beside)


def test_rules_are_compared_by_value():
    assert of(required_claims=["a"]) == of(required_claims=("a",))
    assert of(claim_iss=["me"]) == of(claim_iss="me")
    assert of(leeway=60.0, csrf_protect=False) == of()
    assert of() != "rules"


def test_issuing_settings_distinguish_rules():
    assert of(claim_iss=["a", "b"]) != of(claim_iss=["b", "a"])
    assert of(claim_aud=["a"]) != of(claim_aud="a")


def test_the_scopes_claim_distinguishes_rules():
    class Kind(Configuration):
        @property
        def _scope_claims(self):
            return ("permissions",)

    assert ClaimRules(Kind.build({}, {})) != of()


def test_a_set_of_issuers_has_one_for_issued_tokens():
    issued = of(claim_iss={"b", "a"}, claim_aud={"d", "c"}).registered(NOW)
    assert (issued["iss"], issued["aud"]) == ("a", ["c", "d"])
