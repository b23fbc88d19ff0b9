"""Checks the methods of an application: their names and parameters.

A method with a misspelt name is never called. One that cannot be overridden
has no effect. One with a parameter that is not offered fails at a request. All
are refused at install or before (X3).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..exceptions import InvalidConfiguration
from .calls import Callback
from .kinds import HookTable, StepTable, hooks_of, is_overridden, steps_of

_PACKAGE = __name__.partition(".")[0]
_ROUTE_PARAMETER = re.compile(r"<(\w+)")
_SHORT = 3
"""Names of this many characters are one edit from too many others."""
_CHECKS_OF_REQUESTS = ("check_request", "read_token", "verify_token")
_INSTEAD = {
    "authorize": "override_scope_validator",
    "check": "check_request",
    "current_user": "retrieve_user",
    "delete_cookies": "Responses.get_token_response",
    "extract_payload": "verify_token",
    "extract_scopes": "held_scopes",
    "extract_user_id": "verify_token",
    "generate_access_token": "extend_payload",
    "inject_user": "retrieve_user",
    "is_authenticated": "check_request",
    "issue_tokens": "extend_payload",
    "log_in": "authenticate",
    "protected": "check_request",
    "renew": "check_request",
    "scoped": "override_scope_validator",
    "verify_request": "check_request",
    "token_response": "Responses.get_token_response",
}
"""What to override instead of a verb."""


def check_class(cls: type, base: type) -> None:
    """Refuse a class that overrides a verb, or a name without effect.

    Args:
        cls: The class of the application.
        base: The class with the verbs, `JWTAuth`.

    Raises:
        InvalidConfiguration: The class, or one of its bases, does.
    """
    for kind in cls.__mro__:
        if not _is_of_package(kind):
            for name in vars(kind):
                _check_verb(cls, base, name, f"{kind.__name__} defines")


def check_attribute(cls: type, base: type, name: str) -> None:
    """Refuse an attribute of an instance that hides a verb; see above.

    Args:
        cls: The class of the instance.
        base: The class with the verbs, `JWTAuth`.
        name: Name of the attribute.

    Raises:
        InvalidConfiguration: It does.
    """
    _check_verb(cls, base, name, f"An instance of {cls.__name__} sets")


def _check_verb(cls: type, base: type, name: str, prefix: str) -> None:
    replaced = getattr(cls, "_sanic_jwt_oo_replaced", {})
    if name in replaced:
        raise InvalidConfiguration(
            f"{prefix} {name}, which sanic-jwt uses and this package does "
            f"not: it would have no effect. {replaced[name]}"
        )
    value = vars(base).get(name)
    verb = inspect.isfunction(value) or isinstance(value, property)
    if not verb or name.startswith("_") or _is_legacy(cls, base):
        return
    instead = _INSTEAD.get(name)
    way_out = (
        f"Override {instead} instead, or"
        if instead
        else "If it is for something else,"
    )
    raise InvalidConfiguration(
        f"{prefix} {name}, which {base.__name__} provides and which cannot be "
        f"overridden. {way_out} rename it."
    )


def _is_legacy(cls: type, base: type) -> bool:
    """Return whether a class has the legacy form, which may override all."""
    return any(
        _is_of_package(kind) and kind is not base and issubclass(kind, base)
        for kind in cls.__mro__
    )


# --- misspelt names ---------------------------------------------------------


def check_names(auth: Any, base: type) -> None:
    """Refuse a name that is one edit away from a hook, step or attribute.

    Args:
        auth: The `JWTAuth` object.
        base: The class with the attributes, `JWTAuth`.

    Raises:
        InvalidConfiguration: There is one, in the class form.
    """
    attributes = {
        name
        for name, value in vars(base).items()
        if not (
            name.startswith("_")
            or inspect.isfunction(value)
            or isinstance(value, property)
        )
    }
    hooks_and_steps = {*hooks_of(type(auth)), *steps_of(type(auth))}
    _check_holder(auth, auth, attributes, hooks_and_steps)
    of_responses = {
        name
        for kind in type(auth.responses).__mro__
        if _is_of_package(kind)
        for name, value in vars(kind).items()
        if callable(value) and not name.startswith("_")
    }
    _check_holder(auth, auth.responses, set(), of_responses)


def _check_holder(
    auth: Any, holder: Any, attributes: set[str], methods: set[str]
) -> None:
    missing = [
        name
        for name in sorted(attributes | methods)
        if not _is_declared(holder, name)
    ]
    for name, is_method in _own_names(holder):
        for meant in missing:
            if (
                len(meant) > _SHORT
                and one_edit_apart(name, meant)
                and (is_method or meant in attributes)
            ):
                auth.Configuration._report_mistake(
                    f"{type(holder).__name__} defines {name}, which is "
                    f"never used. Did you mean {meant}? If not, rename it."
                )


def one_edit_apart(name: str, other: str) -> bool:
    """Return whether one edit turns a name into another.

    An edit adds, removes or replaces a character, or swaps two neighbours.
    """
    if name == other or abs(len(name) - len(other)) > 1:
        return False
    pairs = zip(name, other, strict=False)
    same = next(
        (n for n, (one, two) in enumerate(pairs) if one != two),
        min(len(name), len(other)),
    )
    rest, others = name[same:], other[same:]
    return (
        rest[1:] in (others, others[1:])
        or rest == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    )


def _own_names(holder: Any) -> Iterator[tuple[str, bool]]:
    """Yield the public names that only the application defines.

    Each is paired with whether it is the name of a method.
    """
    used = {
        name
        for kind in type(holder).__mro__
        if _is_of_package(kind)
        for name in vars(kind)
    }
    own = {
        name: callable(value) or isinstance(value, classmethod)
        for kind in type(holder).__mro__
        if not _is_of_package(kind)
        for name, value in vars(kind).items()
    }
    # nothing that the package sets on an instance is callable
    own.update({n: True for n, v in vars(holder).items() if callable(v)})
    for name, is_method in own.items():
        if not name.startswith("_") and name not in used:
            yield name, is_method


def _is_declared(holder: Any, name: str) -> bool:
    """Return whether the application defines a name."""
    of_class = getattr(type(holder), name, None)
    if vars(holder).get(name, of_class) != of_class:
        return True
    if isinstance(of_class, type):  # a nested class, which all have
        return not _is_of_package(of_class)
    return any(
        name in vars(kind)
        for kind in type(holder).__mro__
        if not _is_of_package(kind)
    )


def _is_of_package(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == _PACKAGE


# --- names behind the package's own -----------------------------------------


def check_order(auth: Any) -> None:
    """Refuse a hook or step of a base class that stands behind the package's.

    Args:
        auth: The `JWTAuth` object.

    Raises:
        InvalidConfiguration: There is one, in the class form.
    """
    cls = type(auth)
    for name in sorted({*hooks_of(cls), *steps_of(cls)} - {*vars(auth)}):
        owners = [kind for kind in cls.__mro__ if name in vars(kind)]
        hidden = [kind for kind in owners if not _is_of_package(kind)]
        if hidden and _is_of_package(owners[0]):
            behind = hidden[0].__name__
            auth.Configuration._report_mistake(
                f"{behind} defines {name}, which is never used: the default "
                f"of {owners[0].__name__} comes first. Name {behind} first "
                f"among the bases of {cls.__name__}."
            )


# --- parameters -------------------------------------------------------------


def check_authenticate(hooks: HookTable, path: str, any_name: bool) -> None:
    """Refuse an `authenticate` that requires more than it is offered.

    Args:
        hooks: The hooks of the installation.
        path: Path of the login endpoint; its parameters are offered too.
        any_name: See `check_parameters`.

    Raises:
        InvalidConfiguration: It does.
    """
    offered = hooks.offer("authenticate").names
    parameters = _ROUTE_PARAMETER.findall(path)
    function = hooks["authenticate"].function
    _check_hook("authenticate", function, (*offered, *parameters), any_name)


def check_parameters(
    hooks: HookTable, any_name: bool, prefix: str = ""
) -> None:
    """Refuse a hook that requires a parameter which it is not offered.

    Args:
        hooks: The hooks of an installation, or of its `Responses`.
        any_name: Whether positional parameters may have any name, as in the
            legacy form.
        prefix: Written before the name of a hook.

    Raises:
        InvalidConfiguration: There is one.
    """
    for name in hooks:
        if not hooks.is_overridden(name):
            continue
        function = hooks.function(name)
        if not callable(function):
            raise InvalidConfiguration(f"{prefix}{name} must be callable.")
        if name != "authenticate":
            offered = hooks.offer(name).names
            _check_hook(f"{prefix}{name}", function, offered, any_name)


def _check_hook(
    name: str,
    function: Callable[..., Any],
    offered: tuple[str, ...],
    any_name: bool,
) -> None:
    missing = Callback(function, offered).lacking(any_name)
    if missing is not None:
        raise InvalidConfiguration(
            f"{name}() requires the parameter {missing}, which it is not "
            f"given. It may take: {', '.join(offered)}. Use one of these "
            "names, or give the parameter a default."
        )


def check_steps(auth: Any, steps: StepTable, base: type) -> None:
    """Refuse a step that cannot be called with what every step of its name is.

    Args:
        auth: The `JWTAuth` object.
        steps: Its overridden steps.
        base: The class with the signatures, `JWTAuth`.

    Raises:
        InvalidConfiguration: There is one, in the class form. In the legacy
            form it is a helper of the application, and the default is taken;
            but a check of requests is never left out.
    """
    for name in sorted(steps.own.keys() & {*steps_of(base)}):
        _, *values = inspect.signature(getattr(base, name)).parameters
        try:
            _check_call(name, steps.own[name], ", ".join(values))
        except InvalidConfiguration as exc:
            auth.Configuration._report_mistake(str(exc))
            if name in _CHECKS_OF_REQUESTS:
                raise
            steps.leave_out(name)


def check_stand_ins(auth: Any, steps: StepTable) -> None:
    """Refuse a method that a stand-in could not call.

    Args:
        auth: The `JWTAuth` object.
        steps: Its overridden steps.

    Raises:
        InvalidConfiguration: There is one.
    """
    for one in steps.stand_ins:
        for name, values in one.methods.items():
            if is_overridden(auth, name):
                _check_call(name, getattr(auth, name), values)


def check_calls(claims: Iterable[Any], verifications: Iterable[Any]) -> None:
    """Refuse claims and verifications with other parameters.

    Raises:
        InvalidConfiguration: There is one.
    """
    for claim in claims:
        of = type(claim).__name__
        for name, values in (("setup", "payload, user"), ("verify", "value")):
            _check_call(f"{of}.{name}", getattr(claim, name), values)
    for verification in verifications:
        name = getattr(verification, "__qualname__", repr(verification))
        _check_call(name, verification, "payload")


def _check_call(name: str, function: Callable[..., Any], values: str) -> None:
    if not callable(function):
        raise InvalidConfiguration(
            f"{name} is {function!r}; it must be callable."
        )
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # it has no signature
        return
    by_position, _, by_name = values.partition("*, ")
    try:
        signature.bind(
            *filter(None, by_position.split(", ")),
            **dict.fromkeys(filter(None, by_name.split(", "))),
        )
    except TypeError as exc:
        raise InvalidConfiguration(
            f"{name}() is called with ({values}), which it does not accept: "
            f"{exc}."
        ) from exc
