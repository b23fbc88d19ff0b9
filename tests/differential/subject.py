"""How a scenario module lists its scenarios."""

from collections.abc import Callable

from .world import Build, Scenario, Step


class Subject:
    """The scenarios of one subject; their ids start with its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.scenarios: list[Scenario] = []

    def add(self, name: str, build: Build, *steps: Step) -> None:
        """List a scenario.

        Raises:
            ValueError: if two of its steps share a name.
        """
        if len({step.name for step in steps}) != len(steps):
            raise ValueError(f"{self.name}/{name}: steps share a name")
        self.scenarios.append(Scenario(f"{self.name}/{name}", build, steps))

    def scenario(self, name: str, *steps: Step) -> Callable[[Build], Build]:
        """List a scenario built by the decorated function."""

        def decorator(build: Build) -> Build:
            self.add(name, build, *steps)
            return build

        return decorator
