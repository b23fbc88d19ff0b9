"""The two fronts on which every scenario runs.

A ``Front`` holds the names an application imports, taken from one of the
two packages, so that a scenario is written once. This module is the only
one of the suite that imports either package.
"""

import warnings
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

NAMES = (
    "Initialize",
    "initialize",
    "protected",
    "scoped",
    "inject_user",
    "Authentication",
    "Configuration",
    "Responses",
    "BaseEndpoint",
    "Claim",
)


@dataclass(frozen=True)
class Front:
    """The public names of one package."""

    name: str
    package: str
    Initialize: Any
    initialize: Any
    protected: Any
    scoped: Any
    inject_user: Any
    Authentication: Any
    Configuration: Any
    Responses: Any
    BaseEndpoint: Any
    Claim: Any
    exceptions: Any

    def module(self, name: str) -> ModuleType:
        """The submodule an application would import, by its old name."""
        return import_module(f"{self.package}.{name}")

    def forget(self) -> None:
        """Undo changes of earlier installations.

        1.8.0 keeps the decorators of the last one on its endpoint classes.
        """
        if self.package == "sanic_jwt":
            endpoints = self.module("endpoints")
            for name in ("RetrieveUserEndpoint", "RefreshEndpoint"):
                getattr(endpoints, name).decorators = []


def _front(name: str, package: str, door: str) -> Front:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = import_module(door)
        exceptions = import_module(f"{package}.exceptions")
    names = {key: getattr(module, key) for key in NAMES}
    return Front(name=name, package=package, exceptions=exceptions, **names)


@cache
def oracle() -> Front:
    """What sanic-jwt 1.8.0 exports."""
    return _front("oracle", "sanic_jwt", "sanic_jwt")


@cache
def ours() -> Front:
    """What an application gets after it changed its import lines."""
    return _front("ours", "sanic_jwt_oo", "sanic_jwt_oo.compat")
