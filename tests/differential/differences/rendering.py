"""The table as Markdown, for ``docs/migration-differences.md``."""

from collections.abc import Iterable

from ..table import Row, Rule
from . import SECTIONS

INTRODUCTION = """\
# Differences from sanic-jwt 1.8.0

<!-- Made by `python -m tests.differential.differences`; do not edit. -->

An application that changes its import lines from `sanic_jwt` to
`sanic_jwt_oo` keeps its paths, settings, handlers, status codes, bodies,
cookies and tokens, except for what stands below. The test suite runs the
same scenarios through both packages (1.8.0 on current Sanic and PyJWT);
each line here is one that it proves, and it proves that there are no
others among them. Letters with a number name the requirements on the
security page.
"""
HEAD = "| When | sanic-jwt 1.8.0 | sanic_jwt_oo | Why |\n|---|---|---|---|\n"


def markdown() -> str:
    """The whole page."""
    return INTRODUCTION + "".join(
        f"\n## {title}\n\n{HEAD}{_lines(rows)}"
        for title, rows in SECTIONS.items()
    )


def _lines(rows: Iterable[Row | Rule]) -> str:
    return "".join(
        f"| {_cell(row.when)} | {_cell(row.before)} "
        f"| {_cell(row.after)} | {_cell(row.reason)} |\n"
        for row in rows
    )


def _cell(text: str) -> str:
    return (text[:1].upper() + text[1:]).replace("|", "\\|")
