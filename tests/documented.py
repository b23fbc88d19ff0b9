"""Checks that each response of an endpoint is in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from sanic import Sanic
from sanic.exceptions import MethodNotAllowed, NotFound

from sanic_jwt_oo import exceptions
from sanic_jwt_oo.integration.openapi.endpoints import EndpointDescriptions
from sanic_jwt_oo.integration.openapi.security import SecuritySchemes


def check_documented(
    app: Sanic, method: str, path: str, response: Any
) -> None:
    """Fail if a response of an endpoint is not documented.

    A 500, and an error that is not of the package, are the application's.
    """
    documented = _documented(app, method, path)
    if documented is None or response.status == 500 or _is_foreign(response):
        return
    assert {str(response.status), "default"} & documented, (
        f"{method} {path} has the status {response.status}, which is not "
        "documented."
    )


def _is_foreign(response: Any) -> bool:
    """Return whether a response is an error of the application."""
    if response.status < 400:
        return False
    try:
        return response.json["exception"] not in exceptions.__all__
    except (KeyError, TypeError, ValueError):
        return True


def _documented(app: Sanic, method: str, path: str) -> set[str] | None:
    """Return the documented statuses, if the path is that of an endpoint."""
    try:
        _, handler, _ = app.router.get(path.partition("?")[0], method, None)
    except (MethodNotAllowed, NotFound):
        return None
    installation = getattr(handler, "installation", None)
    if installation is None or installation.app is not app:
        return None

    def add_component(section: str, name: str, value: Any) -> str:
        return name

    schemes = SecuritySchemes(add_component)
    descriptions = EndpointDescriptions(installation, schemes, add_component)
    fields = descriptions.of(handler.view_class, method)
    return fields and {*fields["responses"]}
