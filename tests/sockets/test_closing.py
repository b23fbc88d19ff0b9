"""How a socket is closed, whatever its handler and its client do."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from sanic import Blueprint
from sanic.exceptions import SanicException
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from sanic_jwt_oo.runtime import websocket_internals
from sanic_jwt_oo.sessions import MemorySessionStore
from sanic_jwt_oo.sockets.watching import SocketWatch

from .living import Auth, closing, echo, feed, opened, respond, settled
from .serving import KEY, NO_PROXY, SERVERS, served

pytestmark = pytest.mark.requirement("W3")


@pytest.fixture
def auth(app):
    return Auth(expiration_delta=100, leeway=0).install(app)


@pytest.mark.parametrize("server", SERVERS)
async def test_a_handler_that_waits_for_something_else_ends(app, auth, server):
    ended = []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        await ws.send(await ws.recv())
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(request)

    async with (
        served(server, app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.pass_time(101)
        assert await closing(ws) == (3000, "expired")
        await settled(lambda: ended)


@pytest.mark.parametrize("server", SERVERS)
async def test_a_handler_that_ignores_the_end_sends_nothing(app, auth, server):
    goes_on, sent = asyncio.Event(), []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        await ws.send(await ws.recv())
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        with suppress(asyncio.CancelledError):
            await goes_on.wait()
        with suppress(Exception):
            await ws.send("secret")
        sent.append(True)

    async with (
        served(server, app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.pass_time(101)
        messages = []
        with suppress(Exception):
            async for message in ws:
                messages.append(message)
        assert ws.protocol.close_code == 3000
        goes_on.set()
        await settled(lambda: sent)
        assert messages == []
        await settled(lambda: len(auth.watching) == 0)


async def test_what_a_client_sends_later_reaches_no_handler(app, auth):
    """A client may ignore the close frame, and go on."""
    received = []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        while True:
            received.append(await ws.recv())
            await ws.send(received[-1])

    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.pass_time(101)
        await ws.send("late")
        assert await closing(ws) == (3000, "expired")
    assert received == ["ping"]


async def test_the_closing_handshake_is_completed(app, auth):
    """Else the client might be reset before it has read the code."""
    sockets = []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        sockets.append(ws)
        await echo(request, ws)

    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.pass_time(101)
        await closing(ws)
        assert sockets[0].ws_proto.close_rcvd.code == 3000


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(websocket_internals, "_HANDSHAKE", 0.05)


async def deaf(port: int, token: str, limit: int = 1):
    """Open a socket, and do not read from it."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, limit=limit
    )
    writer.write(
        f"GET /feed HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n"
        f"Authorization: Bearer {token}\r\n\r\n".encode()
    )
    return reader, writer


@pytest.mark.parametrize("server", SERVERS)
async def test_a_handler_that_goes_on_receives_nothing(
    app, auth, server, impatient
):
    """Neither it nor the client cares that the socket is closed."""
    received, ended = [], []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        for _ in range(20):
            try:
                received.append(await ws.recv())
            except asyncio.CancelledError:
                received.append("cancelled")
            except SanicException:  # on Sanic's server
                break
        ended.append(True)

    async with served(server, app) as port:
        reader, writer = await deaf(port, await auth.token(), 1000)
        await reader.readuntil(b"\r\n\r\n")
        auth.pass_time(101)
        assert (await reader.readexactly(11)).endswith(b"expired")
        await settled(lambda: received)
        for _ in range(20):
            writer.write(b"\x81\x84\0\0\0\0late")
        await settled(lambda: ended)
        writer.close()
    assert {*received} <= {"cancelled", None}


async def test_a_client_that_does_not_answer_is_let_go(app, auth, impatient):
    feed(app, auth)
    async with served("sanic", app) as port:
        reader, writer = await deaf(port, await auth.token())
        await settled(lambda: len(auth.watching) == 1)
        auth.pass_time(101)
        received = b""
        while part := await reader.read(1000):
            received += part
        assert received.endswith(b"\x88\x09\x0b\xb8expired")  # 0x0bb8 is 3000
        writer.close()
        await settled(lambda: auth.ended)


async def test_a_client_that_does_not_read_is_let_go(app, auth, impatient):
    """Its handler waits in `send`, with the lock that `close` needs."""
    ended = []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        ws.close_timeout = 0.05
        try:
            while True:
                await ws.send("x" * 100_000)
        finally:
            ended.append(ws)

    async with served("sanic", app) as port:
        _, writer = await deaf(port, await auth.token())
        await settled(lambda: len(auth.watching) == 1)
        [socket] = auth.watching._sockets.values()
        await settled(lambda: not socket.ws.io_proto._can_write.is_set())
        auth.pass_time(101)
        await settled(lambda: ended)
        await settled(lambda: ended[0].connection_lost_waiter.done())
        writer.close()


@pytest.mark.parametrize("server", SERVERS)
async def test_a_server_stops_with_open_sockets(app, server):
    auth = Auth(session_store=MemorySessionStore()).install(app)
    feed(app, auth)
    async with served(server, app) as port:
        ws = await connect(
            f"ws://127.0.0.1:{port}/feed",
            additional_headers={
                "Authorization": f"Bearer {await auth.token()}"
            },
            **NO_PROXY,
        )
        await respond(ws)
    assert auth._sanic_jwt_oo.watches == {}
    assert auth._sanic_jwt_oo.sessions.feed._listeners == ()
    await ws.close()


async def test_a_hook_that_raises_stops_nothing(
    app, auth, monkeypatch, caplog
):
    async def raises(event):
        raise ValueError

    feed(app, auth)
    monkeypatch.setattr(auth, "on_socket_closed", raises)
    async with served("sanic", app) as port:
        token = await auth.token()
        async with opened(port, token) as one, opened(port, token) as two:
            auth.pass_time(101)
            assert await closing(one) == (3000, "expired")
            assert await closing(two) == (3000, "expired")
    raised = [r for r in caplog.records if "on_socket_closed" in r.message]
    assert len(raised) == 2


async def test_a_clock_that_raises_stops_no_timer(app, auth, monkeypatch):
    feed(app, auth)
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        now = auth.now
        monkeypatch.setattr(auth, "now", lambda: 1 / 0)
        auth.watching._wake()
        assert auth.watching._timer is not None
        monkeypatch.setattr(auth, "now", now)
        auth.ahead = 101
        auth.watching._wake()
        assert await closing(ws) == (3000, "expired")


async def test_two_installations_watch_one_socket(app, make_app):
    """Each closes it when its own token is over."""
    outer = Auth(
        url_prefix="/outer", authorization_header="x-outer", leeway=0
    ).install(app)
    inner = Auth(
        url_prefix="/inner",
        blueprint_name="inner",
        expiration_delta=100,
        leeway=0,
    ).install(app)

    @app.websocket("/feed")
    @outer.protected()
    @inner.protected()
    async def handler(request, ws):
        await echo(request, ws)

    async with served("sanic", app) as port:
        headers = {"X-Outer": f"Bearer {await outer.token()}"}
        async with opened(
            port, await inner.token(), additional_headers=headers
        ) as ws:
            assert len(outer.watching) == len(inner.watching) == 1
            inner.pass_time(101)
            assert await closing(ws) == (3000, "expired")
        await settled(lambda: len(outer.watching) == 0)
        assert outer.ended == []


async def test_an_application_that_stops_lets_another_be(make_app):
    """Both have the installation, on one blueprint, and one event loop."""
    blueprint = Blueprint("shop", url_prefix="/shop")
    auth = Auth(expiration_delta=100, leeway=0).install(blueprint)
    blueprint.add_websocket_route(auth.protected()(echo), "/feed")
    apps = [make_app(), make_app()]
    for app in apps:
        app.blueprint(blueprint)
    async with served("sanic", apps[0]) as first:
        token = await auth.token()
        async with opened(first, token, "/shop/feed") as ws:
            async with (
                served("sanic", apps[1]) as second,
                opened(second, token, "/shop/feed"),
            ):
                assert len(auth.watching) == 2
            auth.pass_time(101)
            assert await closing(ws) == (3000, "expired")
    assert auth._sanic_jwt_oo.watches == {}


async def test_a_clock_that_raises_opens_no_socket(app, auth, monkeypatch):
    feed(app, auth)
    async with served("sanic", app) as port:
        token = await auth.token()
        monkeypatch.setattr(SocketWatch, "renew", lambda *_: 1 / 0)
        async with connect(
            f"ws://127.0.0.1:{port}/feed",
            additional_headers={"Authorization": f"Bearer {token}"},
            **NO_PROXY,
        ) as ws:
            with suppress(ConnectionClosed):
                await ws.send("ping")
                assert await ws.recv() == "nothing"
        assert len(auth.watching) == 0


async def test_a_socket_that_cannot_be_closed_ends_its_handler(
    app, auth, monkeypatch, caplog
):
    ended = []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        await ws.send(await ws.recv())
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(request)

    monkeypatch.setattr(websocket_internals, "_send_close", lambda *_: 1 / 0)
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()),
    ):
        auth.pass_time(101)
        await settled(lambda: ended)
        await settled(lambda: auth.ended)
    assert "could not be closed" in caplog.text
