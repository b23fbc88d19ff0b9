"""Where decorators stand: what each is put on, and that it guards a route.

A decorator above `@app.get()` wraps a function that no route calls, and the
route is open. So each decorator leaves a mark on what it wraps, and the marks
are compared with the routes when a server starts (requirement X3).
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
_DECORATOR, _GUARD, _GUARDED = map(_MARK.format, ("name", "guard", "guarded"))


class _Guard(NamedTuple):
    """A decorator that was put on something.

    Attributes:
        name: Name of the decorator.
        initialized_on: Its installation, or what that was made on.
    """

    name: str
    initialized_on: Any


def placed(
    decorator: Callable[..., Any],
    name: str,
    initialized_on: Any,
    argument: str | None = None,
) -> Any:
    """Return a decorator that looks at what it is put on, and marks it.

    Args:
        decorator: What wraps a handler.
        name: The name that the application knows it by.
        initialized_on: Its installation, or what that was made on.
        argument: The argument that it hands to a handler.

    Raises:
        InitializationFailure: The decorator is called with something that is
            not a handler, or the installation is not one.
    """
    if callable(initialized_on) and not (
        hasattr(initialized_on, "ctx") or _is_installation(initialized_on)
    ):
        raise without_parentheses(name)

    def put_on(function: Any) -> Any:
        _check_handler(function, name)
        if argument is not None:
            _check_argument(function, name, argument)
        guarded = decorator(function)
        guard = _Guard(name, initialized_on)
        _set_mark(guarded, _GUARD, guard)
        known = _mark(function, _GUARDED) or []
        if guard not in known:
            _set_mark(function, _GUARDED, [*known, guard])
        return guarded

    _set_mark(put_on, _DECORATOR, name)
    return put_on


def without_parentheses(name: str) -> InitializationFailure:
    """Return the error about a decorator that was not called."""
    example = '"orders:read"' if name == "scoped" else ""
    return InitializationFailure(
        f"@{name} was written without parentheses; write @{name}({example})."
    )


def _check_handler(function: Any, name: str) -> None:
    if isinstance(function, Request):
        raise without_parentheses(name)
    if isinstance(function, type):
        raise InitializationFailure(
            f"@{name} stands above the class {function.__name__}, whose "
            "routes it would not guard. Write it above the methods of the "
            f"class, or in the class: decorators = [auth.{name}(...)]."
        )
    if not callable(function):
        raise InitializationFailure(
            f"@{name} was put on {function!r}, which is not a handler. Write "
            "it below the decorator that makes the route."
        )


def _check_argument(function: Any, name: str, argument: str) -> None:
    """Refuse a handler that has no place for an argument."""
    while _mark(function, _GUARD) is not None:
        function = function.__wrapped__
    try:
        signature = inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):  # it does not say what it takes
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

    A handler that is also served behind a guard, here or by another
    application of this process, may be open on purpose.

    Raises:
        InitializationFailure: A route is open, or cannot work.
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
                ".install(app); one that was installed on a blueprint needs "
                "that blueprint registered."
            )


def _is_of(app: Sanic[Any, Any], guard: _Guard) -> bool:
    """Tell whether a decorator belongs to an application.

    A handler may be open in one application and guarded in another.
    """
    auth = guard.initialized_on
    return not _is_installation(auth) or any(
        auth is installed.auth for installed in app.ctx.sanic_jwt_oo
    )


def _is_behind_a_guard(function: Any) -> bool:
    """Tell whether any application of this process guards a function."""
    for app in all_applications():
        for _, functions in _served(app):
            guarded = False
            for layer in functions:
                if guarded and _core(layer) is _core(function):
                    return True
                guarded = guarded or _mark(layer, _GUARD) is not None
    return False


def _served(app: Sanic[Any, Any]) -> Iterator[tuple[Route, list[Any]]]:
    """Return each handler of an application, with what it wraps."""
    for route in routes_of(app):
        for handler in _handlers(route):
            yield route, [*_layers(handler)]


def _handlers(route: Route) -> Iterator[Any]:
    """Return the handler of a route, and the methods of its view."""
    yield route.handler
    view_class = view_class_of(route.handler)
    for method in HTTP_METHODS if view_class else ():
        function = getattr(view_class, str(method).lower(), None)
        if function is not None:
            yield function


def _layers(handler: Any) -> Iterator[Any]:
    """Return a handler and what it wraps, the outermost first."""
    while handler is not None:
        handler = unwrap_websocket(handler)
        yield handler
        handler = getattr(handler, "__wrapped__", None)


def _is_installation(thing: Any) -> bool:
    return getattr(thing, "_sanic_jwt_oo", None) is not None


def _core(function: Any) -> Any:
    """Return what keeps the attributes of a function or bound method."""
    return getattr(function, "__func__", function)


def _set_mark(function: Any, name: str, value: Any) -> None:
    """Set a mark, with what it is on: `functools.wraps` copies attributes."""
    core = _core(function)
    try:
        setattr(core, name, (core, value))
    except (AttributeError, TypeError):  # it has no attributes
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
