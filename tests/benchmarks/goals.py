"""What was set out to be reached, beside what was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .figures import MODES, Rates, Series, added, median, ratio

OURS = ("ours", "HS256", "protected")
THEIRS = ("sanic-jwt", "HS256", "protected")
SESSIONS = {
    ("ours, sessions", "protected"): ("in the header", 0.90),
    ("ours, sessions, cookies", "protected"): ("in a cookie, `GET`", 0.87),
    ("ours, sessions, cookies", "protected, POST"): (
        "in a cookie, `POST`",
        0.85,
    ),
}
COLD = {"HS256": 0.60, "RS256": 0.46, "ES256": 0.32}
LOG_IN = {"HS256": 0.60, "RS256": 0.12}
BESIDE = {"warm": 3, "cold": 1.9}
STORES = {
    "SQLite": (3.0, 2.5, 2.0),
    "PostgreSQL": (3.0, 2.0, 2.5),
    "Redis": (1.2, 1.6, 1.5),
}
"""How many times as long as the driver a log-in, refresh and check take."""
ADDED = {"warm": 22_000, "cold": 100_000}
NAMES = {"scoped": "`scoped`", "user": "`protected` with `inject_user`"}


@dataclass(frozen=True)
class Goal:
    """Something that was set out to be reached.

    Args:
        what: What is measured.
        bound: What the median has to reach.
        values: What was found, one figure a round.
        at_most: Whether less is better.
    """

    what: str
    bound: float
    values: Series
    at_most: bool = False

    @property
    def reached(self) -> bool:
        middle = median(self.values)
        return middle <= self.bound if self.at_most else middle >= self.bound


def goals(results: dict[str, Any]) -> Iterator[Goal]:
    """Yield the goals that there are results for."""
    if "rates" in results:
        rates = Rates(results["rates"])
        if OURS in rates:
            yield from _to_open(rates)
            yield from _to_protected(rates)
        yield from _with_sessions(rates)
        if rates.issued:
            yield from _after_issuing(rates)
        if OURS in rates and THEIRS in rates:
            yield from _to_sanic_jwt(rates)
    if "stores" in results:
        yield from _stores(results["stores"])
    if "instructions" in results:
        yield from _instructions(results["instructions"])


def _to_open(rates: Rates) -> Iterator[Goal]:
    for algorithm, cold in COLD.items():
        for mode, bound in (("warm", 0.93), ("cold", cold)):
            values = rates.to_open("ours", algorithm, "protected", mode)
            what = f"`protected`, {algorithm}, {mode}: to the open route"
            yield Goal(what, bound, values)
    for algorithm, bound in LOG_IN.items():
        values = rates.to_open("ours", algorithm, "auth", "cold")
        what = f"`POST /auth`, {algorithm}: to a `POST` that echoes"
        yield Goal(what, bound, values)


def _with_sessions(rates: Rates) -> Iterator[Goal]:
    for (server, route), (where, bound) in SESSIONS.items():
        if (server, "HS256", route) in rates:
            values = rates.to_open(server, "HS256", route, "warm")
            what = f"`protected` with sessions and `feed`, token {where}"
            yield Goal(f"{what}, warm: to the open route", bound, values)


def _to_protected(rates: Rates) -> Iterator[Goal]:
    for route, name in NAMES.items():
        for mode in MODES:
            values = rates.to_protected("ours", "HS256", route, mode)
            what = f"{name}, HS256, {mode}: to `protected`"
            yield Goal(what, 0.95, values)


def _after_issuing(rates: Rates) -> Iterator[Goal]:
    issued = rates.issued["tokens"]
    for mode in MODES:
        what = f"time after issuing {issued:,} tokens, {mode}: to a new start"
        yield Goal(what, 1.05, rates.slowdown(mode), at_most=True)


def _to_sanic_jwt(rates: Rates) -> Iterator[Goal]:
    for mode, bound in BESIDE.items():
        values = rates.between(OURS, THEIRS, mode)
        yield Goal(f"`protected`, HS256, {mode}: to sanic-jwt", bound, values)


def _stores(found: dict[str, Any]) -> Iterator[Goal]:
    for kind, steps in found["kinds"].items():
        for bound, (step, spent) in zip(
            STORES[kind], steps.items(), strict=True
        ):
            values = ratio(spent["ours"], spent["bare"])
            what = f"{kind}, {step}: time to that of the bare driver"
            yield Goal(what, bound, values, at_most=True)
    for part, who in (("crowds", ""), ("workers", " in each of 2 workers")):
        for kind, spent in found[part].items():
            what = f"{kind}, {found['crowd']} clients at once{who}: "
            rates, late = (
                ratio(spent["ours"][name], spent["bare"][name])
                for name in ("rate", "late")
            )
            yield Goal(f"{what}operations, to the bare driver", 0.6, rates)
            yield Goal(f"{what}99th percentile, to its", 3, late, at_most=True)


def _instructions(found: dict[str, Any]) -> Iterator[Goal]:
    for mode, bound in ADDED.items():
        values = added(found, "ours", mode)
        what = f"instructions added to a request, HS256, {mode}"
        yield Goal(what, bound, values, at_most=True)
