import asyncio
import threading

import pytest

from sanic_jwt_oo.sessions import RevocationFeed, SQLSessionStore

from .conformance import PATIENCE, StoreConformance, until


@pytest.fixture
async def store(sqlite_url):
    store = SQLSessionStore(sqlite_url, feed_interval=0.05, timeout=PATIENCE)
    yield store
    await store.close()


@pytest.fixture
async def other(sqlite_url):
    store = SQLSessionStore(sqlite_url, feed_interval=0.05, timeout=PATIENCE)
    yield store
    await store.close()


class TestSQLite(StoreConformance):
    pass


def test_no_query_outlives_the_event_loop(tmp_path, monkeypatch):
    faults = []
    monkeypatch.setattr(threading, "excepthook", faults.append)

    async def leave_while_it_asks(number):
        store = SQLSessionStore(
            f"sqlite:///{tmp_path}/{number}.db", feed_interval=0.001
        )
        await store.open()
        feed = RevocationFeed(PATIENCE)
        following = asyncio.create_task(feed.follow(store))
        await until(lambda: feed.is_current)
        for _ in range(number % 7):
            await asyncio.sleep(0)
        await feed.end(following)
        await store.close()

    for number in range(60):
        asyncio.run(leave_while_it_asks(number))
    assert faults == []
