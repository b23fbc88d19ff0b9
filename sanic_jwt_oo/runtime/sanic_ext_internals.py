"""Every use of something in sanic-ext that is not documented.

Nothing here imports sanic-ext: if it is not loaded, there is nothing to do.
All was checked with sanic-ext 24.12 and 25.12, which `make ext` and
`make matrix` run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterator
from copy import copy
from typing import Any, NamedTuple

from sanic import Sanic

from .sanic_internals import view_class_of

_OPENAPI = "sanic_ext.extensions.openapi"
AFTER_THE_DOCUMENT = -2000
"""Priority of a listener that runs after sanic-ext has made the document.

sanic-ext makes it in `before_server_start` with the priority -1000."""


def copy_description(
    function: Callable[..., Any], wrapper: Callable[..., Any]
) -> None:
    """Give a wrapper the OpenAPI description of its function.

    sanic-ext stores a description under the function that `@openapi.*`
    decorates, and looks it up under the handler of a route. The wrapper gets
    a copy, because `function` may be a handler itself and decorators above
    add to the description.

    Args:
        function: The function, which `@openapi.*` may have decorated.
        wrapper: The function that is used in its place.
    """
    builders = sys.modules.get(f"{_OPENAPI}.builders")
    if builders is None or not isinstance(function, Hashable):
        return  # `@openapi.*` was not used
    descriptions = builders.OperationStore()
    if function in descriptions:
        description = copy(descriptions[function])
        for name, value in vars(description).items():
            if isinstance(value, dict | list):
                setattr(description, name, copy(value))
        descriptions[wrapper] = description


class Operation(NamedTuple):
    """A method of a path in the OpenAPI document.

    Attributes:
        path: The path, with its parameters in braces.
        method: The method in capitals.
        name: The name of the route, without that of the application.
        handler: The handler of the route.
        explicit: The fields that `@openapi.*` sets.
        described: These, and those of the docstring.
    """

    path: str
    method: str
    name: str
    handler: Any
    explicit: dict[str, Any]
    described: dict[str, Any]


class Document:
    """The OpenAPI document of an application.

    Args:
        app: The application.
        specification: The `SpecificationBuilder` of sanic-ext, which all
            applications of a process share.
    """

    def __init__(self, app: Sanic[Any, Any], specification: Any) -> None:
        self._app = app
        self._specification = specification
        self._store: Any = sys.modules[f"{_OPENAPI}.builders"].OperationStore()

    def exclude(self, handler: Any) -> None:
        """Leave a route out, before the document is made."""
        self._store[handler].exclude()

    def tag(self, function: Any, name: str) -> None:
        """Tag a function that has no tag, before the document is made.

        sanic-ext tags it with the name of a blueprint otherwise.
        """
        if not self._store[function].tags:
            self._store[function].tag(name)

    def operations(self) -> Iterator[Operation]:
        """Yield the operations of the application that are not excluded."""
        routes = sys.modules["sanic_ext.utils.route"].get_all_routes(
            self._app, self._app.config.OAS_URL_PREFIX
        )
        for path, name, _, methods, _ in routes:
            for method, handler in methods:
                view_class = view_class_of(handler)
                function = getattr(view_class, method.lower(), handler)
                builder = self._builder(path, method)
                if builder is None or builder is not self._store.get(
                    function, self._store.get(_core(function))
                ):
                    continue  # it is excluded, or of another host
                fields = {
                    **vars(builder),
                    "parameters": _parameters_of(builder, path),
                }
                explicit = {
                    field: value
                    for field, value in fields.items()
                    if value and not field.startswith("_")
                }
                described = {**(builder._autodoc or {}), **explicit}
                yield Operation(
                    path, method, name, handler, explicit, described
                )

    def _builder(self, path: str, method: str) -> Any:
        operations = self._specification._paths.get(path, {})
        builder = operations.get(method.lower())
        ours = getattr(builder, "_app", None) is self._app
        return builder if ours else None

    def describe(self, operation: Operation, fields: dict[str, Any]) -> None:
        """Set fields of one operation.

        The function may have other routes, in other applications too. So the
        operation gets a description of its own.
        """
        method = operation.method.lower()
        description = copy(self._builder(operation.path, method))
        description._default = {
            **description._default,
            "operationId": f"{method}~{operation.name}",
        }
        description.parameters = _parameters_of(description, operation.path)
        vars(description).update(fields)
        self._specification._paths[operation.path][method] = description

    def add_component(self, section: str, name: str, value: Any) -> str:
        """Add a component, and return its name.

        It gets a number if another component has the name.
        """
        components = self._specification._components[section]
        numbered, number = name, 1
        while components.get(numbered, value) != value:
            number += 1
            numbered = f"{name}{number}"
        components[numbered] = value
        return numbered


def document_of(app: Sanic[Any, Any]) -> Document | None:
    """Return the OpenAPI document of an application, if it has one.

    It has none without sanic-ext, and with `OAS = False`. `app.ext` would
    extend the application.
    """
    extension = getattr(app, "_ext", None)
    specification = getattr(extension, "_openapi", None)
    if specification is None or not app.config.get("OAS"):
        return None
    return Document(app, specification)


def get_handler_of(handler: Any) -> Any:
    """Return the handler that sanic-ext calls for `HEAD`; others as they are.

    It adds a `HEAD` to each `GET`, as a partial.
    """
    return getattr(handler, "keywords", {}).get("get_handler", handler)


def add_dependency(
    app: Sanic[Any, Any], kind: Any, constructor: Callable[..., Any]
) -> bool:
    """Have sanic-ext inject a type, unless it injects that already.

    `app.ext` would extend the application. `add_dependency` replaces what
    the application has registered.

    Returns:
        Whether it was added.
    """
    extension = getattr(app, "_ext", None)
    registry = getattr(extension, "_injection_registry", None)
    if extension is None or registry is None or kind in registry:
        return False
    extension.add_dependency(kind, constructor)
    return True


def _parameters_of(builder: Any, path: str) -> list[Any]:
    """Return the parameters of a description, at one path.

    sanic-ext adds those of each path that a function is routed at.
    """
    return [
        parameter
        for parameter in builder.parameters
        if parameter.fields["in"] != "path"
        or f"{{{parameter.fields['name']}}}" in path
    ]


def _core(function: Any) -> Any:
    return getattr(function, "__func__", function)
