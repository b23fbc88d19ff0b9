"""Every use of something in Sanic that is not documented.

Each function says why it is needed. All were checked with Sanic 24.12 and
25.12; the tests of `make matrix` run on these.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from functools import partial
from traceback import walk_stack
from typing import Any

from sanic import Blueprint, Request, Sanic
from sanic.base.root import BaseSanic
from sanic.exceptions import MethodNotAllowed, NotFound, ServerError
from sanic.models.futures import FutureRoute
from sanic_routing.route import Route

_FIRST_WORKER = "Sanic-Server-0-"


def current_request() -> Request | None:
    """Return the request that is being handled, or `None`.

    `Request.get_current` is documented. If there is no request it raises a
    `ServerError`, which is not.
    """
    try:
        return Request.get_current()
    except ServerError:
        return None


def all_applications() -> Iterable[Sanic[Any, Any]]:
    """Return every application of this process.

    A handler may be open in one and guarded in another. Sanic's public method
    returns an application by its name.
    """
    return Sanic._app_registry.values()


def signal_names(app: Sanic[Any, Any]) -> Iterable[str]:
    """Return the names of signals that have listeners.

    `dispatch` looks for listeners only after the event was created.
    """
    return app.signal_router.name_index


def is_first_of_several(app: Sanic[Any, Any]) -> bool:
    """Return whether this is the first of several worker processes of Sanic.

    No listener runs once per server and knows the number of workers.
    """
    multiplexer = getattr(app, "multiplexer", None)  # only workers have one
    if multiplexer is None or not multiplexer.name.startswith(_FIRST_WORKER):
        return False
    states = [*multiplexer.workers.values()]
    return sum(bool(state.get("server")) for state in states) > 1


def repeats_main_process() -> bool:
    """Return whether a worker process is importing the application again.

    multiprocessing runs the main module again under another name, and
    Sanic's workers import the application before their event loop runs.
    Nothing else tells a worker that has not started yet.
    """
    names = (f.f_globals.get("__name__") for f, _ in walk_stack(None))
    if "__mp_main__" in names:
        return True
    if "SANIC_WORKER_NAME" not in os.environ:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


# --- requests ---------------------------------------------------------------


def set_empty_json(request: Request) -> None:
    """Let `request.json` be an empty object.

    Without a body Sanic returns `None`, or raises, depending on the parser.
    """
    request.parsed_json = {}  # type: ignore[assignment]


def all_cookie_values(request: Request) -> Iterable[list[str]]:
    """Return the values of all cookies, by name.

    `request.cookies` is a dictionary of lists whose own methods return the
    first value of a name only.
    """
    return dict.values(request.cookies)


def cookie_values(request: Request, name: str) -> list[str]:
    """Return the values, unless empty, of cookies with exactly this name.

    The look-up of `request.cookies` falls back from a name to its prefixed
    forms, and its parser strips white space from names that browsers keep.
    """
    value = plain_cookie(request, name)
    if value is not None:
        return [value]
    values: list[str] = dict.get(request.cookies, name, [])
    if values:
        received = _received_cookie_header(request)
        values = _exactly_named(name, received, values)
    return [value for value in values if value]


def plain_cookie(request: Request, name: str) -> str | None:
    """Return the value of a cookie in the form that browsers send.

    The name occurs once, behind `; ` or at the beginning, and the value is not
    one that Sanic's parser changes. Then the other cookies need not be parsed,
    which would be a quarter of what a check of a cached token costs.

    Returns:
        `None` if any of this is not certain.
    """
    headers = request.headers.getall("cookie", ())
    if len(headers) != 1:
        return None
    before, found, rest = headers[0].partition(f"{name}=")
    if not found or name in rest or name in before:
        return None
    if before:
        if not before.endswith("; "):
            return None
    elif request.head:  # was anything in front of the name?
        at = request.head.find(b"ookie: " + name.encode() + b"=")
        # at the beginning of a line, and not in another header
        if at < 3 or request.head[at - 3 : at - 1] != b"\r\n":
            return None
    value: str = rest.partition(";")[0]
    if not value or value[0] == '"' or value != value.strip():
        return None
    return value


def _received_cookie_header(request: Request) -> str:
    """Return the first `Cookie` header with the white space around it.

    Sanic's own server strips the value of a header. ASGI servers, and Sanic
    behind them, strip at most spaces and tabs; `head` is empty there.
    """
    if not request.head:
        return request.headers.getone("cookie", "")
    for line in request.head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"cookie":
            return value.decode(errors="surrogateescape")
    return ""


def _exactly_named(name: str, header: str, values: list[str]) -> list[str]:
    """Drop the values of cookies whose names Sanic has changed (C10).

    Sanic strips from a name everything that Python considers white space. A
    browser does not: it sees no `__Host-` prefix behind it, and lets other
    hosts set such a cookie.
    """
    pairs = [pair.partition("=") for pair in header.split(";")]
    names = [found for found, equals, _ in pairs if equals]
    matching = [found for found in names if found.strip() == name]
    if len(matching) != len(values):  # they are not from this header
        return []
    return [
        value
        for value, found in zip(values, matching, strict=True)
        if found.strip(" \t") == name
    ]


# --- routes -----------------------------------------------------------------


def routes_of(app: Sanic[Any, Any]) -> Iterable[Route]:
    """Return the routes of an application.

    Sanic documents no list of them.
    """
    routes: Iterable[Route] = app.router.routes
    return routes


def handler_at(request: Request) -> Any:
    """Return the handler of any method at the path of a request, or `None`.

    The router keeps nothing of a request whose method it refuses.
    """
    host = request.headers.get("host")
    try:
        _, handler, _ = request.app.router.get(request.path, "OPTIONS", host)
    except (MethodNotAllowed, NotFound):
        return None
    return handler


def is_finalized(app: Sanic[Any, Any]) -> bool:
    """Return whether an application takes no more routes: it starts."""
    return bool(app.router.finalized)


def methods_at(request: Request) -> list[str]:
    """Return the methods of the path of a request that has a route."""
    found = request.route
    return sorted(
        {
            str(method)
            for route in routes_of(request.app)
            if found is not None
            and route.path == found.path
            and route.requirements == found.requirements
            for method in route.methods
        }
    )


def view_class_of(handler: Any) -> Any:
    """Return the class of a view, `None` for any other handler.

    `as_view` sets it, and nothing else leads from a route to the class.
    """
    return getattr(handler, "view_class", None)


def is_websocket(handler: Any) -> bool:
    """Return whether the handler of a route is that of a WebSocket.

    Sanic marks the partial that it routes.
    """
    return hasattr(handler, "is_websocket")


def unwrap_websocket(handler: Any) -> Any:
    """Return the handler of a WebSocket's route; any other as it is.

    Sanic routes a partial of its own method, with the handler in front.
    """
    if not isinstance(handler, partial):
        return handler
    first = handler.args[0] if handler.args else None
    return first if callable(first) else handler.func


# --- error handlers ---------------------------------------------------------


def error_handlers(app: Sanic[Any, Any]) -> dict[Any, Any]:
    """Return the error handlers by class and route name.

    `ErrorHandler.add` would replace a handler of the application, and cannot
    register one for an existing route.
    """
    handlers: dict[Any, Any] = app.error_handler.cached_handlers
    return handlers


def look_up_subclasses(
    app: Sanic[Any, Any], error: type[Exception], names: Iterable[str | None]
) -> None:
    """Look up the handlers of an error class and of all its subclasses.

    Sanic caches each look-up, also one that finds nothing, and uses it for
    the subclasses of the class that was looked up. So ours have to be looked
    up before any other.

    Args:
        app: The application.
        error: The class.
        names: Names of routes; `None`, for no route, comes last.
    """
    for kind in _family(error):
        for name in names:
            app.error_handler.lookup(kind.__new__(kind), name)


def _family(error: type[Exception]) -> set[type[Exception]]:
    """Return a class with all its subclasses."""
    return {error}.union(*map(_family, error.__subclasses__()))


# --- blueprints -------------------------------------------------------------


def future_handlers(bp: Blueprint) -> set[Any]:
    """Return the handlers of the routes that a blueprint will register."""
    return {future.handler for future in bp._future_routes}


def add_future_route(
    bp: Blueprint, uri: str, handler: Any, **options: Any
) -> None:
    """Add a route to those that a blueprint will register.

    On a registered blueprint, `Blueprint.route` would register it at once,
    under the wrong path.
    """
    BaseSanic.route(bp, uri, apply=False, **options)(handler)


def registration_options(
    bp: Blueprint, app: Sanic[Any, Any]
) -> dict[str, Any]:
    """Return the options of a registration, derived from the routes.

    Sanic does not keep the options of `app.blueprint(...)`.
    """
    for registered, future in app._future_registry:
        if registered is not bp or not isinstance(future, FutureRoute):
            continue
        for own in bp._future_routes:
            if own.handler is future.handler and future.uri.endswith(own.uri):
                return {
                    "url_prefix": future.uri[: -len(own.uri)] or None,
                    "version": future.version,
                    "version_prefix": future.version_prefix,
                    "strict_slashes": future.strict_slashes,
                }
    return {}


def on_registration(
    bp: Blueprint,
    act: Callable[[Blueprint, Sanic[Any, Any], dict[str, Any]], None],
) -> None:
    """Call a function before a blueprint is registered.

    Sanic calls `register`, and a `Blueprint` accepts no attributes. So this
    one blueprint gets a class that overrides the method.

    Args:
        bp: The blueprint.
        act: Called with the blueprint, which may be a copy, the application
            and the options of the registration.
    """

    class Installed(type(bp)):  # type: ignore[misc]
        __slots__ = ()

        def register(
            self, app: Sanic[Any, Any], options: dict[str, Any]
        ) -> None:
            act(self, app, options)
            super().register(app, options)

    bp.__class__ = Installed
