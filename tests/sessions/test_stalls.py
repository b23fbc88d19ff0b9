"""A store that hangs for seconds serves every client again afterwards."""

from __future__ import annotations

import asyncio
import signal

import pytest

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import RedisSessionStore, SQLSessionStore

from .conformance import NOW, PATIENCE, started
from .servers import redis_server

pytestmark = [pytest.mark.long, pytest.mark.requirement("R1")]

CLIENTS = 50
STALL = 5.0  # seconds


@pytest.fixture
def redis_of_its_own(tmp_path):
    server = redis_server(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["postgres", "redis"])
def stalling(request):
    """Return a store, and functions that stop and continue its server."""
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        url = request.getfixturevalue("postgres_url")
        return SQLSessionStore(url), server.pause, server.resume
    server = request.getfixturevalue("redis_of_its_own")
    return (
        RedisSessionStore(f"redis://127.0.0.1:{server.port}"),
        lambda: server.signal(signal.SIGSTOP),
        lambda: server.signal(signal.SIGCONT),
    )


async def test_after_a_stall_every_client_is_served_again(stalling):
    store, pause, resume = stalling
    session, _ = await started(store)
    served = [0] * CLIENTS
    others: list[BaseException] = []

    async def client(number):
        while True:
            try:
                assert await store.get(session.id, NOW) is not None
                served[number] += 1
            except SessionStoreUnavailable:
                await asyncio.sleep(0.01)
            except Exception as exc:
                others.append(exc)
                return

    clients = [asyncio.create_task(client(n)) for n in range(CLIENTS)]
    try:
        await asyncio.wait_for(_all_served(served), PATIENCE)
        pause()
        try:
            await asyncio.sleep(STALL)
        finally:
            resume()
        await asyncio.wait_for(_all_served(served), PATIENCE)
    finally:
        for task in clients:
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        await store.close()
    assert not others


async def _all_served(served):
    """Wait until every client has had one more response."""
    before = [*served]
    while any(a == b for a, b in zip(served, before, strict=True)):
        await asyncio.sleep(0.01)
