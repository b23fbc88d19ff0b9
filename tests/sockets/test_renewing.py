"""`auth.renew`: an open socket lives with a newer token."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sanic_jwt_oo import Authentication, Initialize, protected
from sanic_jwt_oo.exceptions import AuthenticationFailed, Unauthorized
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.conftest import SECRET

from .living import ADA, BOB, Auth, closing, echo, opened, respond, settled
from .serving import SERVERS, served

pytestmark = [pytest.mark.requirement("W3"), pytest.mark.requirement("X1")]


def renewing(app: Any, auth: Auth, guard: Any = None) -> list[Any]:
    """Add a socket that renews with each text that begins with `renew `.

    Returns:
        The results: claims, or the error.
    """
    results: list[Any] = []
    guard = guard or auth.protected()

    @guard
    async def handler(request, ws):
        while True:
            message = await ws.recv()
            if message is None:
                return
            if not message.startswith("renew"):
                await ws.send(message)
                continue
            try:
                await auth.renew(ws, message[6:])
                results.append(await auth.check(request))
            except Unauthorized as exc:
                results.append(exc)

    app.add_websocket_route(handler, "/feed")
    return results


@pytest.fixture
def auth(app):
    return Auth(expiration_delta=100, leeway=0).install(app)


async def test_a_renewed_socket_lives_with_the_new_token(app, auth):
    results = renewing(app, auth)
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.pass_time(90)
        auth.scopes = ["more"]
        await ws.send(f"renew {await auth.token()}")
        await respond(ws)
        assert results[0]["scopes"] == ["more"]
        auth.pass_time(90)
        await respond(ws)
        auth.pass_time(11)
        assert await closing(ws) == (3000, "expired")


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        ("another user", "another user"),
        ("nobody", "Auth required"),
        ("nothing", ""),
        ("before", "ends before"),
    ],
)
async def test_what_is_refused_leaves_the_socket_as_it_was(
    app, auth, of, reason
):
    results = renewing(app, auth)
    async with served("sanic", app) as port:
        early = await auth.token()
        auth.ahead = 50
        token = await auth.token()
        other = {
            "another user": await auth.token(BOB),
            "nobody": token[:-4] + "AAAA",
            "nothing": "",
            "before": early,
        }[of]
        async with opened(port, token) as ws:
            await ws.send(f"renew {other}")
            await respond(ws)
            [error] = results
            assert error.status_code == 401
            assert reason in str(error)
            auth.pass_time(99)
            await respond(ws)
            auth.pass_time(2)
            assert await closing(ws) == (3000, "expired")


async def test_a_revoked_token_renews_nothing(app):
    auth = Auth(session_store=MemorySessionStore()).install(app)
    results = renewing(app, auth)
    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        tokens = await auth.issue_tokens(ADA)
        await auth.sessions.revoke(tokens.session_id)
        await ws.send(f"renew {tokens.access_token}")
        await respond(ws)
        assert isinstance(results[0], Unauthorized)


async def test_the_session_of_the_new_token_ends_it(app):
    auth = Auth(session_store=MemorySessionStore()).install(app)
    renewing(app, auth)
    async with served("sanic", app) as port:
        old, new = [await auth.issue_tokens(ADA) for _ in range(2)]
        async with opened(port, old.access_token) as ws:
            await ws.send(f"renew {new.access_token}")
            await respond(ws)
            await auth.sessions.revoke(old.session_id)
            await respond(ws)
            await auth.sessions.revoke(new.session_id)
            assert await closing(ws) == (3000, "revoked")


async def test_the_steps_of_the_application_are_taken(app):
    """`verify_token` and `check_request` refuse a renewal as a request."""
    seen = []

    class Own(Auth):
        async def verify_token(self, token, request=None):
            payload = await super().verify_token(token, request)
            seen.append(("verify_token", request.path))
            return payload

        async def check_request(self, request, payload):
            seen.append(("check_request", payload["scopes"]))
            if payload["scopes"] == ["refused"]:
                raise AuthenticationFailed()

    auth = Own().install(app)
    results = []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        while True:
            message = await ws.recv()
            if not message.startswith("renew"):
                await ws.send(message)
                continue
            try:
                await auth.renew(ws, message[6:])
            except AuthenticationFailed as exc:
                results.append(exc)

    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        seen.clear()
        auth.scopes = ["refused"]
        await ws.send(f"renew {await auth.token()}")
        await respond(ws)
        assert len(results) == 1
        assert seen == [
            ("verify_token", "/feed"),
            ("check_request", ["refused"]),
        ]


async def test_the_settings_of_the_route_apply(app, auth):
    results = renewing(app, auth, auth.protected(claim_aud="feed"))
    async with served("sanic", app) as port:
        with auth.override(claim_aud="feed"):
            token, good = await auth.token(), await auth.token()
        other = await auth.token()
        async with opened(port, token) as ws:
            await ws.send(f"renew {other}")
            await ws.send(f"renew {good}")
            await respond(ws)
            assert isinstance(results[0], Unauthorized)
            assert results[1]["aud"] == "feed"


@pytest.mark.requirement("X4")
@pytest.mark.parametrize("inner_is_strict", [True, False])
async def test_the_settings_of_every_guard_apply(app, auth, inner_is_strict):
    strict = auth.scoped("feed", claim_aud="feed")
    lax = auth.protected(claim_aud=["feed", "other"])

    def guards(handler):
        if inner_is_strict:
            return lax(strict(handler))
        return strict(lax(handler))

    results = renewing(app, auth, guards)
    async with served("sanic", app) as port:
        with auth.override(claim_aud="feed"):
            token, good = await auth.token(), await auth.token()
        with auth.override(claim_aud="other"):
            other = await auth.token()
        async with opened(port, token) as ws:
            await ws.send(f"renew {other}")
            await ws.send(f"renew {good}")
            await respond(ws)
            assert isinstance(results[0], Unauthorized)
            assert results[1]["aud"] == "feed"


async def test_later_checks_see_the_new_token(app, auth):
    """Also under other settings, where the request is checked again."""
    seen = []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        await ws.send(await ws.recv())
        await auth.renew(ws, await ws.recv())
        with auth.override(leeway=5):
            seen.append(await auth.check(request))
            seen.append(await auth.extract_scopes(request))
        seen.append(await auth.current_user(request))
        await ws.send("done")

    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.scopes = ["new"]
        await ws.send(await auth.token())
        await ws.recv()
        assert seen[0]["scopes"] == ["new"]
        assert seen[1:] == [["new"], ADA]


async def test_a_closed_socket_is_not_renewed(app):
    """A renewal that was begun before comes too late."""
    results, waiting, tasks = [], [], []
    goes_on = asyncio.Event()

    class Slow(Auth):
        async def check_request(self, request, payload):
            if payload["scopes"] == ["slow"]:
                waiting.append(request)
                await asyncio.shield(goes_on.wait())

    auth = Slow(expiration_delta=100, leeway=0).install(app)

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        await ws.send(await ws.recv())
        token = await ws.recv()

        async def renew():
            try:
                await auth.renew(ws, token)
            except Unauthorized as exc:
                results.append(exc)

        tasks.append(asyncio.create_task(renew()))
        await ws.recv()

    async with served("sanic", app) as port:
        async with opened(port, await auth.token()) as ws:
            auth.ahead += 50
            auth.scopes = ["slow"]
            await ws.send(await auth.token())
            await settled(lambda: waiting)
            auth.pass_time(51)
            assert await closing(ws) == (3000, "expired")
        goes_on.set()
        await settled(lambda: results)
        assert "not open" in str(results[0])
        assert len(auth.watching) == 0


async def test_another_object_is_not_renewed(app, auth):
    with pytest.raises(Unauthorized, match="not open"):
        await auth.renew(object(), await auth.token())


@pytest.mark.parametrize("server", SERVERS)
async def test_a_token_without_the_scope_closes_the_socket(app, auth, server):
    results = renewing(app, auth, auth.scoped("feed"))
    async with (
        served(server, app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.scopes = ["other"]
        await ws.send(f"renew {await auth.token()}")
        assert await closing(ws) == (3003, "insufficient_scope")
        assert results[0].status_code == 403
        await settled(lambda: auth.ended)
        assert auth.ended[0].code == 3003


async def test_a_renewal_from_elsewhere_has_the_settings_of_the_route(
    app, auth
):
    """Also from a request to another route, or to none."""
    sockets = []

    @app.websocket("/feed")
    @auth.protected(claim_aud="feed")
    async def handler(request, ws):
        sockets.append(ws)
        await echo(request, ws)

    async with served("sanic", app) as port:
        with auth.override(claim_aud="feed"):
            token, good = await auth.token(), await auth.token()
        other = await auth.token()
        async with opened(port, token) as ws:
            with pytest.raises(Unauthorized):
                await auth.renew(sockets[0], other)
            await auth.renew(sockets[0], good)
            await respond(ws)


async def test_a_renewal_that_is_cancelled_grants_nothing(app):
    """The token is accepted before its scopes are known."""
    waiting = []

    class Slow(Auth):
        async def destructure_scopes(self, scopes, request):
            if waiting:
                waiting.append(request)
                await asyncio.Event().wait()
            return scopes

    auth = Slow().install(app)
    sockets = []

    @app.websocket("/feed")
    @auth.scoped("feed")
    async def handler(request, ws):
        sockets.append(ws)
        await echo(request, ws)

    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.scopes = []
        waiting.append(None)
        renewal = asyncio.create_task(
            auth.renew(sockets[0], await auth.token())
        )
        await settled(lambda: len(waiting) == 2)
        renewal.cancel()
        assert await closing(ws) == (3003, "insufficient_scope")


async def test_an_application_that_reads_the_request_itself_renews_nothing(
    app,
):
    """A method of 1.8 decides about requests; it is given no token."""

    class Own(Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return ADA

        async def _decode(self, token, verify=True):
            return await super()._decode(token, verify=verify)

    legacy = Initialize(app, authentication_class=Own, secret=SECRET)
    sockets = []

    @app.websocket("/feed")
    @protected()
    async def handler(request, ws):
        sockets.append(ws)
        await echo(request, ws)

    async with served("sanic", app) as port:
        token = await legacy.auth.generate_access_token(ADA)
        async with opened(port, token) as ws:
            with pytest.raises(Unauthorized, match="Auth required"):
                await legacy.auth.renew(sockets[0], token)
            await respond(ws)


async def test_an_error_that_passes_the_handler_is_no_error_of_its_own(
    app, auth, caplog
):
    @app.websocket("/feed")
    @auth.scoped("feed")
    async def handler(request, ws):
        await ws.send(await ws.recv())
        await auth.renew(ws, await ws.recv())

    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        auth.scopes = []
        await ws.send(await auth.token())
        assert (await closing(ws))[0] == 3003
        await settled(lambda: auth.ended)
    assert not [r for r in caplog.records if r.levelname == "ERROR"]


async def test_a_renewal_while_the_session_is_read_counts(app, monkeypatch):
    """What the store says of the session before does not matter then."""
    goes_on, asked = asyncio.Event(), []
    auth = Auth(
        expiration_delta=100,
        leeway=0,
        session_store=MemorySessionStore(),
        socket_ends_with="session",
    ).install(app)
    sockets = []

    @app.websocket("/feed")
    @auth.protected()
    async def handler(request, ws):
        sockets.append(ws)
        await echo(request, ws)

    async def ended(session_id, now):
        asked.append(session_id)
        await goes_on.wait()

    async with (
        served("sanic", app) as port,
        opened(port, await auth.token()) as ws,
    ):
        monkeypatch.setattr(auth.session_store, "get", ended)
        auth.pass_time(101)
        await settled(lambda: asked)
        await auth.renew(sockets[0], await auth.token())
        goes_on.set()
        await settled(lambda: not auth.watching._reading)
        await respond(ws)
