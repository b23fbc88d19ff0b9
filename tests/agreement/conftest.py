"""Fixtures of the agreement tests: a world with both sides."""

from __future__ import annotations

import pytest

from .world import World


@pytest.fixture(scope="session")
def standing() -> World:
    """A world whose caches hold tokens of earlier tests."""
    return World()


@pytest.fixture
def world(standing: World) -> World:
    """The same, reset to the time at which all tests begin."""
    standing.begin()
    return standing
