"""Where values come from: the environment, `app.config`, and classes.

These functions report nothing: unknown names are part of what they return.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..hooks import Callback
from .declarations import Declarations, fits, is_code

_logger = logging.getLogger("sanic_jwt_oo")

APP_CONFIG_PREFIX = "SANIC_JWT_"


def read_environment(
    app_config: Mapping[str, Any], declared: Declarations
) -> dict[str, Any]:
    """Read `SANIC_JWT_<NAME>` of the environment.

    Sanic removes `SANIC_` from the names of variables, and converts values
    that look like numbers and booleans. Where a setting does not accept the
    converted value, and for secrets, the original text is used.
    """
    found: dict[str, Any] = {}
    for key, value in app_config.items():
        text = os.environ.get(f"SANIC_{key}")
        if not key.startswith("JWT_") or text is None:
            continue
        written_as = key[len("JWT_") :].lower()
        name = declared.canonical(written_as)
        setting = declared.get(name)
        if setting is not None:
            as_read = not setting.is_secret and fits(value, setting.type)
            found[written_as] = value if as_read else text
        elif declared.resembles(name):
            found[written_as] = value
        else:  # it may be there for something else
            _logger.warning("SANIC_%s is not a setting.", key)
    return found


def read_app_config(app_config: Mapping[str, Any]) -> dict[str, Any]:
    """Read `SANIC_JWT_<NAME>` of `app.config`."""
    return {
        key[len(APP_CONFIG_PREFIX) :].lower(): value
        for key, value in app_config.items()
        if key.startswith(APP_CONFIG_PREFIX)
    }


class Written(NamedTuple):
    """The settings that classes define.

    Attributes:
        values: Plain values by the name of the setting.
        setters: The names of the `set_<name>` methods in force.
        getters: The names of the `get_<name>` methods in force.
        unknown: Names that are not settings, each with its source.
    """

    values: dict[str, Any]
    setters: dict[str, str]
    getters: dict[str, str]
    unknown: list[tuple[str, str]]


def read_classes(cls: type, declared: Declarations) -> Written:
    """Read the settings of a class and its bases, the most derived one first.

    A value or `set_<name>` of a class ends what the classes it derives from
    have, a `get_<name>` included. What a class declares are defaults.

    Args:
        cls: The class.
        declared: Its settings.
    """
    written = Written({}, {}, {}, [])
    ended: set[str] = set()
    for klass in cls.__mro__[:-1]:
        ended |= _read_class(cls, klass, declared, written, ended)
    return written


def _read_class(
    cls: type,
    klass: type,
    declared: Declarations,
    written: Written,
    ended: set[str],
) -> set[str]:
    """Add the settings of one class; return those that it settles."""
    declares = vars(klass).get("_declares", False)
    settled = set()
    for written_as, value in vars(klass).items():
        form, name = _form(written_as, declared)
        if name not in declared:
            if form and declared.resembles(name):
                place = f"{cls.__name__}.{written_as}"
                written.unknown.append((name, place))
            elif not (form or written_as.startswith("_") or is_code(value)):
                written.unknown.append((written_as, cls.__name__))
        elif form == "get_":
            if name not in ended:
                written.getters.setdefault(name, written_as)
        elif form == "set_":
            settled.add(name)
            if name not in ended:
                written.setters[name] = written_as
        elif not declares:
            settled.add(name)
            written.values.setdefault(name, getattr(klass, written_as))
    return settled


def _form(written_as: str, declared: Declarations) -> tuple[str, str]:
    """Split a name into `get_`, `set_` or nothing, and the setting."""
    form = written_as[:4] if written_as.startswith(("get_", "set_")) else ""
    return form, declared.canonical(written_as[len(form) :])


class Getters:
    """The `get_<name>` methods of a configuration.

    Two are equal if they would return the same: their settings are.

    Args:
        settings: The settings that the methods are bound to.
        hooks: A hook for each setting that has such a method.
    """

    def __init__(
        self, settings: object, hooks: Mapping[str, Callback]
    ) -> None:
        self._settings = settings
        self._hooks = hooks

    def __bool__(self) -> bool:
        return bool(self._hooks)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Getters):
            return NotImplemented
        return self._settings == other._settings

    def call(self, request: Any) -> dict[str, Any]:
        """Return the values that the settings have for a request."""
        return {
            name: hook.call({"request": request})
            for name, hook in self._hooks.items()
        }
