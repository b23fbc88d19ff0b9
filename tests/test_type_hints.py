"""Every annotation of the package can be read at run time.

Frameworks read them: sanic-ext calls `typing.get_type_hints` on each handler
and each method of a view when a server starts, and a name that is imported
for type checkers alone keeps the server from starting.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from importlib import import_module
from inspect import getsource, isclass, isfunction
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pytest
from sanic import HTTPResponse, Request
from sanic.response import empty
from sanic.views import HTTPMethodView

import sanic_jwt_oo
from sanic_jwt_oo import JWTAuth, inject_user, protected, scoped
from sanic_jwt_oo.endpoints import AuthenticateEndpoint
from sanic_jwt_oo.events import RefreshReusedEvent
from sanic_jwt_oo.sessions import Session

MODULES = [
    sanic_jwt_oo.__name__,
    *(
        module.name
        for module in walk_packages(
            sanic_jwt_oo.__path__, f"{sanic_jwt_oo.__name__}."
        )
    ),
]


def functions_in(value: Any) -> list[Any]:
    """Return the functions or classes behind an attribute."""
    if isinstance(value, staticmethod | classmethod):
        return [value.__func__]
    if isinstance(value, property):
        return [f for f in (value.fget, value.fset, value.fdel) if f]
    if isinstance(value, cached_property):
        return [value.func]
    return [value] if isclass(value) or isfunction(value) else []


def defined_in(holder: Any, module: str) -> Iterator[Any]:
    """Yield the functions and classes of a module, however deep."""
    for attribute in vars(holder).values():
        for found in functions_in(attribute):
            if found.__module__ != module:
                continue
            yield found
            if isclass(found):
                yield from defined_in(found, module)


def annotations_in(module: ModuleType) -> Iterator[ast.expr]:
    """Yield the annotations of a source text, of local functions too."""
    for node in ast.walk(ast.parse(getsource(module))):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield node.annotation
        returns = getattr(node, "returns", None)
        if returns is not None:
            yield returns


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("include_extras", [False, True])
def test_hints_of_functions_and_classes_resolve(name, include_extras):
    module = import_module(name)
    get_type_hints(module, include_extras=include_extras)
    for found in defined_in(module, name):
        get_type_hints(found, include_extras=include_extras)


@pytest.mark.parametrize("name", MODULES)
def test_hints_of_local_functions_and_variables_resolve(name):
    module = import_module(name)
    for annotation in annotations_in(module):
        expression = ast.Expression(annotation)
        eval(compile(expression, name, "eval"), {**vars(module)})


def test_a_forward_name_is_the_class():
    hints = get_type_hints(AuthenticateEndpoint.__init__)
    assert JWTAuth[Any] in get_args(hints["auth"])
    assert get_type_hints(RefreshReusedEvent)["session"] is Session


def test_modules_can_be_imported_without_the_extras():
    stores = ("sanic_jwt_oo.sessions.redis", "sanic_jwt_oo.sessions.sql")
    modules = [name for name in MODULES if not name.startswith(stores)]
    program = f"""
import importlib, sys, typing
for absent in ("cryptography", "limits", "redis", "sanic_ext", "sqlalchemy"):
    sys.modules[absent] = None
for name in {modules!r}:
    importlib.import_module(name)
from sanic_jwt_oo.login.throttling import Throttle
typing.get_type_hints(Throttle._limiter_for_loop)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


class View(HTTPMethodView):
    decorators = [protected()]

    async def get(self, request: Request, number: int) -> HTTPResponse:
        return empty()


class Auth(JWTAuth[dict[str, Any]]):
    def authenticate(self, request: Request) -> dict[str, Any]:
        return {"user_id": 1}


AUTH = Auth(secret="a secret that is long enough for HS256 in a test")


def handler(request: Request, number: int, user: Auth) -> HTTPResponse:
    return empty()


@pytest.mark.parametrize(
    "decorate",
    [
        protected(),
        protected(verify_exp=False),
        scoped("orders:read"),
        scoped(None),
        AUTH.protected(),
        AUTH.scoped("orders:read", verify_exp=False),
    ],
)
def test_a_guarded_handler_has_the_hints_of_the_handler(
    decorate: Callable[..., Any],
):
    expected = {
        "request": Request,
        "number": int,
        "user": Auth,
        "return": HTTPResponse,
    }
    assert get_type_hints(decorate(handler)) == expected
    assert get_type_hints(AUTH.protected()(decorate(handler))) == expected


@pytest.mark.parametrize(
    "decorate",
    [inject_user(), AUTH.inject_user(), AUTH.inject_user(verify_exp=False)],
)
def test_the_user_that_a_decorator_passes_is_not_among_the_hints(
    decorate: Callable[..., Any],
):
    """A framework that fills parameters by type would fill it again."""
    expected = {"request": Request, "number": int, "return": HTTPResponse}
    assert get_type_hints(decorate(handler)) == expected
    assert get_type_hints(AUTH.protected()(decorate(handler))) == expected
    assert "user" in get_type_hints(handler)


class Callables:
    def __call__(self, request, number, user):
        return empty()


@pytest.mark.parametrize("settings", [{}, {"verify_exp": False}])
@pytest.mark.parametrize(
    "function",
    [partial(handler, number=1), Callables()],
    ids=["partial", "object"],
)
def test_a_guard_around_a_handler_without_hints_has_none(function, settings):
    """Its own would be looked up where the handler was written."""
    for decorate in (protected, AUTH.protected, AUTH.inject_user):
        assert get_type_hints(decorate(**settings)(function)) == {}


def test_hints_of_hooks_and_views_of_an_application_resolve():
    for name in ("authenticate", "log_in", "install"):
        get_type_hints(getattr(Auth, name))
    assert get_type_hints(View.get)["number"] is int
