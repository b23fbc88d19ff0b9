import asyncio
import sqlite3
import threading

import pytest

from sanic_jwt_oo.sessions import Outcome, RevocationFeed, SQLSessionStore

from .conformance import (
    NOW,
    PATIENCE,
    StoreConformance,
    started,
    swap_of,
    until,
)


@pytest.fixture
def name():
    return "sqlite"


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


@pytest.mark.requirement("R11")
@pytest.mark.parametrize("turns", [1, 5, 20, 60])
async def test_a_write_that_timed_out_on_a_lock_is_not_done_later(
    store, other, tmp_path, turns
):
    """The caller was told that it failed, and may retry."""
    session, token = await started(store)
    assert await other.get(session.id, NOW) == session
    holder = sqlite3.connect(tmp_path / "sessions.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(other.swap(swap_of(token, NOW)[0]))
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    holder.execute("ROLLBACK")
    holder.close()
    await other.close()  # waits for operations that have begun
    assert await store.swap(swap_of(token, NOW)[0]) is Outcome.SWAPPED
