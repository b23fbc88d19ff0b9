"""One key signs, all verify, and a token names its key."""

from __future__ import annotations

import subprocess
import sys
from multiprocessing import get_context

import pytest

from sanic_jwt_oo.configuration import Configuration
from sanic_jwt_oo.exceptions import (
    InvalidConfiguration,
    InvalidToken,
    RequiredKeysNotFound,
)
from sanic_jwt_oo.keys import (
    KeyRing,
    KeySettings,
    build_keyring,
    load_key,
    run_secret,
)
from tests.conftest import SECRET

from .conftest import private_key, private_pem, public_bytes


def ring(**settings):
    return build_keyring(
        KeySettings.of(Configuration.build({}, settings)), lambda: "random" * 8
    )


@pytest.mark.requirement("T5")
def test_a_key_is_looked_up_by_its_exact_id():
    keys = ring(secret=SECRET, key_id="b", verification_keys={"a": SECRET[1:]})
    assert keys.select({"alg": "HS256", "kid": "a"}).key_id == "a"
    assert keys.select({"alg": "HS256", "kid": "b"}) is keys.primary
    assert keys.select({"alg": "HS256"}) is keys.primary
    assert [key.key_id for key in keys] == ["b", "a"]


@pytest.mark.requirement("T5")
@pytest.mark.parametrize("kid", ["A", "a ", "", "../a", None, 1, ["a"], {}])
def test_any_other_id_is_refused(kid):
    keys = ring(secret=SECRET, verification_keys={"a": SECRET[1:]})
    with pytest.raises(InvalidToken):
        keys.select({"alg": "HS256", "kid": kid})


@pytest.mark.requirement("T2")
@pytest.mark.parametrize(
    "alg", ["none", "None", "hs256", "HS384", "RS256", None, 1, ["HS256"]]
)
def test_the_algorithm_of_a_token_is_only_compared(alg):
    with pytest.raises(InvalidToken):
        ring(secret=SECRET).select({"alg": alg})


def test_two_keys_with_one_id_are_refused():
    with pytest.raises(InvalidConfiguration, match="'a'"):
        ring(secret=SECRET, key_id="a", verification_keys={"a": SECRET})
    key = load_key("HS256", public=SECRET, key_id="x")
    with pytest.raises(InvalidConfiguration, match="'x'"):
        KeyRing(key, [key])


def test_a_random_secret_replaces_a_missing_one():
    signature = ring().primary.sign(b"m")
    assert ring(secret="random" * 8).primary.verify(b"m", signature)


def test_an_issuing_service_needs_a_private_key(rsa_key):
    with pytest.raises(RequiredKeysNotFound, match="auth_mode"):
        ring(algorithm="RS256", secret=public_bytes(rsa_key))


def test_a_verify_only_service_needs_only_a_public_key(rsa_key):
    keys = ring(
        algorithm="RS256", auth_mode=False, secret=public_bytes(rsa_key)
    )
    assert not keys.primary.can_sign


def test_a_verify_only_service_does_not_keep_a_private_key(rsa_key):
    keys = ring(
        algorithm="RS256", auth_mode=False, private_key=private_pem(rsa_key)
    )
    assert not keys.primary.can_sign


def test_a_service_without_any_key_is_refused():
    with pytest.raises(RequiredKeysNotFound):
        ring(algorithm="RS256", auth_mode=False)


def test_keys_that_are_not_a_pair_are_refused(rsa_key):
    other = private_key("RS256", 2049)
    with pytest.raises(InvalidConfiguration, match="pair"):
        ring(
            algorithm="RS256",
            private_key=private_pem(rsa_key),
            public_key=public_bytes(other),
        )


@pytest.mark.requirement("I6")
def test_a_run_has_one_secret_for_each_application():
    first = run_secret("shop")
    assert run_secret("shop") == first
    assert run_secret("other") != first
    assert len(first) >= 64
    with get_context("spawn").Pool(1) as workers:
        assert workers.apply(run_secret, ["shop"]) == first
    command = "from sanic_jwt_oo.keys import run_secret as r; print(r('shop'))"
    another_run = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, check=True
    )
    assert another_run.stdout.strip() not in (b"", first.encode())
