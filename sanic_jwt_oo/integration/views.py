"""The endpoints of an installation and their paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..endpoints import (
    AuthenticateEndpoint,
    BaseEndpoint,
    LogoutAllEndpoint,
    LogoutEndpoint,
    RefreshEndpoint,
    RetrieveUserEndpoint,
    SessionEndpoint,
    SessionsEndpoint,
    VerifyEndpoint,
)
from ..exceptions import InvalidClassViewsFormat
from ..installation import Installation, View


def make_views(installation: Installation) -> list[View]:
    """Return the endpoints that the settings and `class_views` enable.

    Raises:
        InvalidClassViewsFormat: An entry of `class_views` is not a pair of a
            path and a `BaseEndpoint`.
    """
    auth = installation.auth
    settings = installation.policies.base.settings
    target = auth.instance
    paths = [
        (view.__name__, settings._class_view_path(path, target), view)
        for path, view in _own_views(auth.class_views)
    ] + [
        (view.__name__, settings._endpoint_path(path, target), view)
        for path, view in _endpoints(installation)
    ]
    args, kwargs = auth.responses._arguments_of_views()
    views: list[View] = []
    for number, (name, path, view) in enumerate(paths):
        used = name in [earlier for earlier, _, _ in views]
        handler: Any = view.as_view(*args, **kwargs)
        handler.installation = installation
        views.append((f"{name}_{number}" if used else name, path, handler))
    return views


def _endpoints(
    installation: Installation,
) -> Iterator[tuple[str, type[BaseEndpoint]]]:
    settings = installation.policies.base.settings
    if not settings.auth_mode:
        return
    yield settings.path_to_authenticate, AuthenticateEndpoint
    yield settings.path_to_retrieve_user, RetrieveUserEndpoint
    yield settings.path_to_verify, VerifyEndpoint
    if settings.refresh_token_enabled:
        yield settings.path_to_refresh, RefreshEndpoint
    if installation.sessions is None:
        return
    yield settings.path_to_logout, LogoutEndpoint
    yield settings.path_to_logout_all, LogoutAllEndpoint
    if settings.session_endpoints_enabled:
        path = settings.path_to_sessions
        yield path, SessionsEndpoint
        yield f"{path}/<session_id:str>", SessionEndpoint


def _own_views(entries: Any) -> Iterator[tuple[str, type[BaseEndpoint]]]:
    for entry in entries:
        try:
            path, view = entry
            valid = path.startswith("/") and issubclass(view, BaseEndpoint)
        except (AttributeError, TypeError, ValueError) as exc:
            raise InvalidClassViewsFormat() from exc
        if not valid:
            raise InvalidClassViewsFormat()
        yield path, view
