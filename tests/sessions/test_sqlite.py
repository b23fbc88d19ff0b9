import asyncio
import sqlite3
import threading

import aiosqlite
import pytest
from sqlalchemy.exc import IntegrityError

from sanic_jwt_oo.sessions import Outcome, RevocationFeed, SQLSessionStore

from .conformance import (
    NOW,
    PATIENCE,
    StoreConformance,
    begin,
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


async def test_statements_that_wait_share_calls_of_a_thread(
    store, monkeypatch
):
    """Many clients at once: a call costs more than most statements do."""
    begun = [await started(store, f"user-{number}") for number in range(50)]
    calls = []
    execute = aiosqlite.Connection._execute

    async def noted(self, *arguments):
        calls.append(arguments)
        return await execute(self, *arguments)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", noted)
    found = await asyncio.gather(
        *(store.get(session.id, NOW) for session, _ in begun)
    )
    assert found == [session for session, _ in begun]
    assert len(calls) <= 5
    calls.clear()
    swaps = [swap_of(token, NOW)[0] for _, token in begun]
    outcomes = await asyncio.gather(*map(store.swap, swaps))
    assert outcomes == [Outcome.SWAPPED] * 50
    assert len(calls) <= 5


async def test_a_statement_that_fails_fails_alone(store):
    """It shares a transaction with others that succeed."""
    begun = [begin(f"user-{number}") for number in range(40)]
    session, token = begun[7]
    begun[17] = session, token
    results = await asyncio.gather(
        *(store.start(session, token.digest) for session, token in begun),
        return_exceptions=True,
    )
    failed = [n for n, result in enumerate(results) if result != []]
    assert failed == [17]
    assert isinstance(results[17], IntegrityError)
    for session, _ in begun:
        assert await store.get(session.id, NOW) == session


@pytest.mark.requirement("R11")
async def test_of_writes_that_wait_only_the_cancelled_ones_are_not_done(
    store, tmp_path
):
    begun = [begin(f"user-{number}") for number in range(60)]
    holder = sqlite3.connect(tmp_path / "sessions.db", isolation_level=None)
    await store.open()
    holder.execute("BEGIN IMMEDIATE")
    writes = [
        asyncio.create_task(store.start(session, token.digest))
        for session, token in begun
    ]
    await asyncio.sleep(0.05)  # long enough for the first to begin
    for write in writes[::2]:
        write.cancel()
    await asyncio.wait(writes[::2])
    holder.execute("ROLLBACK")
    holder.close()
    assert await asyncio.gather(*writes[1::2]) == [[]] * 30
    for number, (session, _) in enumerate(begun):
        expected = session if number % 2 else None
        assert await store.get(session.id, NOW) == expected


async def test_many_callers_share_two_connections(store):
    sessions = [(await started(store, f"user-{n}"))[0] for n in range(20)]
    await asyncio.gather(
        *(store.get(session.id, NOW) for session in sessions * 5),
        *(started(store, f"user-{number}") for number in range(100)),
    )
    assert len(store._database.current._direct.connections) == 2
