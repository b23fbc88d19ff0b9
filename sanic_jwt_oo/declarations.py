"""What an application has declared: the names of hooks, their parameters.

`Installation` calls these functions once. A method whose name is misspelt is
never called, and one with a parameter that has no value fails at a request;
so both are found at install (requirement X3).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .exceptions import InvalidConfiguration
from .hooks import OFFERED, Hook, is_written
from .responses import OFFERED as OFFERED_TO_RESPONSES
from .responses import Responses
from .tokens import Claim, Verification

_PACKAGE = __name__.partition(".")[0]
_ROUTE_PARAMETER = re.compile(r"<(\w+)")
_STEPS = (
    "add_claims",
    "build_payload",
    "check_log_in_body",
    "login_account",
    "login_address",
    "random_secret",
    "user_id_of",
)
"""Methods of `JWTAuth` that are made to be overridden."""
_ATTRIBUTES = (
    "Configuration",
    "Responses",
    "class_views",
    "custom_claims",
    "extra_verifications",
    "session_store",
)
_OF_AUTH = (*OFFERED, *_STEPS, *_ATTRIBUTES)
_OF_RESPONSES = tuple(
    name
    for name, value in vars(Responses).items()
    if callable(value) and not name.startswith("_")
)


def check_names(auth: Any) -> None:
    """Refuse a name that is one slip away from one that would have a meaning.

    Args:
        auth: The installation.

    Raises:
        InvalidConfiguration: There is one, in the class form.
    """
    for holder, known in ((auth, _OF_AUTH), (auth.responses, _OF_RESPONSES)):
        missing = [name for name in known if not _is_declared(holder, name)]
        for name, is_method in _own_names(holder):
            for meant in missing:
                if one_slip_apart(name, meant) and (
                    is_method or meant in _ATTRIBUTES
                ):
                    auth.Configuration.report_mistake(
                        f"{type(holder).__name__} defines {name}, which is "
                        f"never used. Did you mean {meant}? If not, give it "
                        "a name that differs more."
                    )


def one_slip_apart(name: str, other: str) -> bool:
    """Tell whether one edit of one character makes a name of another.

    That is a character more, less or another one, or two neighbours swapped.
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
    """Return the public names that the application defines.

    Names that the package itself uses are left out. The second of a pair
    tells whether it is a name of a method.
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
    # of what the package sets on an instance, nothing can be called
    own.update({n: True for n, v in vars(holder).items() if callable(v)})
    for name, is_method in own.items():
        if not name.startswith("_") and name not in used:
            yield name, is_method


def _is_declared(holder: Any, name: str) -> bool:
    """Tell whether the application has something of a name."""
    of_class = getattr(type(holder), name, None)
    if vars(holder).get(name, of_class) != of_class:
        return True
    if isinstance(of_class, type):  # nested, which every class has
        return not _is_of_package(of_class)
    return any(
        name in vars(kind)
        for kind in type(holder).__mro__
        if not _is_of_package(kind)
    )


def _is_of_package(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == _PACKAGE


def check_authenticate(auth: Any, path: str, any_name: bool) -> None:
    """Refuse an `authenticate` that cannot be called with what is offered.

    Args:
        auth: The installation.
        path: Path of the log-in endpoint, whose parameters are offered too.
        any_name: See `check_parameters`.

    Raises:
        InvalidConfiguration: It cannot.
    """
    offered = (*OFFERED["authenticate"][0], *_ROUTE_PARAMETER.findall(path))
    _check("authenticate", auth.authenticate, offered, any_name)


def check_parameters(auth: Any, any_name: bool) -> None:
    """Refuse a hook or response that cannot be called with what is offered.

    Args:
        auth: The installation.
        any_name: Whether positional parameters may have names of their own,
            as in the legacy form.

    Raises:
        InvalidConfiguration: There is one.
    """
    for name, (offered, _) in OFFERED.items():
        if name != "authenticate" and is_written(auth, name):
            _check(name, getattr(auth, name), offered, any_name)
    for name, offered in OFFERED_TO_RESPONSES.items():
        if auth.has_written(name):
            method = getattr(auth.responses, name)
            _check(f"Responses.{name}", method, offered, any_name)


def _check(
    name: str,
    function: Callable[..., Any],
    offered: tuple[str, ...],
    any_name: bool,
) -> None:
    lacking = Hook(function, offered).lacking(any_name)
    if lacking is not None:
        raise InvalidConfiguration(
            f"{name}() requires the parameter {lacking}, which it is not "
            f"given. It may take: {', '.join(offered)}. Use one of these "
            "names, or give the parameter a default."
        )


def check_calls(
    claims: Iterable[Claim], verifications: Iterable[Verification]
) -> None:
    """Refuse claims and verifications that cannot be called as they will be.

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
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # it does not say what it takes
        return
    try:
        signature.bind(*values.split(", "))
    except TypeError as exc:
        raise InvalidConfiguration(
            f"{name}() is called with ({values}), which it does not take: "
            f"{exc}."
        ) from exc
