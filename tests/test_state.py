"""What is known about a request, by each installation that asks."""

from __future__ import annotations

import pytest
from sanic import Request
from sanic.compat import Header

from sanic_jwt_oo.state import in_charge, state_of

ONE, TWO, THREE = "one", "two", "three"  # stand for installations


@pytest.fixture
def request_(app):
    return Request(b"/", Header(), "1.1", "GET", None, app)


def test_every_installation_has_one_state_of_a_request(request_):
    states = [state_of(request_, name) for name in (ONE, TWO, THREE)]
    assert len({id(state) for state in states}) == 3
    for lead in (False, True, False):
        for name, state in zip(
            (THREE, ONE, TWO), states[2:] + states[:2], strict=True
        ):
            assert state_of(request_, name, in_charge=lead) is state
            assert state.auth == name


def test_nobody_answers_until_somebody_takes_charge(request_):
    assert in_charge(request_) is None
    state_of(request_, ONE)
    assert in_charge(request_) is None


def test_who_took_charge_last_answers(request_):
    state_of(request_, ONE, in_charge=True)
    assert in_charge(request_) == ONE
    state_of(request_, TWO)
    assert in_charge(request_) == ONE
    state_of(request_, TWO, in_charge=True)
    state_of(request_, ONE)
    assert in_charge(request_) == TWO
    state_of(request_, ONE, in_charge=True)
    assert in_charge(request_) == ONE
