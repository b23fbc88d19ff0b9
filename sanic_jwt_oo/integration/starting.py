"""What runs when a server starts, once for each application."""

from __future__ import annotations

from functools import partial
from typing import Any

from sanic import Sanic

from ..access.placement import check_routes
from ..runtime.sanic_ext_internals import AFTER_THE_DOCUMENT
from ..sockets import end_watches, guard_handshakes, restore_handlers
from .errors import respond_to_errors
from .injection import Injection
from .openapi import describe_on_start


def prepare_on_start(app: Sanic[Any, Any]) -> None:
    """Register error handlers, checks, sockets, and what sanic-ext needs."""
    injection = Injection(app)
    for listener in (
        respond_to_errors,
        check_routes,
        injection.start,
        restore_handlers,
    ):
        app.register_listener(listener, "before_server_start")
    app.register_listener(end_watches, "after_server_stop")
    describe_on_start(app, injection)
    app.register_listener(
        partial(guard_handshakes, injection.needs),
        "before_server_start",
        priority=AFTER_THE_DOCUMENT,
    )
