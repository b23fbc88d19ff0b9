"""The page with the tables of the SQL store shows them as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from sanic_jwt_oo.sessions.sql.schema import metadata

PAGE = Path(__file__).parents[2] / "docs/reference/session-schema.md"
DIALECTS = {"postgresql": postgresql.dialect(), "sqlite": sqlite.dialect()}


def ddl(name: str) -> str:
    """Return the statements that create the tables, as on the page."""
    statements = []
    for table in metadata.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        for each in (CreateTable(table), *map(CreateIndex, indexes)):
            text = str(each.compile(dialect=DIALECTS[name])).strip()
            lines = [line.rstrip() for line in text.splitlines()]
            statements.append("\n".join(filter(None, lines)) + ";")
    return "\n\n".join(statements).replace("\t", "    ")


@pytest.mark.parametrize("name", DIALECTS)
def test_the_page_has_the_tables(name):
    assert f"```sql\n{ddl(name)}\n```\n" in PAGE.read_text()
