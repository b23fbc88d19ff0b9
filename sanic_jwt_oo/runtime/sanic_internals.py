"""Every use of something in Sanic or sanic-ext that is not documented.

Each function says why it is needed. All were checked with Sanic 24.12 and
25.12, and sanic-ext 24.12 and 25.12; the tests of `make matrix` run on these.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable
from copy import copy
from typing import Any

from sanic import Blueprint, Request, Sanic
from sanic.base.root import BaseSanic
from sanic.exceptions import ServerError
from sanic.models.futures import FutureRoute

_FIRST_WORKER = "Sanic-Server-0-"


def current_request() -> Request | None:
    """Return the request that is being handled, or `None`.

    `Request.get_current` is documented, but its error where there is none is
    that of a fault in the server.
    """
    try:
        return Request.get_current()
    except ServerError:
        return None


def all_applications() -> Iterable[Sanic[Any, Any]]:
    """Return every application of this process.

    A handler may be open in one and guarded in another; Sanic returns an
    application only by its name.
    """
    return Sanic._app_registry.values()


def signal_names(app: Sanic[Any, Any]) -> Iterable[str]:
    """Return the names of signals that have listeners.

    `dispatch` looks for them only after the event was made.
    """
    return app.signal_router.name_index


def error_handlers(app: Sanic[Any, Any]) -> dict[Any, Any]:
    """Return the error handlers by class and route name.

    `ErrorHandler.add` replaces a handler of the application, and registers
    none for a route that exists already.
    """
    handlers: dict[Any, Any] = app.error_handler.cached_handlers
    return handlers


def is_first_of_several(app: Sanic[Any, Any]) -> bool:
    """Return whether this is the first of several worker processes of Sanic.

    No listener runs once per server with the number of workers at hand.
    """
    multiplexer = getattr(app, "multiplexer", None)  # only workers have one
    if multiplexer is None or not multiplexer.name.startswith(_FIRST_WORKER):
        return False
    states = [*multiplexer.workers.values()]
    return sum(bool(state.get("server")) for state in states) > 1


# --- blueprints -------------------------------------------------------------


def future_handlers(bp: Blueprint) -> set[Any]:
    """Return the handlers of the routes that a blueprint will register."""
    return {future.handler for future in bp._future_routes}


def add_future_route(
    bp: Blueprint, uri: str, handler: Any, **options: Any
) -> None:
    """Add a route to those that a blueprint will register.

    `Blueprint.route` would at once register what is added to a registered
    blueprint, and at the wrong place.
    """
    BaseSanic.route(bp, uri, apply=False, **options)(handler)


def registration_options(
    bp: Blueprint, app: Sanic[Any, Any]
) -> dict[str, Any]:
    """Return how a blueprint was registered, found out from its routes.

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

    Sanic calls `register`, and instances of Blueprint have no room for an
    attribute; so this one blueprint gets a class that differs in that method.

    Args:
        bp: The blueprint.
        act: Called with the blueprint, which may be a copy, the application,
            and the options of registration.
    """

    class Installed(type(bp)):  # type: ignore[misc]
        __slots__ = ()

        def register(
            self, app: Sanic[Any, Any], options: dict[str, Any]
        ) -> None:
            act(self, app, options)
            super().register(app, options)

    bp.__class__ = Installed


# --- sanic-ext --------------------------------------------------------------


def copy_description(
    function: Callable[..., Any], wrapper: Callable[..., Any]
) -> None:
    """Describe a wrapper as the function that it wraps is described.

    sanic-ext keeps what `@openapi.*` says under the function it decorates,
    and looks only at the function that a route calls. The wrapper gets a
    copy: `function` may be a route itself, and decorators above add to what
    is described below.

    Args:
        function: The function, which `@openapi.*` may have decorated.
        wrapper: The function that is used in its place.
    """
    builders = sys.modules.get("sanic_ext.extensions.openapi.builders")
    if builders is None or not isinstance(function, Hashable):
        return  # `@openapi.*` was not used
    descriptions = builders.OperationStore()
    if function in descriptions:
        description = copy(descriptions[function])
        for name, value in vars(description).items():
            if isinstance(value, dict | list):
                setattr(description, name, copy(value))
        descriptions[wrapper] = description
