"""How much the tests try: less in `make test` than in `make test ALL=1`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

THOROUGH = bool(os.environ.get("ALL"))
"""Whether tests run all rounds, examples and seeds."""
PATIENCE = 30.0
"""The timeout of a store, in seconds, in tests that are not about time."""
MERCY = 120.0
"""After how many seconds of waiting a test fails."""


def sample(values: Iterable[Any], *quick: Any) -> list[Any]:
    """Return parameters; all but the quick ones are marked long."""
    return [
        value
        if value in quick
        else pytest.param(value, marks=pytest.mark.long)
        for value in values
    ]
