"""Acknowledged writes survive faults of a server or a worker."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import Outcome, Session, SQLSessionStore
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken
from sanic_jwt_oo.sessions.sql.schema import sessions as table

from ..effort import THOROUGH
from .conformance import (
    NOW,
    PATIENCE,
    begin,
    found,
    started,
    swap_of,
    until,
)
from .crashes import assert_whole, following, kill_while_busy, revoked_in
from .redis_wire import Wire
from .workers import STORES, Worker

pytestmark = pytest.mark.requirement("R1")


@dataclass
class Load:
    """Logins, refreshes and logouts, and which were acknowledged."""

    store: SQLSessionStore
    living: dict[str, tuple[Session, RefreshToken]] = field(
        default_factory=dict
    )
    revoked: set[str] = field(default_factory=set)
    done: int = 0
    unavailable: int = 0
    others: list[BaseException] = field(default_factory=list)

    async def user(self, number: int) -> None:
        while True:
            try:
                await self._once(number)
                self.done += 1
            except SessionStoreUnavailable:
                self.unavailable += 1
                await asyncio.sleep(0.01)
            except Exception as exc:
                self.others.append(exc)
                await asyncio.sleep(0.01)

    async def _once(self, number: int) -> None:
        session, token = begin(number)
        await self.store.start(session, token.digest)
        self.living[session.id] = session, token
        for _ in range(2):
            swap, successor = swap_of(token, NOW)
            # without a response it is unknown whether it was swapped
            del self.living[session.id]
            outcome = await self.store.swap(swap)
            assert outcome in (Outcome.SWAPPED, Outcome.AGAIN), outcome
            token = successor
            self.living[session.id] = session, token
        if random.random() < 0.5:
            del self.living[session.id]
            ended = await self.store.revoke(session.id, NOW)
            assert session.id in ended
            self.revoked.add(session.id)

    async def more(self, number: int = 20) -> None:
        """Wait for some operations that succeed."""
        goal = self.done + number
        await until(lambda: self.done >= goal)

    async def check(self, store) -> None:
        """Assert that everything acknowledged is in the store."""
        assert not self.others, self.others[0]
        for session_id, (_, token) in [*self.living.items()]:
            assert await store.get(session_id, NOW) is not None
            swap, _ = swap_of(token, NOW + 100)
            assert await store.swap(swap) is Outcome.SWAPPED
        for session_id in self.revoked:
            assert await store.get(session_id, NOW) is None
            assert await store.is_revoked(session_id, None, NOW)


@asynccontextmanager
async def loaded(store, users=6):
    load = Load(store)
    tasks = [asyncio.create_task(load.user(n)) for n in range(users)]
    try:
        await load.more()
        yield load
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def store(postgres_url):
    store = SQLSessionStore(postgres_url, feed_interval=0.1, timeout=PATIENCE)
    yield store
    await store.close()


async def test_a_killed_server_loses_nothing(store, postgres):
    for _ in range(2):
        async with loaded(store) as load:
            postgres.kill()
            failed = load.unavailable
            await until(lambda: load.unavailable > failed + 20)  # noqa: B023
            await postgres.restart()
            await load.more()
        await load.check(store)
        assert load.living
        assert load.revoked


async def test_a_feed_is_current_again_after_a_crash(store, postgres):
    async with following(store) as feed:
        session, _ = await started(store)
        postgres.kill()
        await until(lambda: not feed.is_current)
        await postgres.restart()
        ended = None
        while ended is None:
            with suppress(SessionStoreUnavailable):
                ended = await store.revoke(session.id, NOW)
        await until(lambda: feed.is_current and session.id in feed.revoked)


async def test_dropped_connections_lose_nothing(store, postgres, postgres_url):
    database = postgres_url.rpartition("/")[2]
    async with loaded(store) as load:
        for _ in range(4):
            await postgres.cut(database)
            await load.more()
    await load.check(store)


async def test_dropped_idle_connections_are_replaced_unnoticed(
    store, postgres, postgres_url
):
    sessions = await asyncio.gather(*(started(store, n) for n in range(5)))
    await postgres.cut(postgres_url.rpartition("/")[2])
    for session, token in sessions:
        swap, _ = swap_of(token, NOW)
        assert await store.swap(swap) is Outcome.SWAPPED
        assert await store.get(session.id, NOW) is not None


async def test_connections_that_were_lost_are_forgotten(
    store, postgres, postgres_url
):
    session, _ = await started(store)
    direct = store._database.current._direct
    for _ in range(3):
        await postgres.cut(postgres_url.rpartition("/")[2])
        await until(lambda: all(d.is_closed() for d in direct.idle))
        assert await store.get(session.id, NOW) == session
    await until(lambda: [*direct.connections] == direct.idle)


@pytest.mark.requirement("R3")
async def test_a_swap_whose_response_is_lost_is_not_reuse(
    store, postgres, postgres_url
):
    session, token = await started(store)
    swap, successor = swap_of(token, NOW, 0)
    async with Wire(postgres.port) as wire:
        url = postgres_url.replace(f":{postgres.port}/", f":{wire.port}/")
        lossy = SQLSessionStore(url, timeout=PATIENCE)
        assert await lossy.get(session.id, NOW) == session
        wire.cut_at = successor.digest.encode()
        with pytest.raises(SessionStoreUnavailable):
            await lossy.swap(swap)
        assert wire.cuts == 1
        await lossy.close()
    assert await store.swap(swap_of(successor, NOW, 0)[0]) is Outcome.SWAPPED


async def test_after_a_lost_response_the_store_looks_what_was_done(
    store, postgres, postgres_url
):
    session, token = await started(store)
    swap, successor = swap_of(token, NOW)
    new, first = begin(label="to be lost")
    async with Wire(postgres.port) as wire:
        url = postgres_url.replace(f":{postgres.port}/", f":{wire.port}/")
        lossy = SQLSessionStore(url, timeout=PATIENCE)
        assert await lossy.get(session.id, NOW) == session
        wire.cut_at = successor.digest.encode()
        assert await lossy.swap(swap) is Outcome.AGAIN
        wire.cut_at = new.label.encode()
        assert [*await lossy.start(new, first.digest, 2)] == []
        assert wire.cuts == 2
        await lossy.close()
    assert await store.swap(swap_of(successor, NOW)[0]) is Outcome.SWAPPED
    assert await store.swap(swap_of(first, NOW)[0]) is Outcome.SWAPPED


async def test_a_server_that_hangs_is_unavailable(
    store, postgres, postgres_url
):
    session, _ = await started(store)
    hasty = SQLSessionStore(postgres_url, timeout=0.5)
    assert await found(hasty, session.id) == session
    postgres.pause()
    try:
        began = time.monotonic()
        results = await asyncio.gather(
            *(hasty.get(session.id, NOW) for _ in range(3)),
            *(started(hasty) for _ in range(3)),
            return_exceptions=True,
        )
        assert time.monotonic() - began < PATIENCE / 2
        assert {type(r) for r in results} == {SessionStoreUnavailable}
    finally:
        postgres.resume()
    assert await found(hasty, session.id) == session
    await hasty.close()


async def test_a_worker_that_stops_in_a_transaction_does_not_block_others(
    store, postgres_url
):
    session, token = await started(store)
    stopped = SQLSessionStore(postgres_url, timeout=1)
    assert await found(stopped, session.id) == session

    async def stop():
        async with stopped._database.current._transaction("") as connection:
            await connection.execute(select(table).with_for_update())
            swap, _ = swap_of(token, NOW)
            assert await store.swap(swap) is Outcome.SWAPPED
            await connection.commit()

    with pytest.raises(DBAPIError):
        await stop()
    await stopped.close()


@pytest.mark.long
async def test_a_connection_that_stops_responding_fails_one_call(
    postgres, postgres_url, monkeypatch
):
    async with Wire(postgres.port) as wire:
        url = make_url(postgres_url).set(port=wire.port)
        store = SQLSessionStore(url.render_as_string())
        lost = 2
        await asyncio.gather(*(store.get("none", NOW) for _ in range(lost)))
        wire.hush()
        monkeypatch.setattr(store._database.current, "_timeout", 0.5)
        for _ in range(lost):
            with suppress(SessionStoreUnavailable):
                await store.get("none", NOW)
        monkeypatch.undo()
        assert await store.get("none", NOW) is None
        # long before operations time out: the lost connections are given up
        limit = 0.8 * store._database.current._timeout
        await asyncio.wait_for(store.close(), limit)


async def test_a_cancelled_operation_breaks_nothing(store):
    session, token = await started(store)
    for number in range(40):
        swap, token_after = swap_of(token, NOW, grace=1e6)
        task = asyncio.create_task(store.swap(swap))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert await store.swap(swap) in (Outcome.SWAPPED, Outcome.AGAIN)
        token = token_after
    assert await store.get(session.id, NOW) is not None


@pytest.fixture(params=["sqlite", "postgres"])
def name(request):
    return request.param


async def test_a_killed_worker_leaves_no_partial_step(name, url):
    store = STORES[name](url)
    await store.open()
    chance = random.Random(7)
    try:
        for _ in range(4 if THOROUGH else 1):
            sessions = [await started(store, n) for n in range(12)]
            worker = await Worker.start(name, url)
            acknowledged = await kill_while_busy(worker, sessions, chance)
            revoked = await revoked_in(store)
            for session, token in sessions:
                await assert_whole(
                    store, session, token, revoked, acknowledged
                )
    finally:
        await store.close()
    if name == "sqlite":
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            checked = connection.execute("PRAGMA integrity_check").fetchone()
        connection.close()
        assert checked == ("ok",)
