"""Checks that each decorator is above a handler and guards its route.

A decorator above `@app.get()` wraps a function that no route calls, so the
route is open. Each decorator marks the function that it wraps, and the marks
are compared with the routes when a server starts (X3).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sanic import Request, Sanic
from sanic.constants import HTTP_METHODS
from sanic_routing.route import Route

from ..exceptions import InitializationFailure
from ..runtime.sanic_internals import (
    all_applications,
    routes_of,
    unwrap_websocket,
    view_class_of,
)

_MARK = "_sanic_jwt_oo_{}"
_DECORATOR, _GUARD, _GUARDED, _RULES, _SETTINGS = map(
    _MARK.format, ("name", "guard", "guarded", "rules", "settings")
)


class _Guard(NamedTuple):
    """A decorator that was applied to a function.

    Attributes:
        name: Name of the decorator.
        initialized_on: Its `JWTAuth` object, or what that was installed on.
    """

    name: str
    initialized_on: Any


def placed(
    decorator: Callable[..., Any],
    name: str,
    initialized_on: Any,
    rules: Any,
    argument: str | None = None,
) -> Any:
    """Return a decorator that checks and marks the function it is applied to.

    Args:
        decorator: Wraps a handler.
        name: The public name of the decorator.
        initialized_on: Its `JWTAuth` object, or what that was installed on.
        rules: What it does; see `rules_of`.
        argument: The argument that it passes to the handler.

    Raises:
        InitializationFailure: The decorator is not applied to a handler, or
            `initialized_on` is a function.
    """
    if callable(initialized_on) and not (
        hasattr(initialized_on, "ctx") or _is_installation(initialized_on)
    ):
        raise without_parentheses(name)

    def apply(function: Any) -> Any:
        _check_handler(function, name)
        if argument is not None:
            _check_argument(function, name, argument)
        guarded = decorator(function)
        guard = _Guard(name, initialized_on)
        _set_mark(guarded, _GUARD, guard)
        _set_mark(guarded, _RULES, rules)
        known = _mark(function, _GUARDED) or []
        if guard not in known:
            _set_mark(function, _GUARDED, [*known, guard])
        return guarded

    _set_mark(apply, _DECORATOR, name)
    return apply


def without_parentheses(name: str) -> InitializationFailure:
    """Return the error for a decorator without parentheses."""
    example = '"orders:read"' if name == "scoped" else ""
    return InitializationFailure(
        f"@{name} is written without parentheses. Write @{name}({example})."
    )


def rules_of(handler: Any) -> Iterator[Any]:
    """Yield what the decorators of a handler do, the outermost first."""
    for function in _layers(handler):
        rules = _mark(function, _RULES)
        if rules is not None:
            yield rules


def mark_settings(
    function: Any, rules: Any, override: Callable[[Any], Any]
) -> None:
    """Keep what puts the settings of a decorator in force; see below."""
    _set_mark(function, _SETTINGS, (rules, override))


def settings_of(handler: Any) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
    """Yield the rules of decorators with settings, and a context manager.

    It takes an installation, and has the settings in force in its block. The
    outermost decorator comes first.
    """
    for function in _layers(handler):
        settings = _mark(function, _SETTINGS)
        if settings is not None:
            yield settings


def _check_handler(function: Any, name: str) -> None:
    if isinstance(function, Request):
        raise without_parentheses(name)
    if isinstance(function, type):
        raise InitializationFailure(
            f"@{name} is applied to the class {function.__name__} and would "
            "not guard its routes. Apply it to the methods of the class, or "
            f"write in the class: decorators = [auth.{name}(...)]."
        )
    if not callable(function):
        raise InitializationFailure(
            f"@{name} is applied to {function!r}, which is not a handler. "
            "Write it below the decorator that makes the route."
        )


def _check_argument(function: Any, name: str, argument: str) -> None:
    """Refuse a handler that does not accept an argument."""
    while _mark(function, _GUARD) is not None:
        function = function.__wrapped__
    try:
        signature = inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):  # it has no signature
        return
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD or (
            parameter.name == argument
            and parameter.kind is not parameter.POSITIONAL_ONLY
        ):
            return
    raise InitializationFailure(
        f"@{name} passes {argument}=... to the handler {_name_of(function)}, "
        f"which has no such parameter. Add {argument} to its parameters."
    )


# --- when a server starts ---------------------------------------------------


def check_routes(app: Sanic[Any, Any], *_: Any) -> None:
    """Refuse to start with a route that a misplaced decorator leaves open.

    If another route guards the same handler, in any application of this
    process, the route may be open on purpose.

    Raises:
        InitializationFailure: A route is open, or its guard cannot work.
    """
    for route, functions in _served(app):
        _check_layers(route, functions)
        outermost = functions[0]
        for guard in _mark(outermost, _GUARDED) or ():
            if _is_of(app, guard) and not _is_behind_a_guard(outermost):
                raise InitializationFailure(
                    f"{_path_of(route)} is open: @{guard.name} wraps its "
                    f"handler {_name_of(outermost)}, but the route calls the "
                    f"handler itself. Write @{guard.name}(...) below the "
                    "decorator that makes the route, directly above the "
                    "function."
                )


def _check_layers(route: Route, functions: list[Any]) -> None:
    for function in functions:
        name = _mark(function, _DECORATOR)
        if name is not None:
            error = without_parentheses(name)
            raise InitializationFailure(f"{_path_of(route)}: {error}")
        guard = _mark(function, _GUARD)
        auth = guard and guard.initialized_on
        if _is_installation(auth) and auth._sanic_jwt_oo.app is None:
            raise InitializationFailure(
                f"{_path_of(route)} is guarded by an instance of "
                f"{type(auth).__name__} that is not installed. Call its "
                ".install(app). If it is installed on a blueprint, register "
                "that blueprint."
            )


def _is_of(app: Sanic[Any, Any], guard: _Guard) -> bool:
    """Return whether a decorator belongs to an application.

    A handler may be open in one application and guarded in another.
    """
    auth = guard.initialized_on
    return not _is_installation(auth) or any(
        auth is installed.auth for installed in app.ctx.sanic_jwt_oo
    )


def _is_behind_a_guard(function: Any) -> bool:
    """Return whether any application of this process guards a function."""
    for app in all_applications():
        for _, functions in _served(app):
            guarded = False
            for layer in functions:
                if guarded and _core(layer) is _core(function):
                    return True
                guarded = guarded or _mark(layer, _GUARD) is not None
    return False


def _served(app: Sanic[Any, Any]) -> Iterator[tuple[Route, list[Any]]]:
    """Yield the handlers of an application, with the functions they wrap."""
    for route in routes_of(app):
        for handler in _handlers(route):
            yield route, [*_layers(handler)]


def _handlers(route: Route) -> Iterator[Any]:
    """Yield the handler of a route, and the methods of its view."""
    yield route.handler
    view_class = view_class_of(route.handler)
    for method in HTTP_METHODS if view_class else ():
        function = getattr(view_class, str(method).lower(), None)
        if function is not None:
            yield function


def _layers(handler: Any) -> Iterator[Any]:
    """Yield a handler and the functions it wraps, the outermost first."""
    while handler is not None:
        handler = unwrap_websocket(handler)
        yield handler
        handler = getattr(handler, "__wrapped__", None)


def _is_installation(thing: Any) -> bool:
    return getattr(thing, "_sanic_jwt_oo", None) is not None


def _core(function: Any) -> Any:
    """Return the object with the attributes of a function or method."""
    return getattr(function, "__func__", function)


def _set_mark(function: Any, name: str, value: Any) -> None:
    """Set a mark that names its owner: `functools.wraps` copies attributes."""
    core = _core(function)
    try:
        setattr(core, name, (core, value))
    except (AttributeError, TypeError):  # it accepts no attributes
        return


def _mark(function: Any, name: str) -> Any:
    core = _core(function)
    mark = getattr(core, name, None)
    # an object may have an attribute for every name
    if isinstance(mark, tuple) and mark[0] is core:
        return mark[1]
    return None


def _name_of(function: Any) -> str:
    return getattr(function, "__qualname__", repr(function))


def _path_of(route: Route) -> str:
    methods = " ".join(sorted(route.methods or ["WebSocket"]))
    return f"The route {methods} /{route.path}"
