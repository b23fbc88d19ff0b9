"""PostgreSQL finds rows by an index, however many there are.

The server counts its sequential scans, whatever statements the store runs.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import asyncpg
import pytest

from sanic_jwt_oo.sessions import SQLSessionStore
from tests.effort import sample

from .conformance import NOW, PATIENCE, begin, started, swap_of
from .crashes import following

SESSIONS, CROWD, REVOKED = 10_000, 200, 10_000
TIMES = 8  # after five times, PostgreSQL may plan for any parameters
FILL = f"""
    INSERT INTO jwt_sessions (
        id, user_key, label, created, last_used, ends, expires, access_until,
        family, token
    )
    SELECT md5(n::text), greatest(n, {CROWD})::text, 'x', {NOW}, {NOW} + n,
        {NOW} + 99999, {NOW} + 9999 + n, {NOW} + 900, 'x', 'x'
    FROM generate_series(1, {SESSIONS}) AS n;
    INSERT INTO jwt_revocations (revoked_id, revoked, until)
    SELECT md5(n::text), {NOW}, {NOW} + 900 + n
    FROM generate_series(1, {REVOKED}) AS n;
    ANALYZE jwt_sessions, jwt_revocations
"""


async def refresh(store):
    """Refresh, again within the grace window, and after it."""
    _, token = await started(store)
    swap, _ = swap_of(token, NOW, grace=10)
    for _ in range(2):
        await store.swap(swap)
    await store.swap(swap_of(token, NOW + 60)[0])


async def log_in_beyond_the_limit(store):
    session, token = begin("bob")
    await store.start(session, token.digest, max_sessions=2)


async def check(store):
    session, _ = await started(store)
    await store.get(session.id, NOW)
    await store.is_revoked(session.id, "token-1", NOW)


async def list_and_end(store):
    session, _ = await started(store)
    await store.page("ada", NOW, 20)
    await store.revoke(session.id, NOW)
    await store.revoke_all("ada", NOW)


async def revoke_token(store):
    await store.revoke_token("token-1", NOW + 900, NOW)


async def list_many(store):
    """A user with many sessions: 20 of them."""
    await store.page(CROWD, NOW, 20)


async def feed(store):
    async with following(store):
        await store.revoke_token("token-1", NOW + 900, NOW)


@pytest.fixture
async def place(postgres_url):
    """A database with many rows."""
    async with opened(postgres_url) as store:
        await store.open()
    link = await asyncpg.connect(postgres_url, ssl=False)
    await link.execute(FILL)
    await link.close()
    return postgres_url


@asynccontextmanager
async def opened(url):
    store = SQLSessionStore(url, timeout=PATIENCE, feed_interval=0.05)
    yield store
    await store.close()


async def scanned(url):
    """Return how many rows sequential scans have read.

    A server process reports them when it ends, at the latest.
    """
    link = await asyncpg.connect(url, ssl=False)
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND datname = current_database() AND backend_type = 'client backend'"
    )
    while await link.fetchval(others):
        await asyncio.sleep(0.01)
    count = await link.fetchval(
        "SELECT sum(seq_tup_read) FROM pg_stat_user_tables"
    )
    await link.close()
    return count


@pytest.mark.parametrize(
    "step",
    sample(
        [
            refresh,
            log_in_beyond_the_limit,
            check,
            list_and_end,
            list_many,
            revoke_token,
            feed,
        ],
        *(refresh, check),
    ),
)
async def test_no_table_is_read_from_end_to_end(place, step):
    before = await scanned(place)
    async with opened(place) as store:
        for _ in range(TIMES):
            await step(store)
    assert await scanned(place) == before


async def test_a_sequential_scan_would_be_noticed(place):
    before = await scanned(place)
    link = await asyncpg.connect(place, ssl=False)
    await link.fetch("SELECT count(*) FROM jwt_sessions WHERE label = 'y'")
    await link.close()
    assert await scanned(place) == before + SESSIONS
