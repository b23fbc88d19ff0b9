"""What the tests of agreement share: a world of both sides."""

from __future__ import annotations

import pytest

from .world import World


@pytest.fixture(scope="session")
def standing() -> World:
    """A world whose caches have seen every token of every test."""
    return World()


@pytest.fixture
def world(standing: World) -> World:
    """The same, at the time that all tests begin."""
    standing.begin()
    return standing
