"""One store used in many event loops, as in tests and scripts.

Unless a test says so, the store is not closed before its loop ends. pytest
turns each warning of an open connection into a failure.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import uvloop
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import (
    Outcome,
    RevocationFeed,
    SQLSessionStore,
)
from tests.effort import sample

from .conformance import NOW, PATIENCE, begin, started, swap_of, until
from .servers import say, wait_for
from .workers import STORES

pytestmark = pytest.mark.requirement("R11")


@pytest.fixture(
    params=sample(
        ["memory", "sqlite", "postgres", "redis", "redis_cluster"],
        *("memory", "sqlite", "postgres", "redis"),
    )
)
def name(request):
    return request.param


@pytest.fixture
def store(make_store):
    return make_store()


@pytest.fixture(autouse=True)
def no_open_connections():
    gc.freeze()  # skip objects of other tests, which are slow to collect
    yield
    for _ in range(
        3
    ):  # objects finalised in one round are collected in the next
        gc.collect()
    gc.unfreeze()


async def use(store):
    """Use most methods, some of them concurrently."""
    session, token = await started(store)
    swap, _ = swap_of(token, NOW)
    outcomes = await asyncio.gather(*(store.swap(swap) for _ in range(7)))
    assert sorted(outcome.value for outcome in outcomes) == sorted(
        [Outcome.SWAPPED.value, *[Outcome.AGAIN.value] * 6]
    )
    assert await store.get(session.id, NOW) is not None
    assert await store.revoke(session.id, NOW)
    assert await store.is_revoked(session.id, None, NOW)


def run_with_uvloop(work):
    """Do what `uvloop.run` does, which is new in Python 3.11."""
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def run_by_hand(work):
    """Close a loop as older test fixtures do, without cancelling tasks."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


@pytest.mark.parametrize("run", [asyncio.run, run_by_hand, run_with_uvloop])
def test_every_loop_has_connections_of_its_own(store, run):
    for _ in range(5):
        run(use(store))


def test_loops_in_several_threads_can_use_one_store(store):
    at_once = threading.Barrier(3)

    async def use_often():
        await use(store)
        at_once.wait(PATIENCE)
        for _ in range(5):
            await use(store)

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: asyncio.run(use_often()), range(3)))


def test_closed_loops_are_forgotten(store, name, request):
    for _ in range(20):
        asyncio.run(use(store))
    if name == "memory":
        return
    owner = getattr(store, "_database", store)
    assert len(owner._connections._entries) == 1
    assert len(owner._connections._current) == 1
    if name == "redis":
        node = request.getfixturevalue("redis_node")
        wait_for(
            # those of one loop, and the one that asks
            lambda: say(node, "CLIENT", "LIST").count(b" addr=") <= 7 + 1,
            "the server to notice",
        )
    asyncio.run(store.close())


@pytest.mark.parametrize("run", [asyncio.run, run_by_hand])
def test_close_works_in_any_loop(store, run):
    run(use(store))
    run(store.close())
    run(store.close())
    run(use(store))

    async def close_after_use():
        await use(store)
        await store.close()
        await store.close()
        await use(store)
        await store.close()

    run(close_after_use())
    run(use(store))


def test_a_feed_ends_with_its_loop(store):
    async def listen():
        feed = RevocationFeed(PATIENCE)
        following = asyncio.create_task(feed.follow(store))
        await until(lambda: feed.is_current)
        return following

    for _ in range(3):
        assert asyncio.run(listen()).cancelled()
        asyncio.run(use(store))


@pytest.mark.parametrize("turns", sample(range(0, 60, 4), 4, 16, 32))
def test_a_write_interrupted_by_the_end_of_its_loop_is_atomic(store, turns):
    session, token = begin("ada")

    async def leave():
        await store.open()
        write = asyncio.create_task(store.start(session, token.digest))
        for _ in range(turns):
            await asyncio.sleep(0)
        return write

    async def look():
        living = await store.get(session.id, NOW) is not None
        outcome = await store.swap(swap_of(token, NOW)[0])
        assert outcome is (Outcome.SWAPPED if living else Outcome.REFUSED)
        await use(store)

    asyncio.run(leave())
    asyncio.run(look())


def test_a_discarded_store_leaves_nothing_open(name, url):
    if name == "memory":
        return

    def forget():
        store = STORES[name](url)
        asyncio.run(use(store))

    threads = threading.active_count()
    for _ in range(3):
        forget()
        gc.collect()
    wait_for(lambda: threading.active_count() == threads, "the threads")


@pytest.mark.parametrize(
    "name", sample(["sqlite", "postgres", "redis"], "sqlite")
)
def test_a_script_exits_without_a_warning(name, url):
    script = f"""
import asyncio
from tests.sessions.test_loops import use
from tests.sessions.workers import STORES

store = STORES[{name!r}]({url!r})
for _ in range(3):
    asyncio.run(use(store))
print("ok")
"""
    ended = subprocess.run(
        [
            *(sys.executable, "-W", "error"),
            # Sanic 24.12 imports a module of websockets by its former name
            *("-W", "ignore::DeprecationWarning", "-c", script),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("ok\n", "")


# --- an engine of the application, which is not made anew -------------------


@pytest.fixture(params=["sqlite", "postgres"])
def engine_url(request):
    url = request.getfixturevalue(f"{request.param}_url")
    return url.replace("sqlite:", "sqlite+aiosqlite:").replace(
        "postgresql:", "postgresql+asyncpg:"
    )


def test_a_disposed_engine_works_in_the_next_loop(engine_url):
    engine = create_async_engine(engine_url)
    store = SQLSessionStore(engine)

    async def use_and_dispose():
        await use(store)
        await store.close()
        await engine.dispose()

    for _ in range(3):
        asyncio.run(use_and_dispose())


def test_an_engine_without_a_pool_works_in_every_loop(engine_url):
    store = SQLSessionStore(
        create_async_engine(engine_url, poolclass=NullPool), timeout=PATIENCE
    )
    for _ in range(3):
        asyncio.run(use(store))


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_engine_of_another_loop_raises_only_our_error(engine_url, caplog):
    # a log record would keep lost objects alive for later tests
    caplog.set_level(logging.CRITICAL, "sanic_jwt_oo")
    engine = create_async_engine(engine_url)
    store = SQLSessionStore(engine)
    asyncio.run(use(store))

    async def use_what_is_lost():
        for work in (
            lambda: started(store),
            lambda: store.get("none", NOW),
            store.open,
            store.close,
        ):
            with suppress(SessionStoreUnavailable):
                await work()

    asyncio.run(use_what_is_lost())
    asyncio.run(use_what_is_lost())
    asyncio.run(engine.dispose(close=False))
