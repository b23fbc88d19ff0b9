"""sanic-jwt 1.8.0 and the compatibility front, scenario by scenario."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path

import jwt
import pytest

pytest.importorskip("sanic_jwt", reason="the oracle is not installed")

from .differences import ROWS, RULES
from .differences.rendering import markdown
from .differences.wording import SCOPE_DENIED
from .fronts import oracle, ours
from .scenarios import every_scenario
from .table import SETUP, Change, Row, expected, matches
from .world import Answer, Outcome, Step, perform

SCENARIOS = every_scenario()
PAGE = Path(__file__).parents[2] / "docs" / "migration-differences.md"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@cache
def theirs(scenario_id: str) -> Outcome:
    """The oracle's outcome."""
    return perform(SCENARIOS[scenario_id], oracle())


@cache
def here(scenario_id: str) -> Outcome:
    """Our outcome."""
    return perform(SCENARIOS[scenario_id], ours())


# PyJWT decides what 1.8.0 does with these, and has changed.
DECIDED_BY_PYJWT = (
    "token/crit-*",
    "token/exp-infinite",
    "token/exp-list",
    "token/exp-null",
    "token/kid-number",
    "token/payload-deep",
)
CURRENT = tuple(map(int, jwt.__version__.split(".")[:2])) >= (2, 15)


@pytest.mark.parametrize("scenario_id", SCENARIOS)
def test_same_outcome_but_for_the_table(scenario_id: str) -> None:
    if not CURRENT and any(matches(scenario_id, p) for p in DECIDED_BY_PYJWT):
        pytest.skip("the table is about PyJWT 2.15 and later")
    wanted, _ = expected(scenario_id, theirs(scenario_id), ROWS)
    outcome = here(scenario_id)
    assert outcome.fields() == wanted, outcome.setup.detail


@cache
def shown_by() -> dict[Row | Change, set[str]]:
    """The scenarios in which each row and each change says something."""
    found: dict[Row | Change, set[str]] = defaultdict(set)
    for scenario_id in SCENARIOS:
        _, used = expected(scenario_id, theirs(scenario_id), ROWS)
        for row, change in used:
            found[row].add(scenario_id)
            found[change].add(scenario_id)
    return found


@pytest.mark.skipif(not CURRENT, reason="the table is about PyJWT 2.15")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.when[:60])
def test_every_row_is_about_differences(row: Row) -> None:
    shown = shown_by()[row]
    idle_scenarios = [
        pattern
        for pattern in row.scenarios
        if not any(matches(scenario_id, pattern) for scenario_id in shown)
    ]
    assert idle_scenarios == []
    assert [change for change in row.changes if not shown_by()[change]] == []


def test_there_are_enough_scenarios() -> None:
    assert len(SCENARIOS) >= 150


def test_published_table_is_up_to_date() -> None:
    assert PAGE.read_text() == markdown(), (
        "run: python -m tests.differential.differences "
        "> docs/migration-differences.md"
    )


# What the comparison leaves out.
OWN_TOKEN_PAGES = (
    "api/token-for-a-login-page: login",
    "view/class-view-authenticates: POST /auth/magic",
)
Named = list[tuple[str, Step, Answer]]


def responds(outcome_of: Callable[[str], Outcome]) -> Named:
    """Every response of every scenario, except the application's own."""
    return [
        (f"{scenario_id}: {step.name}", step, outcome.answers[step.name])
        for scenario_id, scenario in SCENARIOS.items()
        for outcome in [outcome_of(scenario_id)]
        for step in scenario.steps
        if step.name in outcome.answers
        and "mine" not in str(outcome.answers[step.name].body)
    ]


def header(response: Answer, name: str) -> str:
    """A header's value, empty if it is absent."""
    return response.headers.get(name, "")


def test_every_401_has_a_challenge() -> None:
    lacking = [
        name
        for name, _, response in responds(here)
        if response.status == 401
        and not header(response, "www-authenticate").startswith("Bearer")
    ]
    assert lacking == []
    assert not any(
        header(response, "www-authenticate")
        for *_, response in responds(theirs)
        if "reasons" in str(response.body)
    )


def test_every_403_says_insufficient_scope() -> None:
    lacking = [
        name
        for name, _, response in responds(here)
        if response.status == 403
        and response.body == SCOPE_DENIED
        and 'error="insufficient_scope"'
        not in header(response, "www-authenticate")
    ]
    assert lacking == []


def test_every_token_says_no_store() -> None:
    lacking = [
        name
        for name, step, response in responds(here)
        if step.method == "POST"
        and name not in OWN_TOKEN_PAGES
        and response.status == 200
        and "'token'" in str(response.body)
        and "no-store" not in header(response, "cache-control")
    ]
    assert lacking == []
    assert not any(header(a, "cache-control") for *_, a in responds(theirs))


def test_rules_name_their_tests() -> None:
    assert all(rule.check in globals() for rule in RULES)


def test_oracle_outcomes_mean_something() -> None:
    """A scenario that always fails early compares nothing."""
    idle = [
        scenario_id
        for scenario_id, scenario in SCENARIOS.items()
        if not scenario.steps
        and theirs(scenario_id).fields()[SETUP]
        == {"raised": None, "warned": False, "value": None}
    ]
    assert idle == []
