"""A socket that is refused although it is open is closed with a code."""

from __future__ import annotations

import logging

import pytest
from websockets.exceptions import ConnectionClosed

from sanic_jwt_oo.exceptions import InvalidRequest
from sanic_jwt_oo.runtime.websocket_internals import close_socket

from .conftest import USER
from .serving import opened, served

pytestmark = pytest.mark.requirement("W1")


def hiding(handler):
    """Wrap a handler without `functools.wraps`."""

    async def wrapper(request, ws):
        return await handler(request, ws)

    return wrapper


async def closing_of(ws):
    """Return code and reason with which the server closes a socket."""
    with pytest.raises(ConnectionClosed) as caught:
        await ws.recv()
    received = caught.value.rcvd
    return received.code, received.reason


@pytest.mark.parametrize(
    ("guard", "close"),
    [
        (lambda auth: auth.protected(), (3000, "Unauthorized")),
        (lambda auth: auth.scoped("orders:write"), (3003, "Forbidden")),
        (
            lambda auth: auth.protected(
                redirect_on_fail=True, redirect_url="/login"
            ),
            (3000, "Unauthorized"),
        ),
    ],
)
async def test_a_hidden_guard_closes_the_socket(
    app, server, auth, reached, caplog, guard, close
):
    @app.websocket("/feed")
    @hiding
    @guard(auth)
    async def feed(request, ws):
        reached.append(ws)

    pairs = []
    if close[0] == 3003:
        token = await auth.generate_access_token(USER)
        pairs = [("Authorization", f"Bearer {token}")]
    async with served(server, app) as port:
        for _ in range(2):
            async with opened(port, "/feed", *pairs) as ws:
                assert await closing_of(ws) == close
    assert not reached
    (warning,) = (
        record.message
        for record in caplog.records
        if record.levelno == logging.WARNING and record.name == "sanic_jwt_oo"
    )
    assert "/feed" in warning
    assert "functools.wraps" in warning


@pytest.mark.requirement("X3")
async def test_a_hidden_guard_below_another_closes_the_socket(
    app, server, auth, reached
):
    @app.websocket("/feed")
    @auth.protected()
    @hiding
    @auth.scoped("orders:write")
    async def feed(request, ws):
        reached.append(ws)

    token = await auth.generate_access_token(USER)
    bearer = ("Authorization", f"Bearer {token}")
    async with (
        served(server, app) as port,
        opened(port, "/feed", bearer) as ws,
    ):
        assert await closing_of(ws) == (3003, "Forbidden")
    assert not reached


async def test_a_handler_that_refuses_closes_the_socket(app, server, auth):
    @app.websocket("/feed")
    async def feed(request, ws):
        await auth.current_user(request)
        raise InvalidRequest("Nothing to see.")

    async with served(server, app) as port, opened(port, "/feed") as ws:
        assert await closing_of(ws) == (1008, "Bad Request")


async def test_listeners_still_get_the_error(app, auth):
    errors = []

    @app.signal("websocket.handler.exception")
    async def note(exception, **_):
        errors.append(type(exception).__name__)

    @app.websocket("/feed")
    @hiding
    @auth.protected()
    async def feed(request, ws):
        raise AssertionError

    async with served("sanic", app) as port, opened(port, "/feed") as ws:
        await closing_of(ws)
        await ws.wait_closed()
    assert errors == ["Unauthorized"]


async def test_a_socket_is_closed_with_a_code_once(app, server, auth):
    @app.websocket("/feed")
    async def feed(request, ws):
        for code in (3000, 3003):
            await close_socket(ws, code, "over")

    async with served(server, app) as port, opened(port, "/feed") as ws:
        assert await closing_of(ws) == (3000, "over")


async def test_closing_after_the_client_has_gone_is_no_error(
    app, server, auth, reached
):
    @app.websocket("/feed")
    async def feed(request, ws):
        try:
            await ws.recv()
        finally:
            await close_socket(ws, 3000)
            reached.append("closed")

    async with served(server, app) as port, opened(port, "/feed"):
        pass
    assert reached == ["closed"]
