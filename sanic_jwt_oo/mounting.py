"""Put an installation's endpoints on an application, blueprint or group.

On an application, or a group, the endpoints get a blueprint of their own; a
blueprint takes them among its own routes. Which routes there are depends on
the application's config, so a blueprint's are made when it is registered,
whether that is before or after `.install()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sanic import Blueprint, Request, Sanic
from sanic.base.root import BaseSanic
from sanic.blueprints import BlueprintGroup
from sanic.constants import HTTP_METHODS
from sanic.models.futures import FutureRoute

from .endpoints import BaseEndpoint
from .exceptions import InitializationFailure
from .locations import came_in_query
from .logs import warn_at_install
from .responses import NO_STORE

if TYPE_CHECKING:
    from .installation import Installation

Target: TypeAlias = Sanic[Any, Any] | Blueprint | BlueprintGroup
Views: TypeAlias = Iterable[tuple[str, str, Callable[..., Any]]]


def mount(auth: Installation[Any], target: Target, app: Any = None) -> None:
    """Put the endpoints of `auth` on `target`.

    Args:
        auth: The installation.
        target: An application, a blueprint or a blueprint group.
        app: The application that `target` will be registered on, if its
            settings are to be read at once.

    Raises:
        InitializationFailure: `target` is something else.
    """
    if isinstance(target, Sanic):
        auth.bind(target, "")
        own = Blueprint(_free_name(target, auth.codec.settings.blueprint_name))
        _add_routes(auth, own, target, "")
        target.blueprint(own)
    elif isinstance(target, Blueprint):
        _mount_on_blueprint(auth, target, app)
    elif isinstance(target, BlueprintGroup):
        _mount_on_group(auth, target, app)
    else:
        raise InitializationFailure()


def _mount_on_blueprint(
    auth: Installation[Any], bp: Blueprint, app: Any
) -> None:
    if bp.registered:
        for registered_on in tuple(bp.apps):
            options = _registration_options(bp, registered_on)
            auth.bind(registered_on, _whole_prefix(bp, options))
            _add_routes(auth, bp, registered_on, _prefix(bp, options))
            bp.register(registered_on, options)  # type: ignore[no-untyped-call]
    elif app is not None:
        auth.bind(app)
        _add_routes(auth, bp, app, _prefix(bp, {}))
    else:
        _mount_when_registered(auth, bp)


def _mount_on_group(
    auth: Installation[Any], group: BlueprintGroup, app: Any
) -> None:
    place = re.sub(r"\W+", "_", f"{group.url_prefix or ''}_{group.version}")
    own = Blueprint(f"{auth.Configuration.blueprint_name}{place}")
    _mount_on_blueprint(auth, own, app)
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


def _mount_when_registered(auth: Installation[Any], bp: Blueprint) -> None:
    """Have the routes made at the moment the blueprint is registered.

    Sanic tells a blueprint of its application by calling `register`, and
    instances of Blueprint have no room for an attribute; so this one
    blueprint gets a class that differs in that method alone.
    """

    class Installed(type(bp)):  # type: ignore[misc]
        __slots__ = ()

        def register(
            self, app: Sanic[Any, Any], options: dict[str, Any]
        ) -> None:
            auth.bind(app, _whole_prefix(self, options))
            _add_routes(auth, self, app, _prefix(self, options))
            super().register(app, options)

    bp.__class__ = Installed


def _add_routes(
    auth: Installation[Any], bp: Blueprint, app: Sanic[Any, Any], prefix: str
) -> None:
    """Add the routes to those that a blueprint will register."""
    known: set[Any] = {future.handler for future in bp._future_routes}
    taken = {route.path.strip("/") for route in app.router.routes}
    place = ""
    for name, path, view in auth.views():
        if view in known:
            continue
        if (prefix + path).strip("/") in taken and not (place or bp.version):
            place = f"/{bp.name}"
            warn_at_install(
                "There is a route at %s already, so the endpoints of this "
                "%s are under %s. Set its url_prefix to choose where they "
                "are.",
                prefix + path,
                type(auth).__name__,
                prefix + place + auth.codec.settings.url_prefix,
            )
        _add_route(auth, bp, place + path, view, name)


def _add_route(
    auth: Installation[Any],
    bp: Blueprint,
    path: str,
    view: Any,
    name: str,
) -> None:
    # past Blueprint.route, which would at once register what is added to a
    # registered blueprint, and at the wrong place
    BaseSanic.route(
        bp,
        path,
        methods=_methods(view.view_class),
        name=name,
        strict_slashes=auth.codec.settings.strict_slashes or None,
        apply=False,
    )(view)


def _methods(view_class: type[BaseEndpoint]) -> frozenset[str]:
    methods = {str(m) for m in HTTP_METHODS if hasattr(view_class, m.lower())}
    if "GET" in methods:
        methods.add("HEAD")
    return frozenset(methods)


def _free_name(app: Sanic[Any, Any], name: str) -> str:
    """Return `name`, numbered if the application has such a blueprint."""
    numbered = (f"{name}_{number}" for number in count(2))
    while name in app.blueprints:
        name = next(numbered)
    return name


def _prefix(bp: Blueprint, options: dict[str, Any]) -> str:
    return options.get("url_prefix", bp.url_prefix) or ""


def _whole_prefix(bp: Blueprint, options: dict[str, Any]) -> str:
    """Return what comes before a blueprint's paths, the version included."""
    version = options.get("version_prefix") or bp.version_prefix
    return f"{version}{_prefix(bp, options)}"


def _registration_options(
    bp: Blueprint, app: Sanic[Any, Any]
) -> dict[str, Any]:
    """Find out how a blueprint was registered, from one of its routes."""
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


def no_store_for_query(
    app: Sanic[Any, Any], settings: Callable[[Request], Any]
) -> None:
    """Keep answers to requests with query tokens out of caches (H6)."""

    async def forbid_storing(request: Request, response: Any) -> None:
        if came_in_query(request, settings(request)):
            response.headers.update(NO_STORE)

    app.register_middleware(forbid_storing, "response")
