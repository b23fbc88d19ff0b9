"""The partitions that the page about scale proposes work."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg
import pytest

from sanic_jwt_oo.sessions import Outcome, SQLSessionStore
from tests.sessions.conformance import NOW, PATIENCE, begin, started, swap_of
from tests.sessions.crashes import following
from tests.sessions.fixtures import postgres, postgres_url

__all__ = ["postgres", "postgres_url"]

TEXT = Path(__file__).parents[2] / "docs/performance/scale.md"


@pytest.fixture
async def store(postgres_url):
    [block] = re.findall(r"```sql\n(.*?)```", TEXT.read_text(), re.DOTALL)
    *tables, partition, _ = block.split(";\n")
    statements = [*tables]
    for number in range(4):
        one = partition.replace("sessions_0", f"sessions_{number}")
        statements.append(one.replace("REMAINDER 0", f"REMAINDER {number}"))
    link = await asyncpg.connect(postgres_url, ssl=False)
    await link.execute(";\n".join(statements))
    await link.close()
    store = SQLSessionStore(postgres_url, timeout=PATIENCE)
    yield store
    await store.close()


async def test_sessions_may_be_partitioned(store):
    async with following(store) as feed:
        made = [await started(store) for _ in range(12)]
        for session, token in made:
            assert await store.get(session.id, NOW) == session
            assert await store.swap(swap_of(token, NOW)[0]) is Outcome.SWAPPED
        new, token = begin(now=NOW + 1)
        ended = await store.start(new, token.digest, max_sessions=5)
        assert len(ended) == 8
        assert len((await store.page("ada", NOW + 1, 100)).sessions) == 5
        await store.revoke_all("ada", NOW + 1)
    assert {*feed.revoked} == {new.id, *(session.id for session, _ in made)}
