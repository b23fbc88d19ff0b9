"""Injection by type, with sanic-ext: the user, the claims, the session.

sanic-ext makes what it injects after routing, before request middleware and
before the handler with its decorators. So this authenticates the request; a
decorator that asks later finds the result. Without sanic-ext nothing here
runs, apart from a look at the application when a server starts.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from inspect import isclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sanic import Blueprint, Request, Sanic
from sanic.blueprints import BlueprintGroup

from ..access.placement import rules_of, settings_of
from ..exceptions import (
    AuthenticationFailed,
    InitializationFailure,
    InvalidRequest,
    MissingCredentials,
    Unauthorized,
)
from ..installation import Installation, installation_of, installation_on
from ..runtime.sanic_ext_internals import add_dependency, get_handler_of
from ..runtime.sanic_internals import (
    routes_of,
    unwrap_websocket,
    view_class_of,
)
from ..runtime.websocket_internals import respond_before_handshake
from ..sessions import Session
from ..types import Claims, UserT

_REFUSALS = (AuthenticationFailed, InvalidRequest, Unauthorized)
_Find = Callable[[Installation, Request], Awaitable[Any]]


class Injection:
    """Injects what the installations of an application know of a request.

    Args:
        app: The application.
    """

    def __init__(self, app: Sanic[Any, Any]) -> None:
        self._app = app
        self._owners: dict[Any, list[Installation]] = {}
        self._added: dict[Any, tuple[Any, bool]] = {}
        self._chosen: dict[tuple[str, str, Any], Installation] = {}

    def start(self, *_: Any) -> None:
        """Register the types, when a server starts.

        Raises:
            InitializationFailure: A handler takes the user of several
                installations, and none of them is that of its route; or a
                session, and there is no session store.
        """
        self._owners.clear()
        self._chosen.clear()
        for installation in self._app.ctx.sanic_jwt_oo:
            for kind, find in _injected(installation):
                owners = self._owners.setdefault(kind, [])
                if kind is not Session or installation.sessions is not None:
                    owners.append(installation)
                for required in (True, False):
                    construct = self._constructor(kind, find, required)
                    wanted = kind if required else kind | None
                    if not add_dependency(self._app, wanted, construct):
                        break  # it is the application's, or added before
                    self._added[wanted] = (kind, required)
        for route in routes_of(self._app) if self._added else ():
            for method in route.methods or ():
                for _ in self.needs(route, method):
                    pass  # it refuses what is ambiguous

    def needs(
        self, route: Any, method: str
    ) -> Iterator[tuple[Installation, bool]]:
        """Yield whose tokens a route takes by its parameters.

        The second value is whether a token is required.
        """
        try:
            hints = get_type_hints(_layers(route, method)[-1])
        except Exception:  # sanic-ext reports it
            return
        for hint in hints.values():
            for wanted, (kind, required) in self._added.items():
                if hint == wanted:
                    yield self._choose(route, method, kind), required

    def _constructor(
        self, kind: Any, find: _Find, required: bool
    ) -> Callable[..., Any]:
        """Return what sanic-ext calls for a parameter of a type."""

        async def construct(request: Request) -> Any:
            respond_before_handshake(request)
            route, method = request.route, request.method
            installation = self._choose(route, method, kind)
            with ExitStack() as settings:
                for layer in _layers(route, method):
                    for rules, override in settings_of(layer):
                        if self._owner_of(rules) is installation:
                            settings.enter_context(override(installation))
                try:
                    return await find(installation, request)
                except _REFUSALS as exc:
                    if required and not (
                        method == "OPTIONS"
                        and isinstance(exc.__cause__, MissingCredentials)
                        and self._is_guarded(installation, request)
                    ):
                        raise
                    return None

        return construct

    def _is_guarded(
        self, installation: Installation, request: Request
    ) -> bool:
        """Return whether a guard refuses the request without a token.

        It responds to an `OPTIONS` then, and no handler runs.
        """
        settings = installation.policies.in_force(request).settings
        return settings.do_protection and any(
            rules.admits and self._owner_of(rules) is installation
            for layer in _layers(request.route, request.method)
            for rules in rules_of(layer)
        )

    # --- which installation -------------------------------------------------

    def _choose(self, route: Any, method: str, kind: Any) -> Installation:
        """Return the installation whose value a route takes.

        It is the only one with this type; or the one that guards the route;
        or that of its blueprint; or that of the application.

        Raises:
            InitializationFailure: There are several, or none.
        """
        key = (route.name, method, kind)
        if key not in self._chosen:
            owners = self._owners[kind]
            guards = [
                self._owner_of(rules)
                for layer in _layers(route, method)
                for rules in rules_of(layer)
            ]
            for near in (
                owners if len(owners) == 1 else [],
                [one for one in owners if one in guards],
                [one for one in owners if _is_near(one, route)],
                [one for one in owners if one.auth.instance is self._app],
            ):
                if near:
                    break
            if not owners:
                raise InitializationFailure(
                    f"/{route.path} takes a {kind.__name__}, and there is no "
                    "session_store.",
                    500,
                )
            if len(near) != 1:
                raise InitializationFailure(
                    f"/{route.path} takes a {kind.__name__}, which "
                    f"{len(owners)} installations have. Guard the route with "
                    "one of them, as @auth.protected() does, or move it to "
                    "the blueprint of one.",
                    500,
                )
            self._chosen[key] = near[0]
        return self._chosen[key]

    def _owner_of(self, rules: Any) -> Installation | None:
        on = rules.initialized_on
        return installation_of(on) or installation_on(
            self._app if on is None else on
        )


def _layers(route: Any, method: str) -> list[Any]:
    """Return the handler of a route, and the method if it is a view."""
    handler = unwrap_websocket(get_handler_of(route.handler))
    view_class = view_class_of(handler)
    function = getattr(view_class, method.lower(), None)
    if function is None and method == "HEAD":
        function = getattr(view_class, "get", None)
    return [handler] if function is None else [handler, function]


def _is_near(installation: Installation, route: Any) -> bool:
    """Return whether an installation is on the blueprint of a route."""
    instance = installation.auth.instance
    blueprints = [instance] if isinstance(instance, Blueprint) else []
    if isinstance(instance, BlueprintGroup):
        blueprints = [*instance.blueprints]
    handler = get_handler_of(route.handler)
    if handler is route.handler:
        return any(route in bp.routes for bp in blueprints)
    return any(r.handler is handler for bp in blueprints for r in bp.routes)


# --- what is injected -------------------------------------------------------


def _injected(installation: Installation) -> Iterator[tuple[Any, _Find]]:
    """Yield the types that an installation has values of."""
    yield Claims, _find_claims
    yield Session, _find_session
    user_type = _argument(type(installation.auth))
    if _is_of_the_application(user_type):
        yield user_type, _find_user


async def _find_user(installation: Installation, request: Request) -> Any:
    return await installation.users.require(request)


async def _find_claims(installation: Installation, request: Request) -> Claims:
    state = await installation.gate.require_token(request)
    return Claims(state.claims())


async def _find_session(
    installation: Installation, request: Request
) -> Session:
    return await installation.own_sessions.current(request)


def _argument(auth_class: Any) -> Any:
    """Return `User` of a class that derives from `JWTAuth[User]`."""
    for base in vars(auth_class).get("__orig_bases__", auth_class.__bases__):
        origin, arguments = get_origin(base) or base, get_args(base)
        parameters = getattr(origin, "__parameters__", ())
        found = UserT if parameters == (UserT,) else _argument(origin)
        if isinstance(found, TypeVar):
            place = parameters.index(found)
            found = arguments[place] if arguments else None
        if found is not None:
            return found
    return None


def _is_of_the_application(kind: Any) -> bool:
    """Return whether a type is a class that the application has defined.

    An alias, or a type such as `str`, would fill parameters that have nothing
    to do with the user.
    """
    if not isclass(kind) or get_origin(kind) is not None:
        return False
    module = kind.__module__.partition(".")[0]
    known = {"sanic", "sanic_jwt_oo", "typing_extensions"}
    return module not in known | sys.stdlib_module_names
