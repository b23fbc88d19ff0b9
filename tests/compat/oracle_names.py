"""The names of sanic-jwt 1.8.0, read off its installed source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from inspect import getsource
from pkgutil import iter_modules
from typing import Any, NamedTuple

import sanic_jwt

_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class Name(NamedTuple):
    """A name of 1.8.

    Attributes:
        module: Its module, without the package.
        owner: The class that has it; empty for a name of the module.
        name: The name.
    """

    module: str
    owner: str
    name: str

    def __str__(self) -> str:
        return ".".join(filter(None, self))


@cache
def every_name() -> tuple[Name, ...]:
    """Return all names but those with two underscores, in their order.

    The settings count as names of `Configuration`.
    """
    modules = ["", *sorted(m.name for m in iter_modules(sanic_jwt.__path__))]
    names: dict[Name, None] = {}
    for module in modules:
        for name in _names_of(module):
            if not name.name.startswith("__"):
                names[name] = None
    return tuple(names)


def oracle_module(module: str) -> Any:
    """Return a module of 1.8; the package itself has an empty name."""
    return import_module(f"sanic_jwt.{module}".rstrip("."))


def _names_of(module: str) -> Iterator[Name]:
    found = oracle_module(module)
    if not module:
        yield from (Name("", "", name) for name in found.__all__)
        return
    for node in ast.parse(getsource(found)).body:
        for name in _targets(node):
            if name != "logger":
                yield Name(module, "", name)
        if isinstance(node, ast.ClassDef):
            yield from (Name(module, node.name, n) for n in _members(node))
            if node.name == "Configuration":
                for key in (*found.defaults, *found.aliases.values()):
                    yield Name(module, node.name, key)


def _targets(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement defines."""
    if isinstance(node, _DEFINITIONS):
        yield node.name
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id


def _members(kind: ast.ClassDef) -> Iterator[str]:
    """Yield the members of a class and the attributes of its instances."""
    for node in kind.body:
        yield from _targets(node)
    for inner in ast.walk(kind):
        if (
            isinstance(inner, ast.Attribute)
            and isinstance(inner.ctx, ast.Store)
            and isinstance(inner.value, ast.Name)
            and inner.value.id == "self"
        ):
            yield inner.attr
    for call in ast.walk(kind):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "setattr":
            target, name = call.args[:2]
            if ast.unparse(target) == "instance" and isinstance(
                name, ast.Constant
            ):
                yield str(name.value)
