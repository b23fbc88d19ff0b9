"""Applications that share a store: the last one to stop closes it."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack

import pytest

from sanic_jwt_oo.sessions import MemorySessionStore
from tests.effort import sample
from tests.examples.serving import served

from .conformance import PATIENCE, until
from .shop import Device, Shop, app_of

pytestmark = pytest.mark.requirement("R11")


@pytest.fixture(
    params=sample(
        ["memory", "sqlite", "postgres", "redis", "redis_cluster"],
        *("memory", "sqlite", "redis"),
    )
)
def name(request):
    return request.param


@pytest.fixture
def store(make_store):
    return make_store()


@pytest.fixture(autouse=True)
def no_warning_is_logged(caplog):
    yield
    assert [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING
    ] == []


def shops(store, number):
    made = [Shop(session_store=store) for _ in range(number)]
    for shop in made:
        app_of(shop)
    return made


class Customers:
    """Query a shop continuously until `leave`."""

    def __init__(self, shop):
        self._shop = shop
        self._tasks = [asyncio.create_task(self._ask()) for _ in range(8)]
        self.asked = 0
        self._left = False

    async def _ask(self):
        while not self._left:
            await self._shop.sessions.list("ada")
            self.asked += 1
            await asyncio.sleep(0)

    async def more(self):
        goal = self.asked + 50
        await until(
            lambda: self.asked >= goal or any(t.done() for t in self._tasks)
        )

    async def leave(self):
        self._left = True
        await asyncio.gather(*self._tasks)


async def test_stopping_one_application_does_not_close_the_store_for_others(
    store,
):
    staff, public = shops(store, 2)
    await staff.sessions.open()
    await public.sessions.open()
    customers = Customers(public)
    await customers.more()
    await staff.sessions.close()
    await customers.more()
    assert store.in_use
    await until(lambda: public.sessions.feed.is_current)
    assert not staff.sessions.feed.is_current
    await customers.leave()
    await public.sessions.close()
    assert not store.in_use
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_application_started_twice_keeps_its_store_open(store):
    """As two test clients do."""
    auth = Shop(session_store=store)
    app = app_of(auth)
    async with AsyncExitStack() as first, AsyncExitStack() as second:
        await first.enter_async_context(served(app))
        device = Device(await second.enter_async_context(served(app)))
        assert (await device.log_in()).status_code == 200
        customers = Customers(auth)
        await customers.more()
        await first.aclose()
        await customers.more()
        await customers.leave()
        # revocations by another process still arrive
        await until(lambda: auth.sessions.feed.is_current)
        await store.revoke(device.claims["sid"], auth.clock())
        await until(lambda: device.claims["sid"] in auth.sessions.feed.revoked)
        assert await device.get("/feed") == 401
    assert not store.in_use
    assert not auth.sessions.feed.is_current


async def test_an_extra_close_is_harmless(store, caplog):
    staff, public = shops(store, 2)
    await staff.sessions.close()
    await public.sessions.open()
    customers = Customers(public)
    await customers.more()
    for _ in range(3):
        await staff.sessions.close()
        await customers.more()
    assert store.in_use
    await store.close()  # by the application itself
    await customers.more()
    await customers.leave()
    await until(lambda: public.sessions.feed.is_current)
    caplog.clear()  # closing ended the subscription of the feed
    for _ in range(3):
        await public.sessions.close()
    await public.sessions.list("ada")
    await public.sessions.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}


def test_loops_of_two_threads_share_only_the_store(store):
    [shop] = shops(store, 1)
    both_open, one_closed = threading.Barrier(2), threading.Barrier(2)

    async def run(stays):
        await shop.sessions.open()
        await asyncio.to_thread(both_open.wait, PATIENCE)
        if not stays:
            await shop.sessions.close()
            await asyncio.to_thread(one_closed.wait, PATIENCE)
            return
        customers = Customers(shop)
        await asyncio.to_thread(one_closed.wait, PATIENCE)
        await customers.more()
        await customers.leave()
        assert store.in_use
        await until(lambda: shop.sessions.feed.is_current)
        await shop.sessions.close()
        assert not store.in_use

    with ThreadPoolExecutor(2) as threads:
        for ended in [
            threads.submit(asyncio.run, run(stays)) for stays in (True, False)
        ]:
            ended.result()


async def test_an_application_that_never_started_can_close(store):
    """A script uses the sessions of an application without its server."""
    closed, close = [], store.close

    async def noted():
        closed.append(True)
        await close()

    store.close = noted
    script, shop = shops(store, 2)
    await script.sessions.list("ada")
    async with served(shop.app):
        await script.sessions.close()
        assert closed == []
    assert closed == [True]
    await script.sessions.list("ada")
    await script.sessions.close()
    assert closed == [True] * 2


async def test_a_failed_start_does_not_count_as_use(name):
    class Broken(MemorySessionStore):
        async def open(self):
            raise ValueError("misconfigured")

    store = Broken()
    [shop] = shops(store, 1)
    with pytest.raises(ValueError, match="misconfigured"):
        await shop.sessions.open()
    assert not store.in_use
    assert asyncio.all_tasks() == {asyncio.current_task()}
