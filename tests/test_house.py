"""The house rules of CONTRIBUTING: short modules, short functions."""

import ast
import re
from pathlib import Path

import sanic_jwt_oo

PACKAGE = Path(sanic_jwt_oo.__file__).parent
LONGEST_MODULE = 400
LONGEST_FUNCTION = 40

LONG_MODULES = {
    "auth.py": "every verb of `JWTAuth`, with the docstrings users read",
    "exceptions.py": "the whole tree of errors, a class each",
    "access/gate.py": "the way of a request, which is read from top to bottom",
    "sessions/redis/store.py": "a method for each operation of a store",
    "sessions/sql/store.py": "a method for each operation of a store",
}
"""Modules of more lines, and why they are not split."""

LONG_FUNCTIONS = {
    "access/gate.py:recall": "the warm path, where each call is counted",
    "integration/installing.py:_assemble": "a list of constructors",
    "login/issuing.py:access_token": "a login's path: each call is counted",
}
"""Functions of more lines, and why; docstrings are not counted."""

INTERNALS = re.compile(
    r"\.(router|head|cached_handlers|signal_router|multiplexer|parsed_json)\b"
    r"|\b(_future_\w+|_app_registry|SANIC_WORKER_NAME)\b|\"view_class\""
    r"|\bdict\.(get|values)\("
)
"""Names in Sanic that it does not document."""

SANIC_EXT = re.compile(r"\bsanic_ext\.|\b_ext\b|\bOperationStore\b")
"""What only the module for sanic-ext names."""


def sources() -> dict[str, str]:
    return {
        path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        assert docstring.end_lineno is not None
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


def test_no_other_module_is_long() -> None:
    long = {
        name
        for name, source in sources().items()
        if source.count("\n") > LONGEST_MODULE
    }
    assert long == LONG_MODULES.keys()


def test_no_other_function_is_long() -> None:
    long = {
        f"{name}:{node.name}"
        for name, source in sources().items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and lines_of(node) > LONGEST_FUNCTION
    }
    assert long == LONG_FUNCTIONS.keys()


def test_internals_of_sanic_are_used_in_one_module() -> None:
    assert uses_outside("runtime/sanic_internals.py", INTERNALS) == set()


def test_internals_of_sanic_ext_are_used_in_one_module() -> None:
    assert uses_outside("runtime/sanic_ext_internals.py", SANIC_EXT) == set()


def uses_outside(module: str, pattern: re.Pattern[str]) -> set[str]:
    return {
        f"{name}: {line.strip()}"
        for name, source in sources().items()
        if name != module
        for line in source.splitlines()
        if pattern.search(line)
    }
