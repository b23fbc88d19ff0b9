"""Print the outcomes of scenarios that differ between the fronts.

``python -m tests.differential cookie/`` looks at the scenarios with that
text in their id; ``--unexplained`` leaves out what the table says.
"""

import argparse
from typing import Any

from .differences import ROWS
from .fronts import oracle, ours
from .scenarios import every_scenario
from .table import Steps, expected
from .world import perform


def main() -> None:
    """Run the scenarios that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", nargs="?", default="")
    parser.add_argument("--unexplained", action="store_true")
    asked = parser.parse_args()
    for scenario_id, scenario in every_scenario().items():
        if asked.text not in scenario_id:
            continue
        theirs = perform(scenario, oracle())
        wanted: Steps = dict(theirs.fields())
        if asked.unexplained:
            wanted, _ = expected(scenario_id, theirs, ROWS)
        here = perform(scenario, ours())
        if here.fields() != wanted:
            print(f"\n{scenario_id}  {here.setup.detail}")
            _show(wanted, here.fields())


def _show(before: Steps, after: Steps) -> None:
    for name in dict.fromkeys([*before, *after]):
        fields: dict[str, Any] = before.get(name, {})
        others = after.get(name, {})
        for field in dict.fromkeys([*fields, *others]):
            if fields.get(field) != others.get(field):
                print(f"  {name}: {field}")
                print(f"    - {fields.get(field)}")
                print(f"    + {others.get(field)}")


if __name__ == "__main__":
    main()
