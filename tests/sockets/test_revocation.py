"""W3: an open socket is closed when its session or token is revoked."""

from __future__ import annotations

import asyncio
import threading
import time
from types import SimpleNamespace

import httpx
import pytest
from websockets.asyncio.client import connect

from sanic_jwt_oo.sessions import (
    MemorySessionStore,
    RedisSessionStore,
    RevocationFeed,
)
from sanic_jwt_oo.sockets import revocations
from tests.sessions.servers import redis_server
from tests.sessions.workers import STORES

from .living import ADA, Auth, closing, echo, feed, opened, respond, settled
from .serving import NO_PROXY, SERVERS, served

pytestmark = pytest.mark.requirement("W3")


@pytest.fixture
def auth(app):
    auth = Auth(session_store=MemorySessionStore()).install(app)
    feed(app, auth)
    return auth


@pytest.mark.parametrize("server", SERVERS)
async def test_the_end_of_a_session_closes_its_sockets(app, auth, server):
    async with served(server, app) as port:
        one, other = [await auth.issue_tokens(ADA) for _ in range(2)]
        async with (
            opened(port, one.access_token) as first,
            opened(port, one.access_token) as second,
            opened(port, other.access_token) as third,
        ):
            await auth.sessions.revoke(one.session_id)
            assert await closing(first) == (3000, "revoked")
            assert await closing(second) == (3000, "revoked")
            await respond(third)


async def test_a_logout_closes_sockets(app, auth):
    async with served("sanic", app) as port:
        token = await auth.token()
        async with opened(port, token) as ws:
            async with httpx.AsyncClient() as client:
                response = await client.post(
                    f"http://127.0.0.1:{port}/auth/logout",
                    headers={"Authorization": f"Bearer {token}"},
                )
            assert response.status_code == 204
            assert await closing(ws) == (3000, "revoked")


@pytest.mark.parametrize("name", ["log_out", "log_out_everywhere"])
async def test_a_handler_that_logs_out_completes_the_logout(app, name):
    """It is cancelled meanwhile, as its own socket is closed."""
    told, closed = [], asyncio.Event()

    class Telling(Auth):
        async def on_logout(self, event):
            await closed.wait()
            told.append(event.user_id)

    auth = Telling(session_store=MemorySessionStore()).install(app)

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        await ws.send(await ws.recv())
        await ws.recv()
        await getattr(auth, name)(request)

    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        await ws.send("log out")
        assert await closing(ws) == (3000, "revoked")
        closed.set()
        await settled(lambda: told)
    assert told == [1]


async def test_one_revoked_token_closes_its_sockets(app, auth):
    async with (
        served("sanic", app) as port,
        opened(port, token := await auth.token()) as ws,
    ):
        await auth.sessions.revoke_token(await auth.verify_token(token))
        assert await closing(ws) == (3000, "revoked")


async def test_a_stolen_refresh_token_closes_sockets(app, auth):
    async with served("sanic", app) as port:
        tokens = await auth.issue_tokens(ADA)
        session = await auth.sessions.get(tokens.session_id)
        async with opened(port, tokens.access_token) as ws:
            auth.configure(refresh_token_grace=0)
            for _ in range(2):
                await auth.sessions.swap(
                    tokens.refresh_token, session, 0, auth.config
                )
            assert await closing(ws) == (3000, "revoked")


async def test_a_login_over_the_limit_closes_sockets(app):
    auth = Auth(session_store=MemorySessionStore(), max_sessions=1)
    auth.install(app)
    feed(app, auth)
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        await auth.token()
        assert await closing(ws) == (3000, "revoked")


@pytest.mark.parametrize("check", ["store", "feed"])
async def test_a_route_may_check_either_way(app, auth, check):
    feed(app, auth, "/route", revocation_check=check)
    async with served("sanic", app) as port:
        tokens = await auth.issue_tokens(ADA)
        async with opened(port, tokens.access_token, "/route") as ws:
            await auth.sessions.revoke(tokens.session_id)
            assert await closing(ws) == (3000, "revoked")


async def test_without_a_check_revocation_closes_nothing(app, auth):
    feed(app, auth, "/never", revocation_check="never")
    async with served("sanic", app) as port:
        tokens = await auth.issue_tokens(ADA)
        async with opened(port, tokens.access_token, "/never") as ws:
            await auth.sessions.revoke(tokens.session_id)
            await respond(ws)


@pytest.mark.requirement("X4")
@pytest.mark.parametrize("inner_checks", [True, False])
async def test_one_of_two_guards_checks(app, auth, inner_checks):
    never = {"revocation_check": "never"}
    outer, inner = (never, {}) if inner_checks else ({}, never)
    handler = auth.protected(**outer)(auth.protected(**inner)(echo))
    app.add_websocket_route(handler, "/two")
    tokens = await auth.issue_tokens(ADA)
    async with (
        served("sanic", app) as port,
        opened(port, tokens.access_token, "/two") as ws,
    ):
        await auth.sessions.revoke(tokens.session_id)
        assert await closing(ws) == (3000, "revoked")


async def test_a_revocation_by_a_thread_without_a_loop_closes_sockets(
    app, auth
):
    async with served("sanic", app) as port:
        tokens = await auth.issue_tokens(ADA)
        revoked = {tokens.session_id: time.time() + 900}
        async with opened(port, tokens.access_token) as ws:
            await asyncio.to_thread(auth.sessions.feed.add, revoked)
            assert await closing(ws) == (3000, "revoked")


async def test_a_revocation_by_another_thread_closes_sockets(app, auth):
    """An application may run in several event loops of one process."""
    async with served("sanic", app) as port:
        tokens = await auth.issue_tokens(ADA)
        async with opened(port, tokens.access_token) as ws:
            thread = threading.Thread(
                target=lambda: asyncio.run(
                    auth.sessions.revoke(tokens.session_id)
                )
            )
            thread.start()
            thread.join()
            assert await closing(ws) == (3000, "revoked")


async def test_a_revocation_before_the_watch_begins_is_seen(app, auth):
    """The store may learn of it while the handshake is made."""
    async with served("sanic", app) as port:
        tokens = await auth.issue_tokens(ADA)
        auth.sessions.feed.add({tokens.session_id: time.time() + 900})
        feed_ = auth.sessions.feed
        revoked, feed_.revoked = feed_.revoked, {}

        @app.signal("websocket.handler.before")
        async def learn(**_):
            feed_.revoked = revoked

        async with connect(
            f"ws://127.0.0.1:{port}/feed",
            additional_headers={
                "Authorization": f"Bearer {tokens.access_token}"
            },
            **NO_PROXY,
        ) as ws:
            assert await closing(ws) == (3000, "revoked")


# --- all stores -------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgres", "redis"])
def stores(request):
    """Two stores as two processes have them: they share only the server."""
    url = request.getfixturevalue(f"{request.param}_url")
    return [STORES[request.param](url) for _ in range(2)]


async def test_another_process_closes_sockets(app, stores):
    mine, theirs = stores
    auth = Auth(session_store=mine).install(app)
    feed(app, auth)
    async with served("sanic", app) as port:
        tokens = await auth.issue_tokens(ADA)
        async with opened(port, tokens.access_token) as ws:
            started = time.monotonic()
            await theirs.revoke(tokens.session_id, time.time())
            assert await closing(ws) == (3000, "revoked")
            assert time.monotonic() - started < mine.staleness + 10
    await theirs.close()


async def test_a_store_that_is_away_closes_sockets_little_by_little(
    app, auth, monkeypatch
):
    """After two `staleness` it begins; after three, none is open."""
    sessions = auth._sanic_jwt_oo.sessions
    moment = [time.monotonic()]
    clock = SimpleNamespace(monotonic=lambda: moment[0])
    monkeypatch.setattr(revocations, "time", clock)
    async with served("sanic", app) as port:
        tokens = [await auth.token() for _ in range(10)]
        async with (
            opened(port, tokens[0]) as first,
            opened(port, tokens[1]) as second,
            opened(port, tokens[2]) as third,
        ):
            sessions.feed.staleness = 3.0
            sessions.feed.confirmed = moment[0]
            moment[0] += 5.9
            auth.watching.check()
            assert len(auth.watching) == 3
            assert auth.watching._revocations.period == 3
            moment[0] += 0.2
            auth.watching.check()
            assert len(auth.watching) == 2
            assert auth.watching._revocations.period == 0.3
            assert await closing(first) == (1013, "unavailable")
            sessions.feed.confirmed = moment[0]
            auth.watching.check()
            await respond(second)
            moment[0] += 9
            auth.watching.check()
            assert await closing(second) == (1013, "unavailable")
            assert await closing(third) == (1013, "unavailable")


async def test_sockets_are_closed_evenly_while_the_store_is_away(
    monkeypatch,
):
    """A tenth of `staleness` is a step: half of it closes half of them."""

    class Socket:
        ids = ("session",)

    moment, closed = [100.0], []
    clock = SimpleNamespace(monotonic=lambda: moment[0])
    monkeypatch.setattr(revocations, "time", clock)
    sessions = SimpleNamespace(feed=RevocationFeed(10), follow=lambda: None)
    found = revocations.Revocations(
        sessions,
        lambda socket, *_: (closed.append(socket), found.discard(socket)),
    )
    for _ in range(100):
        found.add(Socket())
    counts = []
    for _ in range(31):
        moment[0] += 1
        found.check()
        counts.append(len(closed))
    assert counts[19] == 0  # two `staleness`
    assert 45 <= counts[24] <= 65
    assert counts[29] == 100


async def test_a_server_that_is_gone_closes_sockets(app, tmp_path):
    """Nobody knows any more whether the session has ended."""
    redis = redis_server(tmp_path / "redis")
    redis.start()
    store = RedisSessionStore(
        f"redis://127.0.0.1:{redis.port}", feed_interval=0.1
    )
    auth = Auth(session_store=store).install(app)
    feed(app, auth)
    feed(app, auth, "/never", revocation_check="never")
    try:
        async with served("sanic", app) as port:
            token = await auth.token()
            async with (
                opened(port, token) as checked,
                opened(port, token, "/never") as unchecked,
            ):
                redis.kill()
                assert await closing(checked) == (1013, "unavailable")
                await respond(unchecked)
    finally:
        redis.stop()


async def test_without_listeners_the_store_is_followed_all_the_same(
    app, auth, monkeypatch
):
    """A server without `lifespan` does not open the store at its start."""

    async def open_nothing(self):
        pass

    monkeypatch.setattr(type(auth.sessions), "open", open_nothing)
    async with served("sanic", app) as port:
        tokens = await auth.issue_tokens(ADA)
        assert not auth.sessions.feed.is_current
        async with opened(port, tokens.access_token) as ws:
            await settled(lambda: auth.sessions.feed.is_current)
            await auth.session_store.revoke(tokens.session_id, time.time())
            assert await closing(ws) == (3000, "revoked")
