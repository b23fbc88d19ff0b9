"""Adds endpoints to an application, a blueprint or a group.

On an application or a group, the endpoints get a blueprint of their own. On a
blueprint, they become routes of that blueprint. Which routes there are depends
on the application's config, so those of a blueprint are made when it is
registered, before or after `.install()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any, TypeAlias, cast

from sanic import Blueprint, Request, Sanic
from sanic.blueprints import BlueprintGroup
from sanic.constants import HTTP_METHODS

from ..access import Policies
from ..endpoints import BaseEndpoint
from ..exceptions import InitializationFailure
from ..installation import Installation
from ..locations import came_in_query
from ..login import NO_STORE
from ..runtime.logs import warn_at_install
from ..runtime.sanic_internals import (
    add_future_route,
    future_handlers,
    on_registration,
    registration_options,
    routes_of,
    view_class_of,
)

Target: TypeAlias = Sanic[Any, Any] | Blueprint | BlueprintGroup
Bind: TypeAlias = Callable[..., None]
"""Settles an installation for an application; see `Installer.bind`."""


def mount(
    installation: Installation, bind: Bind, target: Target, app: Any = None
) -> None:
    """Add the endpoints of an installation to a target.

    Args:
        installation: The installation.
        bind: Settles it for an application.
        target: An application, a blueprint or a blueprint group.
        app: The application that `target` will be registered on. If it is
            given, its config is read at once.

    Raises:
        InitializationFailure: `target` is something else.
    """
    if isinstance(target, Sanic):
        bind(target, "")
        settings = installation.policies.base.settings
        own = Blueprint(_free_name(target, settings.blueprint_name))
        _add_routes(installation, own, target, "")
        target.blueprint(own)
    elif isinstance(target, Blueprint):
        _mount_on_blueprint(installation, bind, target, app)
    elif isinstance(target, BlueprintGroup):
        _mount_on_group(installation, bind, target, app)
    else:
        raise InitializationFailure()


def _mount_on_blueprint(
    installation: Installation, bind: Bind, bp: Blueprint, app: Any
) -> None:
    def add(
        added: Blueprint, to: Sanic[Any, Any], options: dict[str, Any]
    ) -> None:
        bind(to, _whole_prefix(added, options))
        _add_routes(installation, added, to, _prefix(added, options))

    if bp.registered:
        for registered_on in tuple(bp.apps):
            options = registration_options(bp, registered_on)
            add(bp, registered_on, options)
            bp.register(registered_on, options)  # type: ignore[no-untyped-call]
    elif app is not None:
        bind(app)
        _add_routes(installation, bp, app, _prefix(bp, {}))
    else:
        on_registration(bp, add)


def _mount_on_group(
    installation: Installation, bind: Bind, group: BlueprintGroup, app: Any
) -> None:
    place = re.sub(r"\W+", "_", f"{group.url_prefix or ''}_{group.version}")
    own = Blueprint(f"{installation.auth.Configuration.blueprint_name}{place}")
    _mount_on_blueprint(installation, bind, own, app)
    apps = {a for bp in group.blueprints if bp.registered for a in bp.apps}
    group.append(own)
    for registered_on in apps:
        alone = Blueprint.group(
            own,
            url_prefix=cast("str | None", group.url_prefix),
            version=group.version,
            strict_slashes=group.strict_slashes,
            version_prefix=group.version_prefix,
        )
        registered_on.blueprint(alone)


def _add_routes(
    installation: Installation,
    bp: Blueprint,
    app: Sanic[Any, Any],
    prefix: str,
) -> None:
    """Add the endpoints to the routes that a blueprint will register."""
    settings = installation.policies.base.settings
    known = future_handlers(bp)
    taken = {route.path.strip("/") for route in routes_of(app)}
    place = ""
    for name, path, view in installation.views:
        if view in known:
            continue
        if (prefix + path).strip("/") in taken and not (place or bp.version):
            place = f"/{bp.name}"
            warn_at_install(
                "%s is already a route, so the endpoints of this "
                "%s are under %s. Set its url_prefix to choose another path.",
                prefix + path,
                type(installation.auth).__name__,
                prefix + place + settings.url_prefix,
            )
        add_future_route(
            bp,
            place + path,
            view,
            methods=_methods(view_class_of(view)),
            name=name,
            strict_slashes=settings.strict_slashes or None,
        )


def _methods(view_class: type[BaseEndpoint]) -> frozenset[str]:
    methods = {str(m) for m in HTTP_METHODS if hasattr(view_class, m.lower())}
    if "GET" in methods:
        methods.add("HEAD")
    return frozenset(methods)


def _free_name(app: Sanic[Any, Any], name: str) -> str:
    """Return `name`, with a number if a blueprint has that name."""
    numbered = (f"{name}_{number}" for number in count(2))
    while name in app.blueprints:
        name = next(numbered)
    return name


def _prefix(bp: Blueprint, options: dict[str, Any]) -> str:
    return options.get("url_prefix", bp.url_prefix) or ""


def _whole_prefix(bp: Blueprint, options: dict[str, Any]) -> str:
    """Return the prefix of a blueprint's paths, with its version."""
    version = options.get("version_prefix") or bp.version_prefix
    return f"{version}{_prefix(bp, options)}"


def no_store_for_query(app: Sanic[Any, Any], policies: Policies) -> None:
    """Forbid caching of responses to requests with query tokens (H6)."""

    async def forbid_storing(request: Request, response: Any) -> None:
        if came_in_query(request, policies.in_force(request).settings):
            response.headers.update(NO_STORE)

    app.register_middleware(forbid_storing, "response")
