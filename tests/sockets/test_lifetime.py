"""W3: an open socket ends with its token, or with its session."""

from __future__ import annotations

import asyncio
import time

import jwt
import pytest

from sanic_jwt_oo import Initialize, protected
from sanic_jwt_oo.exceptions import InvalidConfiguration
from sanic_jwt_oo.sessions import MemorySessionStore
from sanic_jwt_oo.sockets import watch_of
from tests.conftest import SECRET

from .living import ADA, Auth, closing, echo, feed, opened, respond, settled
from .serving import SERVERS, served

pytestmark = pytest.mark.requirement("W3")


@pytest.fixture
def auth(app):
    auth = Auth(expiration_delta=100, leeway=10).install(app)
    feed(app, auth)
    return auth


@pytest.mark.parametrize("server", SERVERS)
async def test_a_socket_is_closed_at_the_end_of_its_token(app, auth, server):
    async with served(server, app) as port:
        async with opened(port, await auth.token()) as ws:
            auth.pass_time(109)
            await respond(ws)
            auth.pass_time(2)
            assert await closing(ws) == (3000, "expired")
        assert len(auth.watching) == 0


async def test_the_timer_fires_by_itself(app, auth, monkeypatch):
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        ends = auth.now() + 110
        begun = time.monotonic()
        monkeypatch.setattr(
            auth, "now", lambda: ends - 0.2 + time.monotonic() - begun
        )
        auth.watching.check()
        assert await closing(ws) == (3000, "expired")


async def test_the_legacy_form_closes_sockets_too(app):
    legacy = Initialize(
        app, authenticate=lambda request: ADA, secret=SECRET, leeway=0
    )
    app.add_websocket_route(protected()(echo), "/feed")
    moment = [time.time()]
    legacy.auth.now = lambda: moment[0]
    async with (
        served("sanic", app) as port,
        opened(port, await legacy.auth.generate_access_token(ADA)) as ws,
    ):
        moment[0] += 3600
        watch_of(legacy.auth._sanic_jwt_oo).check()
        assert await closing(ws) == (3000, "expired")


async def test_a_later_token_does_not_delay_an_earlier_one(app, auth):
    async with served("sanic", app) as port:
        first = await auth.token()
        auth.ahead = 50
        async with (
            opened(port, await auth.token()) as late,
            opened(port, first) as early,
        ):
            auth.pass_time(61)
            assert await closing(early) == (3000, "expired")
            await respond(late)


async def test_a_clock_that_was_set_forward_is_noticed(app, auth):
    """The timer fires every few seconds, whatever the clock said before."""
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.ahead = 3600
        [timer] = [auth.watching._timer]
        assert timer.when() - asyncio.get_running_loop().time() <= 10
        auth.watching.check()
        assert await closing(ws) == (3000, "expired")


async def test_a_clock_that_was_set_back_ends_nothing_early(app, auth):
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.ahead = -3600
        auth.watching.check()
        await respond(ws)


async def test_a_token_without_exp_ends_after_the_longest_time(app):
    auth = Auth(required_claims=[], max_socket_lifetime=500).install(app)

    feed(app, auth)
    async with served("sanic", app) as port:
        token = jwt.encode({"user_id": 1}, SECRET, "HS256")
        async with opened(port, token) as ws:
            auth.pass_time(499)
            await respond(ws)
            auth.pass_time(2)
            assert await closing(ws) == (3000, "expired")


async def test_a_route_may_have_a_shorter_time(app, auth):
    feed(app, auth, "/short", max_socket_lifetime=20)
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token(), "/short") as ws,
    ):
        auth.pass_time(21)
        assert await closing(ws) == (3000, "expired")


# --- sockets that live with their session -----------------------------------


@pytest.fixture
def cookies(app):
    """An installation with cookies, whose sockets live with sessions."""
    auth = Auth(
        cookie_set=True,
        cookie_secure=False,
        cookie_strict=False,
        expiration_delta=100,
        leeway=0,
        session_idle_lifetime=1000,
        session_store=MemorySessionStore(),
    ).install(app)
    feed(app, auth)
    return auth


def cookie(port, token):
    return opened(
        port,
        additional_headers={"Cookie": f"access_token={token}"},
        origin=f"http://127.0.0.1:{port}",
    )


async def test_a_socket_opened_by_cookie_outlives_its_token(app, cookies):
    async with (
        served("sanic", app) as port,
        cookie(port, await cookies.token()) as ws,
    ):
        for _ in range(9):
            cookies.pass_time(101)
            await settled(lambda: len(cookies.watching._deadlines) == 1)
            await respond(ws)
        cookies.pass_time(101)
        assert await closing(ws) == (3000, "session_ended")


async def test_a_refresh_extends_it(app, cookies):
    async with served("sanic", app) as port:
        tokens = await cookies.issue_tokens({"user_id": 1})
        sessions = cookies.sessions
        async with cookie(port, tokens.access_token) as ws:
            cookies.pass_time(900)
            session = await sessions.get(tokens.session_id)
            assert session is not None
            await sessions.swap(
                tokens.refresh_token,
                session,
                cookies.now() + 100,
                cookies.config,
            )
            cookies.pass_time(500)
            await settled(lambda: len(cookies.watching._deadlines) == 1)
            await respond(ws)
            cookies.pass_time(501)
            assert await closing(ws) == (3000, "session_ended")


async def test_the_store_is_read_once_for_all_sockets_of_a_session(
    app, cookies, monkeypatch
):
    reads = []
    store = cookies.session_store
    get = store.get

    async def counted(session_id, now):
        reads.append(session_id)
        return await get(session_id, now)

    async with served("sanic", app) as port:
        token = await cookies.token()
        async with cookie(port, token), cookie(port, token):
            monkeypatch.setattr(store, "get", counted)
            cookies.pass_time(101)
            await settled(lambda: len(cookies.watching._deadlines) == 2)
            assert len(reads) == 1


async def test_a_session_that_cannot_be_read_closes_after_a_while(
    app, cookies, monkeypatch
):
    async def fails(session_id, now):
        raise OSError

    async with (
        served("sanic", app) as port,
        cookie(port, await cookies.token()) as ws,
    ):
        monkeypatch.setattr(cookies.session_store, "get", fails)
        for seconds in (101, 9, 2):
            await respond(ws)
            cookies.pass_time(seconds)
            await settled(lambda: len(cookies.watching._reading) == 0)
        assert await closing(ws) == (1013, "unavailable")


async def test_a_token_without_exp_ends_with_its_session(app):
    auth = Auth(
        required_claims=[],
        session_idle_lifetime=3000,
        session_store=MemorySessionStore(),
        socket_ends_with="session",
    ).install(app)
    feed(app, auth)
    async with served("sanic", app) as port:
        payload = await auth.verify_token(await auth.token())
        del payload["exp"]
        token = jwt.encode(payload, SECRET, "HS256")
        async with opened(port, token) as ws:
            auth.watching.check()
            await settled(lambda: len(auth.watching._deadlines) == 1)
            auth.pass_time(2999)
            await respond(ws)
            auth.pass_time(2)
            assert await closing(ws) == (3000, "session_ended")


async def test_the_header_opens_a_socket_that_ends_with_its_token(
    app, cookies
):
    async with (
        served("sanic", app) as port,
        opened(port, await cookies.token()) as ws,
    ):
        cookies.pass_time(101)
        assert await closing(ws) == (3000, "expired")


async def test_a_setting_decides_as_well(app, cookies):
    feed(app, cookies, "/token", socket_ends_with="token")
    feed(app, cookies, "/session", socket_ends_with="session")
    async with served("sanic", app) as port:
        token = await cookies.token()
        async with (
            opened(port, token, "/session") as long,
            opened(
                port,
                path="/token",
                additional_headers={"Cookie": f"access_token={token}"},
                origin=f"http://127.0.0.1:{port}",
            ) as short,
        ):
            cookies.pass_time(101)
            assert await closing(short) == (3000, "expired")
            await respond(long)


async def test_the_longest_time_is_a_limit_of_sessions_too(app):
    auth = Auth(
        session_store=MemorySessionStore(),
        socket_ends_with="session",
        max_socket_lifetime=5000,
    ).install(app)
    feed(app, auth)
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.pass_time(4000)
        await settled(lambda: len(auth.watching._deadlines) == 1)
        auth.pass_time(1001)
        assert await closing(ws) == (3000, "expired")


def test_sessions_need_a_store(app):
    with pytest.raises(InvalidConfiguration, match="session_store"):
        Auth(socket_ends_with="session").install(app)
    auth = Auth()
    with pytest.raises(InvalidConfiguration, match="session_store"):
        auth.protected(socket_ends_with="session")


# --- how it ends ------------------------------------------------------------


async def test_the_hook_learns_what_was_closed(app):
    auth = Auth(session_store=MemorySessionStore()).install(app)
    feed(app, auth)
    async with served("sanic", app) as port:
        tokens = await auth.issue_tokens({"user_id": 1})
        async with opened(port, tokens.access_token) as ws:
            auth.pass_time(7200)
            await closing(ws)
        await settled(lambda: auth.ended)
        [event] = auth.ended
        assert event.request.path == "/feed"
        assert event.user_id == 1
        assert event.session_id == tokens.session_id
        assert (event.code, event.reason) == (3000, "expired")


async def test_the_hook_learns_nothing_of_others(app, auth):
    async with served("sanic", app) as port:
        async with opened(port, await auth.token()):
            pass
        await settled(lambda: len(auth.watching) == 0)
    assert auth.ended == []


BESIDE = [
    # settings of two guards, and when the socket is closed
    ({}, {"leeway": 3600}, 111),
    ({"leeway": 3600}, {}, 111),
    ({"leeway": 3600}, {"leeway": 50}, 151),
    ({"leeway": 50, "max_socket_lifetime": 120}, {"leeway": 3600}, 121),
    ({"leeway": 3600}, {"leeway": 50, "max_socket_lifetime": 120}, 121),
    ({"do_protection": False}, {"leeway": 50}, 151),
]


@pytest.mark.requirement("X4")
@pytest.mark.parametrize(("outer", "inner", "ends"), BESIDE)
async def test_the_stricter_of_two_guards_decides(
    app, auth, outer, inner, ends
):
    handler = auth.protected(**outer)(auth.scoped("feed", **inner)(echo))
    app.add_websocket_route(handler, "/two")
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token(), "/two") as ws,
    ):
        auth.pass_time(ends - 2)
        await respond(ws)
        auth.pass_time(2)
        assert await closing(ws) == (3000, "expired")


@pytest.mark.requirement("X4")
async def test_the_settings_of_an_injected_user_relax_no_guard(app, auth):
    @app.websocket("/two")
    @auth.protected()
    @auth.inject_user(leeway=3600)
    async def handler(request, ws, user):
        await echo(request, ws)

    async with (
        served("sanic", app) as port,
        opened(port, await auth.token(), "/two") as ws,
    ):
        auth.pass_time(111)
        assert await closing(ws) == (3000, "expired")


@pytest.mark.requirement("X4")
@pytest.mark.parametrize("inner_is_strict", [True, False])
async def test_a_socket_outlives_its_token_if_every_guard_says_so(
    app, inner_is_strict
):
    auth = Auth(
        expiration_delta=100, leeway=0, session_store=MemorySessionStore()
    ).install(app)
    settings = [
        {"socket_ends_with": "session"},
        {"socket_ends_with": "token"},
    ]
    outer, inner = settings if inner_is_strict else settings[::-1]
    handler = auth.protected(**outer)(auth.protected(**inner)(echo))
    app.add_websocket_route(handler, "/two")
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token(), "/two") as ws,
    ):
        auth.pass_time(101)
        assert await closing(ws) == (3000, "expired")
