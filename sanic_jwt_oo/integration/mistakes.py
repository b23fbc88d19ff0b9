"""Finds set-up that would have no effect, at install.

The installer calls these functions once. The class form refuses a mistake.
The legacy form logs it if sanic-jwt ignored it
(`Configuration._report_mistake`).
"""

from __future__ import annotations

import inspect
from collections.abc import Container, Iterator
from typing import Any

from ..configuration import Configuration
from ..exceptions import InvalidConfiguration
from ..hooks import hooks_of
from ..keys import is_asymmetric
from ..runtime.logs import warn_at_install


def check_settings(settings: Configuration, keeps_sessions: bool) -> None:
    """Refuse settings that have no effect together with the others.

    Raises:
        InvalidConfiguration: There is one.
    """
    key, algorithm = settings.private_key, settings.algorithm
    if isinstance(key, (str, bytes)):
        key = key.strip() or None
    if key is not None and not is_asymmetric(algorithm):
        settings._report_mistake(
            f"private_key has no effect: {algorithm} signs with the secret. "
            "Choose an algorithm with a key pair, such as "
            'algorithm = "ES256", or remove private_key.'
        )
    if settings.session_endpoints_enabled and not (
        keeps_sessions and settings.auth_mode
    ):
        missing = "auth_mode = True" if keeps_sessions else "a session_store"
        raise InvalidConfiguration(
            f"session_endpoints_enabled requires {missing}."
        )


def check_place_of_settings(auth: Any, given: Container[str]) -> None:
    """Refuse a setting that is defined on the auth class itself.

    Args:
        auth: The `JWTAuth` object.
        given: The settings that were passed to it; a class may keep those as
            attributes.

    Raises:
        InvalidConfiguration: There is one, in the class form.
    """
    configuration: type[Configuration] = auth.Configuration
    declared = configuration.declarations()
    settings = {*declared, *declared.aliases}.difference(hooks_of(type(auth)))
    name = type(auth).__name__
    for written_as, value in _members(auth):
        if written_as in given:
            continue
        if written_as in settings and not _is_method(value):
            configuration._report_mistake(
                f"{written_as} is a setting and has no effect on {name} "
                "itself. Define it in the nested class: class Configuration: "
                f"{written_as} = ...; or pass it: {name}({written_as}=...)."
            )
        elif (
            written_as.startswith(("get_", "set_"))
            and written_as[4:] in settings
            and _has_parameters_of_setting(value)
        ):
            warn_at_install(
                "%s() of %s is not called for the setting. Define it in the "
                "nested class Configuration. If it is for something else, "
                "rename it.",
                written_as,
                name,
            )


def _members(auth: Any) -> Iterator[tuple[str, Any]]:
    """Yield the attributes of an instance and its classes, unbound."""
    seen: set[str] = set()
    for holder in (auth, *type(auth).__mro__):
        for name, value in vars(holder).items():
            if name not in seen:
                seen.add(name)
                yield name, value


def _is_method(value: Any) -> bool:
    return callable(value) or isinstance(value, (classmethod, staticmethod))


def _has_parameters_of_setting(method: Any) -> bool:
    """Return whether a method has the parameters of a setting's method."""
    return inspect.isfunction(method) and {
        *inspect.signature(method).parameters
    } <= {"self", "request"}
