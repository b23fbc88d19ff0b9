"""THE table: where this package differs from sanic-jwt 1.8.0 on purpose.

A scenario that no row speaks of must come out equal; one that a row speaks
of must differ exactly as the row says. ``python -m
tests.differential.differences`` prints the table for the documentation.
"""

from ..table import Row, Rule
from . import (
    claims,
    cookies,
    headers,
    installations,
    keys,
    login,
    refreshing,
    routes,
    settings,
    tokens,
)

SECTIONS: dict[str, tuple[Row | Rule, ...]] = {
    "Logging in and users": login.ROWS,
    "Refreshing": refreshing.ROWS,
    "Protected and scoped routes": routes.ROWS,
    "Installations, blueprints and state": installations.ROWS,
    "Tokens, headers and `debug`": tokens.ROWS,
    "Algorithms, keys and secrets": keys.ROWS,
    "Claims and verifications": claims.ROWS,
    "Settings and the programmatic API": settings.ROWS,
    "Cookies": cookies.ROWS,
    "Headers of the answers": headers.RULES,
}

ROWS: tuple[Row, ...] = tuple(
    row
    for section in SECTIONS.values()
    for row in section
    if isinstance(row, Row)
)
RULES: tuple[Rule, ...] = headers.RULES
