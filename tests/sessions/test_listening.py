"""The feed of PostgreSQL: revocations are pushed, and read where they are not.

A feed that is pushed reads its log once in 40 seconds here, so what it learns
between two reads was pushed.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import RevocationFeed, SQLSessionStore
from sanic_jwt_oo.sessions.sql import listening
from sanic_jwt_oo.sessions.sql.schema import revocations

from .conformance import NOW, PATIENCE, begin, started, swap_of, until
from .pgbouncer import pgbouncer
from .redis_wire import Wire

pytestmark = pytest.mark.requirement("R1")

RARE, OFTEN = 20.0, 0.05
"""Intervals of a feed, in seconds."""


@asynccontextmanager
async def opened(place, feed_interval=RARE, **options):
    """Yield a store, closed afterwards."""
    options = {"timeout": PATIENCE, **options}
    store = SQLSessionStore(place, feed_interval=feed_interval, **options)
    try:
        yield store
    finally:
        await store.close()


class CountedFeed(RevocationFeed):
    """Counts how often its store was read to the end."""

    reads = 0

    def confirm(self, moment):
        self.reads += 1
        super().confirm(moment)


@asynccontextmanager
async def followed(store):
    """Yield a current feed of a store."""
    feed = CountedFeed(store.staleness)
    following = asyncio.create_task(feed.follow(store))
    try:
        await until(lambda: feed.is_current)
        yield feed
    finally:
        await feed.end(following)


@pytest.fixture
async def store(postgres_url):
    async with opened(postgres_url) as store:
        yield store


@pytest.fixture
async def feed(postgres_url):
    """The feed of another worker."""
    async with opened(postgres_url) as store, followed(store) as feed:
        yield feed


# --- what is pushed ---------------------------------------------------------


async def revoke(store):
    session, _ = await started(store)
    await store.revoke(session.id, NOW)
    return {session.id: session.access_until}


async def revoke_user(store):
    ended = [await started(store) for _ in range(3)]
    await store.revoke_all("ada", NOW)
    return {session.id: session.access_until for session, _ in ended}


async def revoke_everyone(store):
    ended = [await started(store, user) for user in range(3)]
    async for _ in store.revoke_everyone(NOW):
        pass
    return {session.id: session.access_until for session, _ in ended}


async def log_in_once_more(store):
    session, _ = await started(store)
    new, token = begin(now=NOW + 1)
    await store.start(new, token.digest, max_sessions=1)
    return {session.id: session.access_until}


async def use_a_token_again(store):
    session, token = await started(store)
    await store.swap(swap_of(token, NOW, 0)[0])
    await store.swap(swap_of(token, NOW + 1, 0)[0])
    return {session.id: NOW + 900}


async def revoke_token(store):
    await store.revoke_token('"\0token', NOW + 999, NOW)
    return {'"\0token': NOW + 999}


async def revoke_many(store):
    """More than one notification can name."""
    store.step = 400
    ended = await asyncio.gather(*(started(store) for _ in range(230)))
    await store.revoke_all("ada", NOW)
    return {session.id: session.access_until for session, _ in ended}


@pytest.mark.parametrize(
    "step",
    [
        revoke,
        revoke_user,
        revoke_everyone,
        log_in_once_more,
        use_a_token_again,
        revoke_token,
        revoke_many,
    ],
)
async def test_a_revocation_is_pushed_without_a_read(store, feed, step):
    revoked = await step(store)
    await until(lambda: feed.revoked.keys() >= revoked.keys())
    assert {i: feed.revoked[i] for i in revoked} == revoked
    assert feed.reads == 1


async def test_a_revocation_that_is_rolled_back_is_not_pushed(
    store, feed, postgres_url
):
    await started(store)
    engine = engine_of(postgres_url)
    async with engine.begin() as connection:
        for statement in (
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN RAISE ''no''; END'",
            "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON jwt_revocations "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            "WHEN (NEW.revoked_id = 'refused') EXECUTE FUNCTION refuse()",
        ):
            await connection.execute(text(statement))
    await engine.dispose()
    with pytest.raises(SessionStoreUnavailable):
        await store.revoke_token("refused", NOW + 999, NOW)
    await store.revoke_token("token-1", NOW + 999, NOW)
    await until(lambda: "token-1" in feed.revoked)
    assert feed.revoked.keys() == {"token-1"}


async def test_what_is_too_long_to_be_pushed_is_read(postgres_url):
    async with opened(postgres_url, OFTEN) as store, followed(store) as feed:
        await store.revoke_token("x" * 9_000, NOW + 999, NOW)
        await until(lambda: "x" * 9_000 in feed.revoked)


async def test_what_a_worker_of_an_older_release_revokes_is_read(postgres_url):
    """It sends no notifications."""
    engine = engine_of(postgres_url)
    async with opened(postgres_url, OFTEN) as store, followed(store) as feed:
        row = {"revoked_id": "old", "revoked": NOW, "until": NOW + 999}
        async with engine.begin() as connection:
            await connection.execute(insert(revocations).values(row))
        await until(lambda: "old" in feed.revoked)
    await engine.dispose()


@pytest.mark.parametrize(
    "payload",
    ["", "x", "[]", "7", '{"x": []}', '{"x": null}', '{"\\"": 1}', "[" * 7000],
)
async def test_a_strange_notification_is_ignored(store, feed, payload):
    channel = (await query(store, f"SELECT {listening.CHANNEL}"))[0][0]
    await query(store, f"SELECT pg_notify('{channel}', '{payload}')")
    await store.revoke_token("token-1", NOW + 999, NOW)
    await until(lambda: "token-1" in feed.revoked)
    assert feed.revoked.keys() == {"token-1"}


async def test_another_table_of_the_database_has_another_channel(
    store, feed, postgres_url
):
    await query(store, "CREATE SCHEMA two")
    engine = create_async_engine(
        asynchronous(postgres_url),
        connect_args={"server_settings": {"search_path": "two"}},
    )
    async with opened(engine) as other:
        await other.revoke_token("other", NOW + 999, NOW)
        await store.revoke_token("token-1", NOW + 999, NOW)
        await until(lambda: "token-1" in feed.revoked)
        assert feed.revoked.keys() == {"token-1"}
    await engine.dispose()


async def test_a_connection_that_has_listened_is_not_used_again(store):
    async with followed(store):
        pass
    found = "SELECT count(*) FROM pg_listening_channels()"
    assert await query(store, found) == [(0,)]


# --- lost connections -------------------------------------------------------


async def test_a_lost_connection_is_noticed_and_nothing_is_missed(
    store, feed, postgres, postgres_url
):
    for number in range(2):
        reads = feed.reads
        await postgres.cut(postgres_url.rpartition("/")[2])
        with suppress(SessionStoreUnavailable):
            await store.revoke_token(f"a-{number}", NOW + 999, NOW)
        await store.revoke_token(f"b-{number}", NOW + 999, NOW)
        await until(lambda: feed.is_current and feed.reads > reads)  # noqa: B023
        await until(lambda: f"b-{number}" in feed.revoked)  # noqa: B023
        await store.revoke_token(f"c-{number}", NOW + 999, NOW)
        await until(lambda: f"c-{number}" in feed.revoked)  # noqa: B023


@pytest.mark.long
async def test_a_silent_connection_is_noticed_within_the_bound(
    store, postgres, postgres_url
):
    async with Wire(postgres.port) as wire:
        url = make_url(postgres_url).set(port=wire.port).render_as_string()
        async with opened(url, 0.2, timeout=1.0) as far, followed(far) as feed:
            wire.hush()
            silent = time.monotonic()
            await store.revoke_token("token-1", NOW + 999, NOW)
            assert "token-1" not in feed.revoked
            await until(lambda: not feed.is_current)
            assert feed._current_until <= silent + far.staleness
            await until(lambda: feed.is_current)
            assert "token-1" in feed.revoked


# --- where nothing is pushed ------------------------------------------------


async def test_a_feed_that_does_not_listen_holds_no_connection(postgres_url):
    options = {"listen": False}
    async with (
        opened(postgres_url, OFTEN, **options) as store,
        followed(store) as feed,
    ):
        pool = store._database.current.engine.pool
        await until(lambda: pool.checkedout() == 0)
        await store.revoke_token("token-1", NOW + 999, NOW)
        await until(lambda: "token-1" in feed.revoked)
        assert feed.reads > 1
        found = (
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE "
            "'LISTEN%' AND datname = current_database()"
        )
        assert await query(store, found) == [(0,)]


async def test_a_store_that_does_not_listen_sends_no_notifications(
    store, feed, postgres_url
):
    async with opened(postgres_url, listen=False) as other:
        await other.revoke_token("token-1", NOW + 999, NOW)
    await store.revoke_token("token-2", NOW + 999, NOW)
    await until(lambda: "token-2" in feed.revoked)
    assert "token-1" not in feed.revoked


async def test_a_pooler_that_loses_notifications_is_noticed(
    store, postgres, postgres_url, caplog
):
    """It loses prepared statements, too, so that a read may fail."""
    warning = "Notifications of"
    async with (
        pooled(postgres, postgres_url, "transaction") as engine,
        opened(engine, OFTEN) as other,
    ):
        for number in range(2):
            async with followed(other) as feed:
                await until(lambda: warning in caplog.text)
                token = f"token-{number}"
                await store.revoke_token(token, NOW + 999, NOW)
                await until(lambda: token in feed.revoked)  # noqa: B023
                await until(lambda: feed.reads > 8)
    (line,) = (line for line in caplog.messages if warning in line)
    assert "session mode" in line
    assert "0.05 seconds" in line


async def test_a_pooler_in_session_mode_pushes(
    postgres, postgres_url, store, caplog
):
    async with (
        pooled(postgres, postgres_url, "session") as engine,
        opened(engine) as other,
        followed(other) as feed,
    ):
        await store.revoke_token("token-1", NOW + 999, NOW)
        await until(lambda: "token-1" in feed.revoked)
        assert feed.reads == 1
    assert not caplog.messages


@asynccontextmanager
async def pooled(postgres, postgres_url, mode):
    """Yield an engine for PgBouncer, without prepared statements."""
    with (
        TemporaryDirectory() as folder,
        pgbouncer(postgres, mode, Path(folder)) as pooler,
    ):
        engine = create_async_engine(
            make_url(asynchronous(postgres_url)).set(port=pooler.port),
            poolclass=NullPool,
            connect_args={
                "statement_cache_size": 0,
                "prepared_statement_cache_size": 0,
                "prepared_statement_name_func": lambda: f"__{uuid4()}__",
            },
        )
        yield engine
        await engine.dispose()


def asynchronous(url):
    return url.replace("postgresql", "postgresql+asyncpg", 1)


def engine_of(url):
    return create_async_engine(asynchronous(url))


async def query(store, statement):
    async def work(connection):
        result = await connection.exec_driver_sql(statement)
        return [*map(tuple, result)] if result.returns_rows else []

    return await store._database.read(work)
