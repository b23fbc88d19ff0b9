"""A cancelled caller: operations stay atomic, and no one else is blocked.

Sanic cancels a handler when its client disconnects. The timeout of stores is
thirty seconds here, so a lock or connection that is never released fails a
test, however slow the machine is.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
from contextlib import asynccontextmanager

import pytest
import redis.asyncio
from sqlalchemy.ext.asyncio import create_async_engine

from sanic_jwt_oo.sessions import (
    MemorySessionStore,
    Outcome,
    RedisSessionStore,
    RevocationFeed,
    SQLSessionStore,
)
from sanic_jwt_oo.sessions.sql.schema import metadata
from tests.effort import MERCY, THOROUGH, sample
from tests.security.server import served

from .conformance import NOW, PATIENCE, begin, started, swap_of, until
from .shop import Shop, app_of

pytestmark = pytest.mark.requirement("R11")

TURNS = range(0, 60, 1 if THOROUGH else 3)
"""After how many turns of the event loop a caller is cancelled."""
FEW = {"timeout": PATIENCE, "feed_interval": 0.05}


def engine_of(url):
    scheme, _, rest = url.partition("://")
    driver = {"sqlite": "aiosqlite", "postgresql": "asyncpg"}[scheme]
    return create_async_engine(f"{scheme}+{driver}://{rest}")


@asynccontextmanager
async def opened(name, url):
    """Yield a store, and a function: whether all connections are returned."""
    kind, _, owner = name.partition("-")
    if kind == "memory":
        yield MemorySessionStore(), lambda: True
    elif kind == "redis_cluster":
        yield RedisSessionStore(url, cluster=True, **FEW), lambda: True
    elif kind == "redis":
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url, decode_responses=True, max_connections=5
        )
        store = RedisSessionStore(
            lambda: redis.asyncio.Redis.from_pool(pool), **FEW
        )
        yield store, lambda: not pool._in_use_connections
    else:
        engine = engine_of(url) if owner else None
        store = SQLSessionStore(engine or url, **FEW)
        pool = (engine or store._database.current.engine).pool

        def is_idle():
            busy = store._database.current._operations._running
            return pool.checkedout() == 0 and not busy

        yield store, is_idle
        if engine is not None:
            await engine.dispose()


NAMES = [
    "memory",
    "sqlite",
    "sqlite-engine",
    "postgres",
    "postgres-engine",
    "redis",
    "redis_cluster",
]


@pytest.fixture(params=sample(NAMES, "memory", "sqlite", "postgres", "redis"))
def name(request):
    return request.param


@pytest.fixture
def url(name, request):
    kind = name.partition("-")[0]
    return kind == "memory" or request.getfixturevalue(f"{kind}_url")


@pytest.fixture
async def place(name, url, caplog):
    """A store; the test fails if it leaves something over."""
    async with opened(name, url) as (store, is_idle):
        await store.open()
        yield store
        await until(is_idle)
        await store.close()
    await nothing_is_left(caplog)


async def nothing_is_left(caplog):
    """Assert that no task is left, and no task or connection was lost."""
    # the first to be closed may take longer than the last
    ends = time.monotonic() + MERCY
    while asyncio.all_tasks() != {asyncio.current_task()}:
        assert time.monotonic() < ends, asyncio.all_tasks()
        await asyncio.sleep(0.005)
    assert [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING
    ] == []


@pytest.fixture
def store(place):
    return place


async def cancelled(work, turns: int) -> bool:
    """Cancel a call after some turns; return whether it was in time."""
    task = asyncio.create_task(work)
    for _ in range(turns):
        await asyncio.sleep(0)
    was_under_way = task.cancel()
    await asyncio.wait({task})
    # the caller must see a cancellation, and nothing else
    assert task.cancelled() is was_under_way
    return was_under_way


async def known_to_a_feed(store):
    """Return the revocations that a new feed receives."""
    feed = RevocationFeed(PATIENCE)
    following = asyncio.create_task(feed.follow(store))
    await until(lambda: feed.is_current)
    await feed.end(following)
    return feed.revoked


async def settled(store):
    """Wait for operations that continue without their caller."""
    await store.close()
    await store.open()


async def test_a_cancelled_start_is_atomic(store):
    begun = []
    for turns in TURNS:
        session, token = begin("ada")
        await cancelled(store.start(session, token.digest), turns)
        begun.append((session, token))
        other, _ = await started(store, "bob")
        assert await store.get(other.id, NOW) == other
    await settled(store)
    listed = {session.id for session in await store.of_user("ada", NOW)}
    for session, token in begun:
        exists = await store.get(session.id, NOW) is not None
        assert exists is (session.id in listed)
        outcome = await store.swap(swap_of(token, NOW)[0])
        assert outcome is (Outcome.SWAPPED if exists else Outcome.REFUSED)


async def test_a_cancelled_swap_is_atomic_and_does_not_block_the_next(store):
    for turns in TURNS:
        session, token = await started(store)
        swap, successor = swap_of(token, NOW)
        await cancelled(store.swap(swap), turns)
        retried = await store.swap(swap)
        assert retried in (Outcome.SWAPPED, Outcome.AGAIN)
        swap, _ = swap_of(successor, NOW)
        assert await store.swap(swap) is Outcome.SWAPPED
        assert await store.get(session.id, NOW) is not None


async def test_a_cancelled_end_of_a_session_by_reuse_is_atomic(store):
    used = []
    for turns in TURNS:
        session, token = await started(store)
        swap, _ = swap_of(token, NOW, grace=0)
        await store.swap(swap)
        await cancelled(store.swap(swap), turns)
        await started(store, "bob")
        used.append(session)
    await settled(store)
    told = await known_to_a_feed(store)
    for session in used:
        living = await store.get(session.id, NOW) is not None
        assert living is not (session.id in told)


async def test_a_cancelled_revocation_is_atomic(store):
    revoked = []
    for turns in TURNS:
        session, _ = await started(store)
        await cancelled(store.revoke(session.id, NOW), turns)
        other, _ = await started(store, "bob")
        assert await store.revoke(other.id, NOW)
        revoked.append(session)
    await settled(store)
    told = await known_to_a_feed(store)
    for session in revoked:
        living = await store.get(session.id, NOW) is not None
        assert living is not (session.id in told)


async def test_a_cancelled_revocation_of_all_sessions_is_atomic(store):
    users = {}
    for turns in TURNS:
        user = f"user-{turns}"
        users[user] = [(await started(store, user))[0] for _ in range(3)]
        await cancelled(store.revoke_all(user, NOW), turns)
        await started(store, "bob")
        assert len(await store.revoke_all("bob", NOW)) == 1
    await settled(store)
    told = await known_to_a_feed(store)
    for user, sessions in users.items():
        living = len(await store.of_user(user, NOW))
        assert living in (0, 3)
        found = [session.id in told for session in sessions]
        assert found == [not living] * 3


async def test_a_cancelled_revocation_of_a_token_is_atomic(store):
    for turns in TURNS:
        work = store.revoke_token(f"token-{turns}", NOW + 999, NOW)
        await cancelled(work, turns)
        await store.revoke_token("another", NOW + 999, NOW)
    await settled(store)
    told = await known_to_a_feed(store)
    for turns in TURNS:
        token_id = f"token-{turns}"
        assert await store.is_revoked(None, token_id, NOW) is (
            token_id in told
        )


async def test_a_cancelled_read_returns_its_connection(store):
    session, _ = await started(store)
    for turns in TURNS:
        for read in (
            store.get(session.id, NOW),
            store.of_user("ada", NOW),
            store.is_revoked(session.id, "token-1", NOW),
        ):
            await cancelled(read, turns)
        assert await store.get(session.id, NOW) == session
        await started(store, "bob")


async def test_callers_waiting_for_a_connection_can_be_cancelled(store):
    session, token = await started(store)
    for turns in range(0, 60, 7):
        tasks = []
        for number in range(40):
            tasks += [
                asyncio.create_task(store.get(session.id, NOW)),
                asyncio.create_task(started(store, f"user-{number}")),
            ]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        swap, token = swap_of(token, NOW)
        assert await store.swap(swap) is Outcome.SWAPPED
        assert await store.get(session.id, NOW) is not None
        await asyncio.wait(tasks)
        assert all(task.cancelled() or task.result() for task in tasks)


async def test_a_feed_can_end_at_any_time(store):
    for turns in TURNS:
        feed = RevocationFeed(PATIENCE)
        following = asyncio.create_task(feed.follow(store))
        for _ in range(turns):
            await asyncio.sleep(0)
        await feed.end(following)
        assert following.cancelled()
        await started(store)


async def test_open_and_close_may_be_cancelled(name, url, caplog):
    """While tables are created, and while connections are closed."""
    for turns in TURNS:
        if name.startswith(("sqlite", "postgres")):
            await without_tables(url)
        async with opened(name, url) as (store, _):
            await cancelled(store.open(), turns)
            await started(store)
            await cancelled(store.close(), turns)
            session, _ = await started(store)
            assert await store.get(session.id, NOW) == session
            await store.close()
    await nothing_is_left(caplog)


async def without_tables(url):
    engine = engine_of(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
    await engine.dispose()


@pytest.mark.parametrize("name", ["sqlite", "sqlite-engine"])
async def test_callers_waiting_for_another_process_can_be_cancelled(name, url):
    async with opened(name, url) as (store, is_idle):
        session, token = await started(store)
        path = url.removeprefix("sqlite:///")
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            writes = [
                asyncio.create_task(started(store, "bob")) for _ in range(9)
            ]
            await asyncio.sleep(0.05)  # long enough for the first to begin
            for write in writes:
                write.cancel()
            await asyncio.wait(writes)
            assert all(write.cancelled() for write in writes)
            other.execute("COMMIT")
        other.close()
        assert await store.swap(swap_of(token, NOW)[0]) is Outcome.SWAPPED
        # none had begun to write
        assert await store.of_user("bob", NOW) == []
        assert await store.get(session.id, NOW) is not None
        await until(is_idle)
        await store.close()


async def test_close_waits_for_a_cancelled_write(sqlite_url):
    """An operation that continues keeps its connection to the end."""
    store = SQLSessionStore(sqlite_url, **FEW)
    await store.open()
    for turns in range(4, 60, 3):
        session, token = begin("ada")
        await cancelled(store.start(session, token.digest), turns)
        await store.close()
        with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as file:
            file.execute("BEGIN IMMEDIATE")
        file.close()


async def test_everything_can_be_cancelled_with_its_loop(name, url):
    """`asyncio.run` cancels the tasks of a store too, before it ends."""
    for turns in range(0, 60, 2):
        async with opened(name, url) as (store, _):
            await store.open()
            before = asyncio.all_tasks()
            session, token = begin("ada")
            write = asyncio.create_task(store.start(session, token.digest))
            for _ in range(turns):
                await asyncio.sleep(0)
            tasks = asyncio.all_tasks() - before
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert write.done()
            other, _ = await started(store)
            assert await store.get(other.id, NOW) == other
            await store.close()


async def test_200_clients_that_disconnect_block_no_others(name, url, caplog):
    async with opened(name, url) as (store, is_idle):
        auth = Shop(session_store=store, refresh_token_grace=60)
        async with served(app_of(auth)) as server:
            refresh = await log_in(server)
            for number in range(200):
                path, body = (
                    ("/auth/refresh", {"refresh_token": refresh})
                    if number % 2
                    else ("/auth", {"username": "bob"})
                )
                _, writer = await asyncio.open_connection(
                    "127.0.0.1", server.port
                )
                writer.write(post(path, body))
                for _ in range(number // 2):
                    await asyncio.sleep(0)
                writer.transport.abort()
                if number % 10 == 9:
                    refresh = await log_in(server)
            await log_in(server)
        await until(is_idle)
        await store.close()
    await nothing_is_left(caplog)


def post(path, body):
    text = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: shop.example\r\n"
        "Accept: application/json\r\n"
        f"Content-Length: {len(text)}\r\n\r\n"
    )
    return head.encode() + text


async def log_in(server):
    connection = await server.connect()
    status, _, body = await connection.send(post("/auth", {"username": "ada"}))
    assert status == 200, body
    return json.loads(body)["refresh_token"]
