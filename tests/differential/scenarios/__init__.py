"""Every scenario, one module a subject."""

from importlib import import_module
from pkgutil import iter_modules

from ..world import Scenario


def every_scenario() -> dict[str, Scenario]:
    """All scenarios by id.

    Raises:
        ValueError: if two scenarios share an id.
    """
    found: dict[str, Scenario] = {}
    for module in sorted(m.name for m in iter_modules(__path__)):
        for scenario in import_module(f"{__name__}.{module}").SCENARIOS:
            if scenario.id in found:
                raise ValueError(f"two scenarios are called {scenario.id}")
            found[scenario.id] = scenario
    return found
