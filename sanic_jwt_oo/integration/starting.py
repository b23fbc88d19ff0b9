"""What runs when a server starts, once for each application."""

from __future__ import annotations

from typing import Any

from sanic import Sanic

from ..access.placement import check_routes
from .errors import respond_to_errors
from .injection import Injection
from .openapi import describe_on_start


def prepare_on_start(app: Sanic[Any, Any]) -> None:
    """Register error handlers, checks, and what sanic-ext needs."""
    injection = Injection(app)
    for listener in (respond_to_errors, check_routes, injection.start):
        app.register_listener(listener, "before_server_start")
    describe_on_start(app, injection)
