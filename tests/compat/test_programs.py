"""Applications written for sanic-jwt 1.8 run here unchanged.

Each program runs on both packages, and what it responds is compared request
by request. A program lists its differences as `(row, steps, now)`: the row of
the migration page that explains one, the numbers of the requests (or `start`,
where the application does not start), and the fields as they are now.
"""

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

pytest.importorskip("sanic_jwt", reason="the oracle is not installed")

from .runner import NEW, OLD, PROGRAMS, ROOT, Answers

ACCEPTED = range(200, 300)
REFUSED = (401, 403)
DOCS = ROOT / "docs"

every_name = pytest.mark.parametrize(
    "name", [program.name for program in PROGRAMS]
)


@cache
def run_all(package: str) -> dict[str, dict[str, Any]]:
    """The outcome of every program on a package."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.compat.runner", package],
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    outcomes: dict[str, dict[str, Any]] = json.loads(run.stdout)
    return outcomes


def responds(name: str, package: str) -> Answers:
    """The responses of a program on a package."""
    found: Answers = run_all(package)[name]["answers"]
    return found


def differences(name: str) -> list[tuple[str, list[Any], dict[str, Any]]]:
    """What a program says about its differences."""
    found: list[tuple[str, list[Any], dict[str, Any]]]
    found = run_all(OLD)[name].get("differences", [])
    return found


def step_of(steps: Answers, number: int | str) -> str:
    """The name of the request with a number; other names stay."""
    if isinstance(number, str):
        return number
    (step,) = (s for s in steps if s.split(" ")[0] == str(number))
    return step


def comparable(found: Answers) -> Answers:
    """The responses without what only explains a failure."""
    return {
        step: {k: v for k, v in response.items() if k != "detail"}
        for step, response in found.items()
    }


@every_name
def test_same_responses_but_for_the_differences(name: str) -> None:
    theirs, here = responds(name, OLD), responds(name, NEW)
    wanted = comparable(theirs)
    for _, steps, now in differences(name):
        for step in steps:
            wanted[step_of(wanted, step)] |= now
    if wanted["start"]["raised"]:
        wanted = {"start": wanted["start"]}
    details = [a["detail"] for a in here.values() if "detail" in a]
    assert comparable(here) == wanted, "\n".join(details)
    assert not any(a.get("status", 0) >= 500 for a in here.values())


@every_name
def test_oracle_runs_it_through(name: str) -> None:
    theirs = responds(name, OLD)
    assert theirs["start"] == {"raised": None}
    assert "end" not in theirs, theirs["end"]["detail"]


@every_name
def test_oracle_accepts_and_refuses_something(name: str) -> None:
    statuses = [
        response.get("status") for response in responds(name, OLD).values()
    ]
    assert any(status in ACCEPTED for status in statuses)
    assert any(status in REFUSED for status in statuses)


@cache
def rows() -> tuple[set[str], str]:
    """The situations that the tables list, and the text of the page."""
    table = (DOCS / "migration-differences.md").read_text(encoding="utf-8")
    cells = {
        line.split(" | ")[0].removeprefix("| ")
        for line in table.splitlines()
        if line.startswith("| ")
    }
    page = (DOCS / "migration.md").read_text(encoding="utf-8")
    return cells, " ".join(page.split())


@every_name
def test_differences_are_on_the_migration_page(name: str) -> None:
    cells, page = rows()
    missing = [
        row
        for row, _, _ in differences(name)
        if row not in cells and row not in page
    ]
    assert missing == []


@every_name
def test_differences_are_needed(name: str) -> None:
    theirs = responds(name, OLD)
    idle = [
        (row, step)
        for row, steps, now in differences(name)
        for step in steps
        if now.items() <= theirs[step_of(theirs, step)].items()
    ]
    assert idle == []


def test_there_are_enough_programs() -> None:
    assert len(PROGRAMS) >= 25
