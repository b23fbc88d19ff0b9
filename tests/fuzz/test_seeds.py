"""The seeds of the fuzzer, played without it to test its target."""

from __future__ import annotations

from functools import cache

import pytest

from tests.agreement.world import SMALL, World
from tests.effort import THOROUGH

from . import seeds, target
from .scenario import MOVES, Scenario


@cache
def every():
    """The seeds to play, made when the first test asks for them."""
    return [*seeds.seeds()][:: 1 if THOROUGH else 10]


def test_no_seed_is_a_finding():
    accepted = sum(map(target.run, every()))
    assert accepted > len(every()) / 10


def test_a_seed_round_trips():
    assert [Scenario.read(seed).write() for seed in every()] == every()


@pytest.mark.parametrize("octet", [b"", b"\0", b"\xff", b"\xc1", b"a\xc1"])
def test_any_bytes_are_a_scenario(octet):
    for octets in (octet, octet * 99):
        assert len(Scenario.read(octets).moves) <= MOVES
        target.run(octets)


def test_a_finding_is_found(monkeypatch):
    good = next(seed for seed in every() if target.run(seed))
    world = World(SMALL)
    monkeypatch.setattr(
        "tests.agreement.terms.Terms.decode", lambda *_: {"exp": 0}
    )
    with pytest.raises(AssertionError, match="PyJWT reads something else"):
        target.play(Scenario.read(good), world)


def test_the_words_of_the_dictionary_are_quoted():
    for line in seeds.dictionary():
        assert line[0] == line[-1] == '"'
        assert line[1:-1].replace('\\"', "").count('"') == 0
