"""W5: open sockets cost bounded memory, and neither tasks nor polling."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from sanic_jwt_oo.sessions import MemorySessionStore
from sanic_jwt_oo.sockets.deadlines import Deadlines

from .living import Auth, closing, echo, feed, opened, respond, settled
from .serving import served

pytestmark = pytest.mark.requirement("W5")


@pytest.fixture
def auth(app):
    auth = Auth(session_store=MemorySessionStore()).install(app)
    feed(app, auth)
    app.add_websocket_route(echo, "/open", name="open")
    return auth


def timers() -> int:
    """Return how many timers the event loop has, of this package."""
    scheduled = asyncio.get_running_loop()._scheduled
    return sum(
        not handle.cancelled() and "SocketWatch" in repr(handle._callback)
        for handle in scheduled
    )


async def test_sockets_have_one_timer_and_no_task(app, auth):
    count = 50
    async with served("sanic", app) as port, AsyncExitStack() as stack:
        token = await auth.token()
        tasks = []
        for path in ("/open", "/feed"):
            before = len(asyncio.all_tasks())
            for _ in range(count):
                await stack.enter_async_context(opened(port, token, path))
            tasks.append(len(asyncio.all_tasks()) - before)
        assert tasks[0] == tasks[1]
        assert len(auth.watching) == count
        assert timers() == 1
        async with opened(port, token):
            pass
        await settled(lambda: len(auth.watching) == count)
        assert timers() == 1
    assert timers() == 0


async def test_many_sessions_end_and_no_others(app, auth):
    async with served("sanic", app) as port, AsyncExitStack() as stack:
        ended, kept = [], []
        for number in range(200):
            tokens = await auth.issue_tokens({"user_id": number})
            ws = await stack.enter_async_context(
                opened(port, tokens.access_token)
            )
            (ended if number % 4 == 0 else kept).append((tokens, ws))
        await asyncio.gather(
            *(auth.sessions.revoke(tokens.session_id) for tokens, _ in ended)
        )
        for _, ws in ended:
            assert await closing(ws) == (3000, "revoked")
        for _, ws in kept:
            await respond(ws)
        assert len(auth.watching) == len(kept)
        assert len(auth.watching._revocations._sockets) == 2 * len(kept)


async def test_nothing_is_kept_of_sockets_that_are_closed(app, auth):
    async with served("sanic", app) as port:
        for _ in range(300):
            async with opened(port, await auth.token()):
                pass
        watching = auth.watching
        await settled(lambda: len(watching) == 0)
        assert not watching._revocations._sockets
        assert len(watching._deadlines._heap) <= 64


def test_deadlines_that_do_not_count_are_dropped():
    deadlines: Deadlines[int] = Deadlines()
    for time in range(10_000):
        deadlines.set(time % 10, time)
    assert len(deadlines._heap) <= 2 * 10 + 64
    assert deadlines.due(9_995) == [0, 1, 2, 3, 4, 5]
    assert len(deadlines) == 4
    for number in range(10):
        deadlines.discard(number)
    assert deadlines.due(20_000) == []


def test_deadlines_that_were_removed_are_dropped():
    deadlines: Deadlines[int] = Deadlines()
    for number in range(10_000):
        deadlines.set(number, number)
    for number in range(10_000):
        deadlines.discard(number)
    assert len(deadlines._heap) <= 64


async def test_nothing_is_kept_of_event_loops_that_are_closed(auth):
    async def use() -> None:
        assert len(auth.watching) == 0

    mine = auth.watching
    await asyncio.to_thread(asyncio.run, use())
    watches = auth._sanic_jwt_oo.watches
    assert len(watches) == 2
    await asyncio.to_thread(asyncio.run, use())
    assert len(watches) == 2
    assert auth.watching is mine
