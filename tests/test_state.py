"""The state of a request, for each installation."""

from __future__ import annotations

import pytest
from sanic import Request
from sanic.compat import Header

from sanic_jwt_oo.access import (
    in_charge,
    innermost_override,
    overriding,
    state_of,
)
from sanic_jwt_oo.access.overrides import overrides_of

ONE, TWO, THREE = "one", "two", "three"  # stand for installations


@pytest.fixture
def request_(app):
    return Request(b"/", Header(), "1.1", "GET", None, app)


def test_each_installation_has_one_state_per_request(request_):
    states = [state_of(request_, name) for name in (ONE, TWO, THREE)]
    assert len({id(state) for state in states}) == 3
    for lead in (False, True, False):
        for name, state in zip(
            (THREE, ONE, TWO), states[2:] + states[:2], strict=True
        ):
            assert state_of(request_, name, in_charge=lead) is state
            assert state.owner == name


def test_no_installation_is_in_charge_at_first(request_):
    assert in_charge(request_) is None
    state_of(request_, ONE)
    assert in_charge(request_) is None


def test_the_last_installation_to_take_charge_responds(request_):
    state_of(request_, ONE, in_charge=True)
    assert in_charge(request_) == ONE
    state_of(request_, TWO)
    assert in_charge(request_) == ONE
    state_of(request_, TWO, in_charge=True)
    state_of(request_, ONE)
    assert in_charge(request_) == TWO
    state_of(request_, ONE, in_charge=True)
    assert in_charge(request_) == ONE


@pytest.mark.requirement("X4")
def test_a_guard_inside_another_hides_the_settings_of_both():
    settings, lax, strict = {"leeway": 9}, object(), object()
    with overriding(ONE, settings, lax), overriding(ONE, None, lax):
        assert overrides_of(ONE) == settings
        with overriding(ONE, None, strict):
            assert overrides_of(ONE) == {}
        assert overrides_of(ONE) == settings


@pytest.mark.requirement("S1")
def test_an_ended_override_leaves_no_state():
    with overriding(ONE, {"leeway": 9}):
        outer = innermost_override()
        with pytest.raises(ZeroDivisionError), overriding(ONE, {"leeway": 8}):
            raise ZeroDivisionError
        assert innermost_override() is outer
    assert innermost_override() is None
