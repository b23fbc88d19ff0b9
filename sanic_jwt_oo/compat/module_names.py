"""The names of sanic-jwt that this package does not have in the same place.

`from sanic_jwt_oo.authentication import Authentication` works at run time, and
so does a pickle that names the module. Type checkers do not see these names;
for them there is `from sanic_jwt_oo import Authentication`. Importing a name
that is gone raises an error that says what replaces it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from .. import configuration, decorators, responses
from . import (
    authentication,
    base,
    cache,
    claim,
    helpers,
    initialization,
    utils,
    validators,
)

_PACKAGE = __name__.partition(".")[0]
_MODULES: dict[str, ModuleType] = {
    "authentication": authentication,
    "base": base,
    "cache": cache,
    "claim": claim,
    "initialization": initialization,
    "utils": utils,
    "validators": validators,
}
_ADDED: list[tuple[ModuleType, str, Any]] = [
    (decorators, "instant_config", helpers.instant_config),
    (responses, "COOKIE_OPTIONS", helpers.COOKIE_OPTIONS),
    (responses, "_set_cookie", helpers._set_cookie),
]
_READ_SETTINGS = "Read a setting with config.<name>()."
_PASS_HANDLERS = (
    "Pass handlers and class_views to Initialize, or define them as methods."
)
_ON_THE_REQUEST = "Values are kept on the request, not on the asyncio task."
GONE: dict[ModuleType, dict[str, str]] = {
    authentication: {"BaseAuthentication": "Subclass Authentication."},
    cache: {
        "_check_event_loop": _ON_THE_REQUEST,
        "_get_current_task": _ON_THE_REQUEST,
        "_get_or_create_cache": _ON_THE_REQUEST,
    },
    configuration: {
        "DEFAULT_SECRET": "It is public: anyone can sign tokens with it. Set "
        "a secret of your own. Without one, a random secret is made for each "
        "run.",
        "aliases": "Read config.config_aliases.",
        "defaults": _READ_SETTINGS,
        "ignore_keys": _READ_SETTINGS,
        "_create_or_overwrite_config_item": _READ_SETTINGS,
        "_update_config_item": _READ_SETTINGS,
        "_warn_key": _READ_SETTINGS,
    },
    decorators: {
        "_do_protection": "Await auth.check(request), which returns the "
        "payload or raises the refusal.",
    },
    initialization: {
        "auth_mode_agnostic_handlers": _PASS_HANDLERS,
        "auth_mode_handlers": _PASS_HANDLERS,
        "endpoint_mappings": _PASS_HANDLERS,
        "handlers": _PASS_HANDLERS,
        "init_classes": _PASS_HANDLERS,
        "_EndpointMapping": _PASS_HANDLERS,
        "_Handler": _PASS_HANDLERS,
    },
}
"""Names that are gone, and what replaces each."""


def register() -> None:
    """Make the modules and names importable where sanic-jwt has them."""
    for name, module in _MODULES.items():
        # what the import system does with a submodule that it has loaded
        sys.modules[f"{_PACKAGE}.{name}"] = module
        setattr(sys.modules[_PACKAGE], name, module)
    for module, name, value in _ADDED:
        setattr(module, name, value)
    for module, names in GONE.items():
        vars(module)["__getattr__"] = _refuse(module, names)


def _refuse(
    module: ModuleType, names: Mapping[str, str]
) -> Callable[[str], Any]:
    """Return a `__getattr__` of a module that refuses names that are gone."""
    place = module.__name__.rpartition(".")[2]

    def refuse(name: str) -> Any:
        if name in names:
            # an AttributeError would lose its message in an import
            raise ImportError(
                f"{_PACKAGE}.{place} has no {name}. {names[name]}"
            )
        raise AttributeError(
            f"module {module.__name__!r} has no attribute {name!r}"
        )

    return refuse
