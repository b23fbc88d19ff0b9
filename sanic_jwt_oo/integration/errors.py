"""Responds to errors: which installation does, or the application.

An error of this package gets the response of the installation that the
endpoint belongs to. On other routes that is the installation which last
checked the request. An error of Sanic gets a response of this package on the
package's own endpoints only (H10); errors of the router, which are raised
before an endpoint is reached, are among them. A handler that the application
has registered for an error is never replaced.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import MethodNotAllowed, SanicException

from ..access import in_charge, state_of
from ..exceptions import SanicJWTException
from ..hooks import resolve
from ..installation import Installation
from ..runtime.logs import attach, log_refusal
from ..runtime.sanic_internals import (
    error_handlers,
    handler_at,
    look_up_subclasses,
    routes_of,
)
from ..runtime.websocket_internals import respond_before_handshake

MARK = "sanic_jwt_oo_responds_to_errors"
"""The attribute of `app.ctx` that says that the handlers are registered."""


def respond_to_errors(app: Sanic[Any, Any], *_: Any) -> None:
    """Register the error handlers; the second call does nothing.

    This is called when the server starts, so that the application can register
    handlers of its own after an installation. For servers that run no
    listeners it is called before the first refusal.
    """
    attach()
    if getattr(app.ctx, MARK, None):
        return
    setattr(app.ctx, MARK, True)
    handlers = error_handlers(app)
    own = [
        route.name
        for route in routes_of(app)
        if _installation(route.handler) is not None
        and not any((k, route.name) in handlers for k in SanicException.mro())
    ]
    if (MethodNotAllowed, None) not in handlers:
        before = app.error_handler.lookup(MethodNotAllowed("", "", [""]))
        handlers[MethodNotAllowed, None] = _for_the_router(before)
    for error, handler, names in (
        (SanicJWTException, _respond_to_ours, [None]),
        (SanicException, _respond_to_sanics, own),
    ):
        for name in names:
            handlers.setdefault((error, name), handler)
    every = {route.name for route in routes_of(app)}
    look_up_subclasses(app, SanicJWTException, [*every, None])


def _installation(handler: Any) -> Installation | None:
    """Return the installation that an endpoint belongs to."""
    return getattr(handler, "installation", None)


async def _respond_to_ours(
    request: Request, exception: SanicException
) -> HTTPResponse:
    """Return the response of the endpoint's installation, or the last one."""
    installation = (
        (request.route and _installation(request.route.handler))
        or in_charge(request)
        or request.app.ctx.sanic_jwt_oo[0]
    )
    log_refusal(request, exception)
    if request.app.asgi:
        respond_before_handshake(request)
    response: HTTPResponse
    response = await installation.exception_response(request, exception)
    return response


async def _respond_to_sanics(
    request: Request, exception: SanicException
) -> HTTPResponse:
    """Return the response to an error of Sanic on an endpoint."""
    handler = request.app.error_handler.lookup(exception, None)
    if handler is not None:
        response: HTTPResponse = await resolve(handler(request, exception))
        return response
    if exception.status_code >= 500:
        return request.app.error_handler.default(request, exception)
    return await _respond_to_ours(request, exception)


def _for_the_router(
    before: Callable[..., Any] | None,
) -> Callable[..., Awaitable[HTTPResponse]]:
    """Return a handler for requests whose method no route accepts."""

    async def respond(
        request: Request, exception: MethodNotAllowed
    ) -> HTTPResponse:
        installation = _installation(handler_at(request))
        if installation is not None:
            state_of(request, installation, in_charge=True)
            return await _respond_to_ours(request, exception)
        otherwise = before or request.app.error_handler.default
        response: HTTPResponse = await resolve(otherwise(request, exception))
        return response

    return respond
