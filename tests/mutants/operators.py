"""What a mutant changes: an operator, a number, a condition, a statement.

The text is changed, so that a difference can be shown.
Scripts in Lua are changed inside the strings that hold them.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff
from itertools import pairwise
from typing import Any, NamedTuple

Change = tuple[int, int, str]
"""From which offset to which other, and what is there instead."""
PAIRS = "< <=, > >=, == !=, + -, and or, min max, True False, break continue"
SWAPS = {"not": "", "is": "is not", "in": "not in", "~=": "=="}
for pair in PAIRS.split(", "):
    one, other = pair.split()
    SWAPS |= {one: other, other: one}
LUA = re.compile(
    r"--[^\n]*|'[^']*'"
    r"|(?P<call>(?<=\n)[ ]*redis\.call\([^\n]*\)(?=\n))"
    r"|(?P<operator>[<>=~]=|[<>+-]|\b(?:and|or|not|min|max)\b)"
    r"|(?P<number>\b\d+\b)"
)


class Mutant(NamedTuple):
    """A module with one change."""

    path: str
    source: str
    start: int
    end: int
    text: str

    @property
    def line(self) -> int:
        return self.source.count("\n", 0, self.start) + 1

    @property
    def mutated(self) -> str:
        """The text of the module."""
        return self.source[: self.start] + self.text + self.source[self.end :]

    @property
    def difference(self) -> str:
        texts = self.source.splitlines(), self.mutated.splitlines()
        return "\n".join([*unified_diff(*texts, n=1, lineterm="")][2:])


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return all mutants of a module that Python can compile."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def span(node: Any) -> tuple[int, int]:
        """Return where a node is; its columns are in bytes."""
        start, end = (
            starts[row - 1] + len(lines[row - 1].encode()[:column].decode())
            for row, column in (
                (node.lineno, node.col_offset),
                (node.end_lineno, node.end_col_offset),
            )
        )
        return start, end

    nodes = [*ast.walk(ast.parse(source))]
    unread = [span(node) for node in _unread(nodes)]
    changes = {*_of_tokens(source, starts)}
    for node, text in _of_nodes(nodes):
        start, end = span(node)
        changed = text.format(source[start:end])
        if changed != source[start:end]:
            changes.add((start, end, changed))
    found = [
        Mutant(path, source, *change)
        for change in sorted(changes)
        if not any(first <= change[0] < last for first, last in unread)
    ]
    return [mutant for mutant in found if _compiles(mutant.mutated)]


def _unread(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield annotations, and what is there for type checkers only."""
    for node in nodes:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            yield node
        for name in ("annotation", "returns"):
            if getattr(node, name, None) is not None:
                yield getattr(node, name)


def _of_nodes(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.AST, str]]:
    for node in nodes:
        match node:
            case ast.If() | ast.IfExp() | ast.While():
                yield node.test, "not ({})"
            case ast.Return(value=ast.expr()):
                yield node.value, "None"
            case ast.Raise() | ast.Expr(value=ast.Call() | ast.Await()):
                yield node, "pass"


def _of_tokens(source: str, starts: Sequence[int]) -> Iterator[Change]:
    tokens = [*tokenize.generate_tokens(io.StringIO(source).readline)]
    for token, following in pairwise(tokens):
        text = token.string
        start = starts[token.start[0] - 1] + token.start[1]
        if token.type == tokenize.NUMBER and text.isdecimal():
            yield start, start + len(text), str(int(text) + 1)
        elif token.type == tokenize.STRING and "redis.call(" in text:
            for match in LUA.finditer(text):
                if match.lastgroup:
                    first, last = match.span()
                    change = _of_lua(match.lastgroup, match[0])
                    yield start + first, start + last, change
        elif text in SWAPS and (text, following.string) != ("is", "not"):
            yield start, start + len(text), SWAPS[text]


def _of_lua(kind: str, text: str) -> str:
    if kind == "number":
        return str(int(text) + 1)
    return SWAPS[text].replace("!=", "~=") if kind == "operator" else ""


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True
