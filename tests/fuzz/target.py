"""The target of the fuzzer: play a scenario in a world of both sides.

A finding is an exception: an `AssertionError` that describes it, or an
unexpected error of the package.
"""

from __future__ import annotations

from itertools import count

from tests.agreement.world import SMALL, World

from .scenario import Scenario

_LIFE = 500
"""Scenarios that share installations, whose caches are emptied for each."""

_WORLD = World(SMALL)
_numbers = count(1)


def run(octets: bytes) -> bool:
    """Play the scenario that some bytes encode.

    Args:
        octets: Any bytes.

    Returns:
        Whether the token was accepted when it was new.
    """
    if next(_numbers) % _LIFE == 0:
        _WORLD.forget()
    return play(Scenario.read(octets), _WORLD)


def play(scenario: Scenario, world: World) -> bool:
    """Play a scenario.

    Returns:
        Whether the token was accepted when it was new.
    """
    world.crowd_out()
    token, spoilt = scenario.tokens()
    noon = world.now
    good = world.agree(scenario.terms, token)
    if spoilt != token:
        world.agree(scenario.terms, spoilt)
    for move in scenario.moves:
        world.now = noon + move.seconds
        world.unwelcome = [1, "1"] if move.shut else []
        terms, installed = move.conditions()
        world.agree(terms, spoilt if move.spoilt else token, installed)
    world.begin()
    assert world.agree(scenario.terms, token) == good
    return good
