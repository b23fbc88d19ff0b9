"""W1: a protected socket is refused before the handshake."""

from __future__ import annotations

import logging

import pytest
from sanic.response import text

from sanic_jwt_oo import exceptions

from .conftest import USER
from .serving import handshake, opened, served

pytestmark = pytest.mark.requirement("W1")


async def token_of(auth):
    return (await auth.issue_tokens(USER)).access_token


def bearer(token):
    return "Authorization", f"Bearer {token}"


def is_refused(answer, status, name="Unauthorized"):
    assert answer.status == status, answer
    assert answer.header("content-type") == "application/json"
    assert answer.json["exception"] == name
    assert answer.json["reasons"]
    return answer.header("www-authenticate").startswith("Bearer realm=")


@pytest.fixture
def feed(app, auth, reached):
    @app.websocket("/feed/<number:int>")
    @auth.protected()
    async def feed(request, ws, number):
        reached.append(number)
        await ws.send(f"feed {number}")

    @app.websocket("/orders")
    @auth.scoped("orders:write")
    async def orders(request, ws):
        reached.append("orders")

    return auth


async def test_no_token_is_a_401_with_a_challenge(app, server, feed, reached):
    async with served(server, app) as port:
        answer = await handshake(port, "/feed/3")
    assert is_refused(answer, 401)
    assert answer.json["reasons"] == ["Authorization header not present."]
    assert not reached


async def test_an_invalid_token_is_a_401(app, server, feed, reached):
    token = await token_of(feed)
    async with served(server, app) as port:
        answer = await handshake(port, "/feed/3", bearer(f"{token[:-3]}abc"))
    assert is_refused(answer, 401)
    assert 'error="invalid_token"' in answer.header("www-authenticate")
    assert not reached


async def test_a_missing_scope_is_a_403(app, server, feed, reached):
    token = await token_of(feed)
    async with served(server, app) as port:
        answer = await handshake(port, "/orders", bearer(token))
    assert is_refused(answer, 403)
    assert 'error="insufficient_scope"' in answer.header("www-authenticate")
    assert not reached


async def test_a_valid_token_opens_the_socket(app, server, feed, reached):
    token = await token_of(feed)
    async with (
        served(server, app) as port,
        opened(port, "/feed/3", bearer(token)) as ws,
    ):
        assert await ws.recv() == "feed 3"
        assert ws.subprotocol is None
    assert reached == [3]


async def test_different_tokens_are_a_400(app, server, feed, reached):
    token = await token_of(feed)
    async with served(server, app) as port:
        answer = await handshake(
            port, "/feed/3", bearer(token), bearer(f"{token}x")
        )
    assert is_refused(answer, 400, "ConflictingCredentials")
    assert not reached


async def test_a_redirect_is_sent_before_the_handshake(
    app, server, auth, reached
):
    @app.websocket("/feed")
    @auth.protected(redirect_on_fail=True, redirect_url="/login")
    async def feed(request, ws):
        reached.append(ws)

    async with served(server, app) as port:
        answer = await handshake(port, "/feed")
    assert answer.status == 302
    assert answer.header("location") == "/login"
    assert not reached


async def test_an_error_handler_of_the_application_responds(
    app, server, feed, reached
):
    @app.exception(exceptions.Unauthorized)
    async def respond(request, exception):
        return text("members only", 401)

    async with served(server, app) as port:
        answer = await handshake(port, "/feed/3")
    assert (answer.status, answer.body) == (401, b"members only")
    assert not reached


async def test_without_the_asgi_extension_it_is_a_403(app, feed, reached):
    """The server closes the connection."""

    async def without(scope, receive, send):
        scope = {k: v for k, v in scope.items() if k != "extensions"}
        await app(scope, receive, send)

    async with served("uvicorn", without) as port:
        answer = await handshake(port, "/feed/3")
    assert answer.status == 403
    assert not reached


async def test_a_refusal_of_a_middleware_is_sent_before_the_handshake(
    app, server, auth, reached
):
    @app.on_request
    async def require(request):
        if await auth.current_user(request) is None:
            raise exceptions.Unauthorized()

    @app.websocket("/feed")
    async def feed(request, ws):
        reached.append(ws)

    async with served(server, app) as port:
        answer = await handshake(port, "/feed")
    assert is_refused(answer, 401)
    assert not reached


@pytest.mark.parametrize("server", ["sanic", "hypercorn"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS", "PUT"])
async def test_no_other_method_opens_a_socket(
    app, server, feed, reached, method
):
    """uvicorn passes on nothing but a `GET`."""
    token = await token_of(feed)
    async with served(server, app) as port:
        for pairs in [(), (bearer(token),)]:
            answer = await handshake(port, "/feed/3", *pairs, method=method)
            # sanic-ext responds to `OPTIONS` with the methods of the route
            assert answer.status != 101
            assert 200 <= answer.status < 500
    assert not reached


@pytest.mark.parametrize(
    ("without", "pairs"),
    [
        (["Upgrade"], ()),
        (["Upgrade"], (("Upgrade", "other"),)),
        ((), (("Upgrade", "websocket"),)),
        ((), (("Upgrade", "other"),)),
        (["Connection"], ()),
        (["Sec-WebSocket-Key"], ()),
        (["Sec-WebSocket-Key"], (("Sec-WebSocket-Key", "x"),)),
        ((), (("Sec-WebSocket-Key", "x"),)),
        (["Sec-WebSocket-Version"], ()),
        (["Sec-WebSocket-Version"], (("Sec-WebSocket-Version", "7"),)),
        ((), (("Sec-WebSocket-Protocol", "bearer"),)),
        ((), (("Sec-WebSocket-Protocol", "bearer,"),)),
        ((), (("Sec-WebSocket-Protocol", "bearer, a b"),)),
        ((), (("Sec-WebSocket-Protocol", ""),)),
        ((), (("Sec-WebSocket-Extensions", "=;"),)),
    ],
)
@pytest.mark.requirement("T18")
async def test_a_malformed_handshake_is_no_5xx(
    app, server, feed, reached, without, pairs
):
    token = await token_of(feed)
    async with served(server, app) as port:
        answer = await handshake(port, "/feed/3", *pairs, without=without)
        assert answer.status != 101
        assert answer.status < 500, answer
        answer = await handshake(
            port, "/feed/3", bearer(token), *pairs, without=without
        )
        assert answer.status < 500, answer


@pytest.mark.parametrize(
    ("without", "pairs", "statuses"),
    [
        ((), [("X-Name", "J\xfcrgen")], (400, 101)),
        ((), [("Sec-WebSocket-Extensions", "\x80")], (400, 101)),
        (["Sec-WebSocket-Key"], [], (400,)),
        (["Connection"], [], (426,)),
    ],
)
@pytest.mark.requirement("T18")
async def test_a_handshake_that_sanic_refuses_is_no_error(
    app, feed, reached, caplog, without, pairs, statuses
):
    """Older releases of websockets accept headers that are not ASCII."""
    token = await token_of(feed)
    async with served("sanic", app) as port:
        answer = await handshake(
            port, "/feed/3", bearer(token), *pairs, without=without
        )
    assert answer.status in statuses
    if answer.status == 426:
        assert answer.header("upgrade") == "websocket"
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert answer.status == 101 or not reached


@pytest.mark.parametrize("server", ["sanic", "hypercorn"])
@pytest.mark.requirement("T18")
async def test_a_token_that_is_not_ascii_is_no_5xx(app, server, feed):
    """uvicorn refuses it by itself."""
    offer = ("Sec-WebSocket-Protocol", "bearer, \xe9")
    async with served(server, app) as port:
        answer = await handshake(port, "/feed/3", offer)
    assert answer.status != 101
    assert answer.status < 500


async def test_http_1_0_is_no_5xx(app, server, feed):
    token = await token_of(feed)
    async with served(server, app) as port:
        answer = await handshake(port, "/feed/3", version="1.0")
        assert 400 <= answer.status < 500
        answer = await handshake(port, "/feed/3", bearer(token), version="1.0")
        assert answer.status < 500


async def test_a_request_that_is_no_handshake_is_a_426(app, server, feed):
    async with served(server, app) as port:
        answer = await handshake(port, "/feed/3", without=["Upgrade"])
    assert answer.status == 426
    assert answer.header("upgrade") == "websocket"
