"""Adds to the OpenAPI document what endpoints and protected routes need.

What the application says with `@openapi.*` has precedence.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from itertools import chain
from typing import Any, NamedTuple

from sanic import Sanic

from ...access.placement import rules_of
from ...configuration import Configuration
from ...endpoints import AuthenticateEndpoint, BaseEndpoint
from ...exceptions import InvalidConfiguration
from ...installation import Installation, installation_of, installation_on
from ...locations import SAFE_METHODS
from ...runtime.sanic_ext_internals import (
    AFTER_THE_DOCUMENT,
    Document,
    Operation,
    document_of,
    get_handler_of,
)
from ...runtime.sanic_internals import (
    is_websocket,
    routes_of,
    view_class_of,
)
from ..injection import Injection
from .endpoints import EndpointDescriptions, Fields
from .security import SecuritySchemes, together

_START = "before_server_start"
TAG = "auth"
"""The tag of our endpoints."""


def describe_on_start(app: Sanic[Any, Any], injection: Injection) -> None:
    """Describe endpoints and protected routes when a server starts."""
    app.register_listener(_prepare, _START)
    app.register_listener(
        partial(_describe, injection), _START, priority=AFTER_THE_DOCUMENT
    )


def _prepare(app: Sanic[Any, Any], *_: Any) -> None:
    """Tag our endpoints, and exclude WebSockets, which are no operations.

    This runs before sanic-ext makes the document.
    """
    document = document_of(app)
    if document is None:
        return
    for route in routes_of(app):
        handler: Any = route.handler
        if is_websocket(get_handler_of(handler)):
            document.exclude(handler)
        view_class = view_class_of(handler)
        if _is_ours(view_class):
            for method in route.methods:
                function = getattr(view_class, method.lower(), None)
                if function is not None:
                    document.tag(function, TAG)


def _describe(injection: Injection, app: Sanic[Any, Any], *_: Any) -> None:
    """Describe our endpoints and the protected routes of an application.

    This runs after sanic-ext has made the document.
    """
    document = document_of(app)
    if document is not None:
        _Describer(app, document, injection).describe()


def _is_ours(view_class: Any) -> bool:
    """Return whether a view is an endpoint of the package."""
    return (
        isinstance(view_class, type)
        and issubclass(view_class, BaseEndpoint)
        and view_class.__module__ == BaseEndpoint.__module__
    )


class _Guard(NamedTuple):
    """A decorator of a handler.

    Attributes:
        rules: What it does.
        settings: The settings that it checks tokens under.
        descriptions: Those of its installation.
    """

    rules: Any
    settings: Configuration
    descriptions: EndpointDescriptions


class _Injected(NamedTuple):
    """The rules of a parameter that is injected; see `_Guard`."""

    admits: bool
    page: None = None
    required: None = None


class _Describer:
    """Describes the operations of an application.

    Args:
        app: The application.
        document: Its document.
        injection: What it injects.
    """

    def __init__(
        self, app: Sanic[Any, Any], document: Document, injection: Injection
    ) -> None:
        self._app = app
        self._injection = injection
        self._routes = {route.name: route for route in routes_of(app)}
        self._document = document
        self._known: dict[int, EndpointDescriptions] = {}

    @cached_property
    def _operations(self) -> list[Operation]:
        return [*self._document.operations()]

    def describe(self) -> None:
        """Describe the operations."""
        for installation in self._app.ctx.sanic_jwt_oo:
            # the names of schemes are in the order of the installations
            settings = installation.policies.base.settings
            self._descriptions(installation).schemes.access(settings, "POST")
        for operation in self._operations:
            fields = self._endpoint(operation)
            described = {**operation.described, **(fields or {})}
            guards = self._guards(operation, described)
            if fields is not None or guards:
                fields = {**(fields or {}), **guards}
                self._document.describe(operation, fields)

    def _endpoint(self, operation: Operation) -> Fields | None:
        """Return the fields of an operation if it is one of an endpoint."""
        installation = _installation_in(operation.handler)
        if installation is None:
            return None
        view_class = view_class_of(operation.handler)
        descriptions = self._descriptions(installation)
        fields = descriptions.of(view_class, operation.method)
        if fields is None:
            return {}
        said = operation.explicit
        if not _is_ours(view_class):  # its docstring is the application's
            said = operation.described
        own = {
            "responses": {
                **fields["responses"],
                **_by_status(said.get("responses", {})),
            },
            "parameters": [
                *fields.get("parameters", ()),
                *said.get("parameters", ()),
            ],
        }
        return {**fields, **said, **own}

    def _guards(self, operation: Operation, described: Fields) -> Fields:
        """Return what the decorators of a handler add to its description."""
        guards = [*self._guards_of(operation)]
        if not guards or operation.method == "OPTIONS":
            return {}
        needed = [guard for guard in guards if guard.rules.admits]
        security = together(
            [
                guard.descriptions.schemes.access(
                    guard.settings, operation.method
                )
                for guard in needed or guards
            ]
        )
        texts = [described.get("description", "")]
        fields: Fields = {}
        if needed:
            required = [guard.rules.required for guard in needed]
            texts += map(_scope_text, required)
            scopes = [n for one in required if one for n in one.names or ()]
            if scopes:
                fields["x-required-scopes"] = [*dict.fromkeys(scopes)]
            said = _by_status(described.get("responses", {}))
            said = said or {"default": {"description": "OK"}}
            fields["responses"] = {
                **_refusals(needed, operation.method),
                **said,
            }
        else:
            security = [{}, *security]
            texts.append("The access token is optional.")
        if "security" not in described:
            fields["security"] = security
        fields["description"] = "\n\n".join(dict.fromkeys(filter(None, texts)))
        return fields

    def _guards_of(self, operation: Operation) -> Iterator[_Guard]:
        """Yield the decorators of an operation, the outermost first.

        A parameter that is injected follows, where no decorator of its
        installation says more.
        """
        handler = get_handler_of(operation.handler)
        seen: list[Installation] = []
        layers = [handler]
        view_class = view_class_of(handler)
        if view_class is not None:
            method = operation.method.lower()
            layers.append(getattr(view_class, method, None))
        for rules in chain.from_iterable(map(rules_of, layers)):
            on = rules.initialized_on
            installation = installation_of(on) or installation_on(
                self._app if on is None else on
            )
            if installation is not None and installation.is_settled:
                if rules.admits:
                    seen.append(installation)
                yield _Guard(
                    rules,
                    _settings_of(rules, installation),
                    self._descriptions(installation),
                )
        route = self._routes[f"{self._app.name}.{operation.name}"]
        for installation, needed in self._injection.needs(
            route, operation.method
        ):
            if installation not in seen:
                yield _Guard(
                    _Injected(needed),
                    installation.policies.base.settings,
                    self._descriptions(installation),
                )

    def _descriptions(
        self, installation: Installation
    ) -> EndpointDescriptions:
        known = self._known.get(id(installation))
        if known is None:
            add = self._document.add_component
            schemes = SecuritySchemes(add, self._source(installation))
            known = EndpointDescriptions(installation, schemes, add)
            self._known[id(installation)] = known
        return known

    def _source(self, installation: Installation) -> str:
        """Return where the tokens of an installation come from.

        So two installations never share a scheme: their tokens differ.
        """
        paths = [
            operation.path
            for operation in self._operations
            if view_class_of(operation.handler) is AuthenticateEndpoint
            and _installation_in(operation.handler) is installation
        ]
        return f"Tokens come from `POST {min(paths)}`." if paths else ""


def _installation_in(handler: Any) -> Installation | None:
    """Return the installation that an endpoint belongs to."""
    found = getattr(handler, "installation", None)
    return found if isinstance(found, Installation) else None


def _settings_of(rules: Any, installation: Installation) -> Configuration:
    """Return the settings of a route, without those that vary by request."""
    settings = installation.policies.base.settings
    fixed = {n: v for n, v in rules.settings.items() if not callable(v)}
    try:
        return settings.derive(installation.changes(fixed))
    except InvalidConfiguration:  # each request fails
        return settings


def _refusals(guards: list[_Guard], method: str) -> Fields:
    """Return the responses of several decorators to refused requests."""
    responses: Fields = {}
    for rules, settings, descriptions in guards:
        page = rules.page
        if page == "":
            page = settings.login_redirect_url
        if page is None:
            responses |= descriptions.refusal(
                401, "There is no valid access token."
            )
        else:
            responses["302"] = {
                "description": f"There is no valid access token: to {page}."
            }
        forbidden = []
        if rules.required is not None:
            forbidden.append("The token does not grant the scopes.")
        if (
            settings.cookie_set
            and settings.csrf_protect
            and method not in SAFE_METHODS
        ):
            forbidden.append("The CSRF value of the token is missing.")
        if forbidden:
            responses |= descriptions.refusal(403, " ".join(forbidden))
    return responses


def _scope_text(required: Any) -> str:
    """Return what a decorator requires, as a sentence."""
    if required is None:
        return "Requires an access token."
    if required.names is None:
        return "Requires scopes that depend on the request."
    names = [f"`{name}`" for name in required.names]
    if len(names) == 1:
        text = f"Requires the scope {names[0]}."
    elif required.require_all:
        text = f"Requires the scopes {', '.join(names)}."
    else:
        text = f"Requires one of the scopes {', '.join(names)}."
    if not required.require_all_actions:
        text += " One action of a scope is enough."
    return text


def _by_status(responses: Fields) -> Fields:
    """Return responses by status as text; `@openapi.response` has numbers."""
    return {str(status): response for status, response in responses.items()}
