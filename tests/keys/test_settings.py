"""Keys follow from `KeySettings`, and from no other setting."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from sanic_jwt_oo.configuration import Configuration
from sanic_jwt_oo.keys import KeySettings
from tests.conftest import SECRET

OTHER_VALUES = {
    "algorithm": "HS384",
    "auth_mode": False,
    "key_id": "b",
    "private_key": "another",
    "secret": SECRET[::-1],
    "user_secret_enabled": True,
    "verification_keys": {"a": SECRET[::-1]},
}


def of(**settings):
    return KeySettings.of(Configuration.build({}, settings))


def test_every_field_has_another_value_here():
    assert {field.name for field in fields(KeySettings)} == {*OTHER_VALUES}


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_key_settings_that_differ_in_one_field_are_not_equal(name):
    settings = {
        "private_key": "one",
        "secret": SECRET,
        "verification_keys": {"a": SECRET},
    }
    other = {**settings, name: OTHER_VALUES[name]}
    assert of(**settings) == of(**settings)
    assert of(**other) != of(**settings)


def test_equal_text_is_an_equal_secret():
    copied = "".join([*SECRET])
    assert copied is not SECRET
    assert of(secret=copied) == of(secret=SECRET)
    assert of(verification_keys={"a": copied}) == of(
        verification_keys={"a": SECRET}
    )
    assert of(leeway=3, claim_aud="x") == of()


class Equal(str):
    """Text that compares equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Path("key.pem"), Path("key.pem")),
        (Equal("a"), Equal("b")),
        (SECRET, SECRET.encode()),
        (bytearray(b"a"), bytearray(b"a")),
    ],
)
def test_mutable_values_never_compare_equal(one, other):
    assert of(secret=one) == of(secret=one)
    assert of(secret=one) != of(secret=other)
    assert of(verification_keys={"a": one}) != of(
        verification_keys={"a": other}
    )


def test_filling_a_mapping_later_changes_nothing():
    keys = {"a": SECRET}
    before = of(verification_keys=keys)
    keys["b"] = SECRET
    assert before.verification_keys == (("a", SECRET),)
    assert of(verification_keys=keys) != before


@pytest.mark.requirement("I6")
def test_the_repr_of_key_settings_does_not_leak():
    assert SECRET not in repr(of(secret=SECRET, verification_keys={"a": "b"}))
