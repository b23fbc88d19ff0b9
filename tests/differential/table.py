"""The shape of the table of differences, and how a row is applied.

A row holds *changes*. A change picks steps of scenarios by name, may ask
that the oracle's outcome looks some way, and says what ours has instead.
What a change does not mention stays as the oracle has it: the outcome
expected of us is the oracle's with the changes of the table made to it,
and nothing else.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .world import Outcome

Fields = Mapping[str, Any]
Steps = dict[str, dict[str, Any]]

SETUP = "setup"
PAGE = {"cookies": {}, "location": None}


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def matches(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern, in which ``*`` is any text."""
    return _pattern(pattern).fullmatch(name) is not None


@dataclass(frozen=True, eq=False)
class Change:
    """What differs in some steps.

    Attributes:
        steps: names of the steps, with ``*`` for any text.
        now: the fields that differ, as they are with us.
        was: fields the oracle's step must have for this change to apply.
        on: the scenarios it is made to, if not to all of its row.
    """

    steps: tuple[str, ...]
    now: Fields
    was: Fields | None = None
    on: tuple[str, ...] = ("*",)

    def applies(self, step: str, before: Fields | None) -> bool:
        """Whether this change is made to a step of the oracle."""
        if not any(matches(step, pattern) for pattern in self.steps):
            return False
        if self.was is None:
            return True
        return before is not None and all(
            before.get(key) == value for key, value in self.was.items()
        )


@dataclass(frozen=True, eq=False)
class Row:
    """One deliberate difference.

    Attributes:
        when: the situation.
        before: what 1.8.0 does on current Sanic.
        after: what this package does.
        reason: a requirement's id, or why 1.8.0 could not stay as it is.
        scenarios: ids of the scenarios that show it, ``*`` for any text.
        changes: what differs in their steps.
    """

    when: str
    before: str
    after: str
    reason: str
    scenarios: tuple[str, ...]
    changes: tuple[Change, ...]

    def covers(self, scenario_id: str) -> bool:
        """Whether the row speaks of a scenario."""
        return any(matches(scenario_id, p) for p in self.scenarios)


@dataclass(frozen=True)
class Rule:
    """A difference in headers, which scenarios do not compare.

    Attributes:
        check: the name of the test that holds us to it.
    """

    when: str
    before: str
    after: str
    reason: str
    check: str


def respond(status: int, body: Any, **others: Any) -> dict[str, Any]:
    """A whole answer, for steps that 1.8.0 does not reach."""
    return {**PAGE, "status": status, "body": body, **others}


def step(
    *names: str,
    was: Fields | None = None,
    on: tuple[str, ...] = ("*",),
    **now: Any,
) -> Change:
    """A change, written short."""
    return Change(names, now, was, on)


def refused_setup(
    error: str = "InvalidConfiguration", on: tuple[str, ...] = ("*",)
) -> Change:
    """Installing raises ``error``, so there is nothing to ask."""
    return step(SETUP, on=on, raised=error, warned=False, value=None)


def works_now(warned: bool = False) -> Change:
    """Installing no longer raises."""
    return step(SETUP, raised=None, warned=warned)


def expected(
    scenario_id: str, oracle: Outcome, rows: tuple[Row, ...]
) -> tuple[Steps, set[tuple[Row, Change]]]:
    """What we must answer, and the changes that say so.

    A change is matched against the oracle's own outcome, so the order of
    rows decides only which of two changes to one field wins: the later.
    """
    original = oracle.fields()
    steps: Steps = {name: dict(fields) for name, fields in original.items()}
    used: set[tuple[Row, Change]] = set()
    for row in rows:
        if row.covers(scenario_id):
            for name, change in _changes(row, scenario_id, original):
                before = steps.get(name, {})
                after = {**before, **change.now}
                # Not by value: words that are not compared equal any.
                if repr(after) != repr(before):
                    steps[name] = after
                    used.add((row, change))
    if steps[SETUP]["raised"] is not None:
        steps = {SETUP: steps[SETUP]}
    return steps, used


def _changes(
    row: Row, scenario_id: str, original: Mapping[str, Fields]
) -> Iterator[tuple[str, Change]]:
    """The changes of a row with the steps they are made to."""
    for change in row.changes:
        if not any(matches(scenario_id, pattern) for pattern in change.on):
            continue
        names = list(original)
        if original[SETUP]["raised"] is not None:
            names += [
                name
                for name in change.steps
                if "*" not in name and name not in original
            ]
        for name in names:
            if change.applies(name, original.get(name)):
                yield name, change
