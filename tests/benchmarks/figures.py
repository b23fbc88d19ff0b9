"""What follows from what was counted: ratios round by round, and medians.

A ratio is made of what took turns in one run; what is reported of a list of
them is the median, and the quartiles as its spread.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

ALGORITHMS = ("HS256", "RS256", "ES256")
MODES = ("warm", "cold")
Series = Sequence[float]


def ratio(above: Series, below: Series) -> list[float]:
    """Divide two series round by round."""
    return [a / b for a, b in zip(above, below, strict=True)]


def median(values: Series) -> float:
    """Return the median."""
    return statistics.median(values)


def quartiles(values: Series) -> tuple[float, float]:
    """Return the first and the third quartile."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, method="inclusive")
    return low, high


class Rates:
    """The rates of all routes, as `rates.measure` found them."""

    def __init__(self, found: dict[str, Any]) -> None:
        self._routes = {
            (r["server"], r["algorithm"], r["route"]): r
            for r in found["routes"]
        }
        self.issued: dict[str, Any] = found.get("issued", {})

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        return iter(self._routes)

    def __contains__(self, key: object) -> bool:
        return key in self._routes

    def rate(
        self, server: str, algorithm: str, route: str, mode: str
    ) -> Series:
        """Return requests per second, one figure a round."""
        return self._routes[server, algorithm, route][mode]

    def to_open(
        self, server: str, algorithm: str, route: str, mode: str
    ) -> Series:
        """Return the ratios to the open route of the same server."""
        key = server, algorithm, route
        return ratio(self.rate(*key, mode), self.rate(*key, "open"))

    def to_protected(
        self, server: str, algorithm: str, route: str, mode: str
    ) -> Series:
        """Return the ratios to `protected`, which took turns with a route."""
        key = server, algorithm, route
        below = self.rate(*key, f"protected, {mode}")
        return ratio(self.rate(*key, mode), below)

    def between(
        self, one: tuple[str, str, str], other: tuple[str, str, str], mode: str
    ) -> Series:
        """Return the ratios of one guarded route to another.

        Each to the open route that it took turns with, which is the same.
        """
        return ratio(self.to_open(*one, mode), self.to_open(*other, mode))

    def slowdown(self, mode: str) -> Series:
        """Return the time of a check after many tokens, to a fresh start.

        Each to the open route that it took turns with.
        """
        fresh, after = (
            ratio(self.issued[name][mode], self.issued[name]["open"])
            for name in ("fresh", "after")
        )
        return ratio(fresh, after)


def added(found: dict[str, Any], package: str, mode: str) -> Series:
    """Return the instructions that a check or a log-in adds to a request."""
    subjects = found["subjects"]
    base = {"log-in": "echo", "warm POST": "open POST"}.get(mode, "open")
    guarded, bare = (
        subjects[f"{package}:{mode}"],
        subjects[f"{package}:{base}"],
    )
    return [a - b for a, b in zip(guarded, bare, strict=True)]
