"""Protected WebSockets beside sanic-ext, on real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sanic import Request, Sanic

from sanic_jwt_oo import Claims
from sanic_jwt_oo.sockets import handshake as handshakes
from tests.conftest import SECRET
from tests.sockets.serving import SERVERS, handshake, opened, served

from .test_injection_by_type import CountingAuth, User

pytestmark = pytest.mark.requirement("W1")
NAME = "Sec-WebSocket-Protocol"


@pytest.fixture(params=SERVERS)
def server(request: Any) -> str:
    return request.param


@pytest.fixture
def auth(app: Sanic) -> CountingAuth:
    installed: CountingAuth = CountingAuth(secret=SECRET).install(app)
    return installed


@pytest.fixture
def reached() -> list[Any]:
    return []


@pytest.fixture
async def token(auth: CountingAuth) -> str:
    return await auth.generate_access_token(User(1))


def bearer(token: str) -> tuple[str, str]:
    return "Authorization", f"Bearer {token}"


@pytest.mark.parametrize("server", ["sanic", "hypercorn"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
async def test_no_other_method_opens_a_socket(
    app: Sanic,
    server: str,
    auth: CountingAuth,
    token: str,
    reached: list[Any],
    method: str,
) -> None:
    """sanic-ext adds a `HEAD` that calls Sanic's handler.

    uvicorn passes on nothing but a `GET`.
    """

    @app.websocket("/feed/<n:int>")
    @auth.protected()
    async def feed(request: Request, ws: Any, n: int) -> None:
        reached.append(ws)

    async with served(server, app) as port:
        for pairs in ([], [bearer(token)], [(NAME, f"bearer, {token}")]):
            answer = await handshake(port, "/feed/3", *pairs, method=method)
            assert answer.status in (204, 405)
            # sanic-ext responds to `OPTIONS`, and nothing else is a success
            assert answer.status == 405 or method == "OPTIONS"
    assert not reached


@pytest.mark.parametrize("guarded", [True, False])
async def test_injection_refuses_before_the_handshake(
    app: Sanic,
    server: str,
    auth: CountingAuth,
    token: str,
    reached: list[Any],
    guarded: bool,
) -> None:
    async def feed(
        request: Request, ws: Any, user: User, claims: Claims
    ) -> None:
        reached.append((user, claims["user_id"]))
        await ws.send(user.name)

    app.websocket("/feed")(auth.protected()(feed) if guarded else feed)
    async with served(server, app) as port:
        answer = await handshake(port, "/feed")
        assert answer.status == 401
        assert answer.json["exception"] == "Unauthorized"
        challenge = answer.header("www-authenticate")
        assert challenge is not None
        assert challenge.startswith("Bearer realm=")
        assert not reached
        assert auth.verified == 0
        async with opened(port, "/feed", bearer(token)) as ws:
            assert await ws.recv() == "joe"
    assert reached == [(User(1), 1)]
    assert (auth.verified, auth.checked) == (1, 1)


@pytest.mark.requirement("W4")
@pytest.mark.parametrize("guarded", [True, False])
async def test_injection_reads_the_token_of_a_page(
    app: Sanic, server: str, auth: CountingAuth, token: str, guarded: bool
) -> None:
    async def feed(request: Request, ws: Any, user: User) -> None:
        await ws.send(user.name)

    app.websocket("/feed")(auth.protected()(feed) if guarded else feed)
    async with served(server, app) as port:
        async with opened(port, "/feed", subprotocols=["bearer", token]) as ws:
            assert await ws.recv() == "joe"
            assert ws.subprotocol == "bearer"
        other = await auth.generate_access_token(User(2))
        answer = await handshake(
            port, "/feed", bearer(token), (NAME, f"bearer, {other}")
        )
        assert answer.status == 400


async def test_an_injected_user_is_watched(
    app: Sanic,
    auth: CountingAuth,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The socket ends with the token, as behind a guard."""
    watched = []

    @asynccontextmanager
    async def watch(socket: Any) -> AsyncIterator[None]:
        required = [scopes for _, scopes in socket.guards]
        watched.append((socket.installation.auth, required))
        yield

    monkeypatch.setattr(handshakes, "watch", watch)

    @app.websocket("/feed")
    async def feed(request: Request, ws: Any, user: User | None) -> None:
        await ws.send("ready")

    async with served("sanic", app) as port:
        async with opened(port, "/feed") as ws:
            await ws.recv()
        assert not watched
        async with opened(port, "/feed", bearer(token)) as ws:
            await ws.recv()
        assert watched == [(auth, [None])]


@pytest.mark.requirement("W2")
async def test_injection_refuses_a_page_of_another_origin(
    app: Sanic, server: str, reached: list[Any]
) -> None:
    auth = CountingAuth(secret=SECRET, cookie_set=True).install(app)

    @app.websocket("/feed")
    async def feed(request: Request, ws: Any, user: User) -> None:
        reached.append(user)

    token = await auth.generate_access_token(User(1))
    cookie = ("Cookie", f"__Host-access_token={token}")
    async with served(server, app) as port:
        foreign = ("Origin", "https://attacker.example")
        answer = await handshake(port, "/feed", cookie, foreign)
        assert answer.status == 403
        assert answer.json["exception"] == "CSRFFailed"
        own = ("Origin", f"http://127.0.0.1:{port}")
        assert (await handshake(port, "/feed", cookie, own)).status == 101


async def test_a_server_can_be_started_twice_in_one_process(
    app: Sanic, auth: CountingAuth, token: str
) -> None:
    @app.websocket("/feed")
    @auth.protected()
    async def feed(request: Request, ws: Any, user: User) -> None:
        await ws.send(user.name)

    for _ in range(2):
        async with served("sanic", app) as port:
            assert (await handshake(port, "/feed")).status == 401
            answer = await handshake(port, "/feed", method="HEAD")
            # injection knows the `HEAD` routes of the first start
            assert answer.status in (401, 405)
            async with opened(port, "/feed", bearer(token)) as ws:
                assert await ws.recv() == "joe"
        app.router.reset()
        app.signal_router.reset()


async def test_the_document_leaves_guarded_sockets_out(
    app: Sanic, auth: CountingAuth
) -> None:
    from sanic_ext.extensions.openapi.builders import SpecificationBuilder

    @app.websocket("/feed")
    @auth.protected()
    async def feed(request: Request, ws: Any) -> None: ...

    async with served("sanic", app):
        document = SpecificationBuilder().build(app).serialize()
    assert "/feed" not in document["paths"]
    assert "/auth" in document["paths"]
