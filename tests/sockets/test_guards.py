"""Which guards of a socket are found, wherever they stand."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import wraps

import pytest
from sanic import Blueprint
from sanic.response import text

from sanic_jwt_oo import Authentication, Initialize, inject_user
from sanic_jwt_oo import protected as protected_by_name
from sanic_jwt_oo import scoped as scoped_by_name
from sanic_jwt_oo.exceptions import AuthenticationFailed
from sanic_jwt_oo.sockets import handshake as handshakes
from tests.conftest import SECRET

from .conftest import USER, Auth
from .serving import handshake, opened, served

pytestmark = pytest.mark.requirement("W1")


class LegacyAuth(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        return USER

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return payload and {"user_id": payload["user_id"]}


async def send_arguments(request, ws, **kwargs):
    await ws.send(repr(kwargs))


def of_the_application(handler):
    """Wrap a handler like any decorator that uses `functools.wraps`."""

    @wraps(handler)
    async def wrapper(request, ws, *args, **kwargs):
        return await handler(request, ws, *args, **kwargs)

    return wrapper


async def bearer(auth, user=USER):
    return "Authorization", f"Bearer {await auth.generate_access_token(user)}"


async def is_guarded(app, auth, path, sent="{}"):
    """Check that a path refuses before the handshake, or opens."""
    token = await bearer(auth)
    async with served("sanic", app) as port:
        assert (await handshake(port, path)).status == 401
        async with opened(port, path, token) as ws:
            assert await ws.recv() == sent
    return True


WITH_USER = f"{{'user': {USER}}}"


@pytest.mark.parametrize(
    ("guards", "sent"),
    [
        (lambda auth: [auth.protected()], "{}"),
        (lambda auth: [auth.scoped("orders:read")], "{}"),
        (lambda auth: [auth.protected(debug=True)], "{}"),
        (lambda auth: [auth.protected(), auth.inject_user()], WITH_USER),
        (lambda auth: [auth.inject_user(), auth.protected()], WITH_USER),
        (lambda auth: [of_the_application, auth.protected()], "{}"),
        (lambda auth: [auth.protected(), of_the_application], "{}"),
        (
            lambda auth: [
                of_the_application,
                auth.inject_user(),
                of_the_application,
                auth.scoped("orders:read", debug=True),
            ],
            WITH_USER,
        ),
        (lambda auth: [protected_by_name()], "{}"),
        (lambda auth: [scoped_by_name("orders:read")], "{}"),
        (lambda auth: [inject_user(), protected_by_name()], WITH_USER),
    ],
)
async def test_guards_are_found_in_any_order(app, auth, guards, sent):
    handler = send_arguments
    for guard in reversed(guards(auth)):
        handler = guard(handler)
    app.websocket("/feed")(handler)
    assert await is_guarded(app, auth, "/feed", sent)


async def test_guards_of_the_legacy_form_are_found(app):
    Initialize(app, authentication_class=LegacyAuth, secret=SECRET)

    @app.websocket("/feed")
    @inject_user()
    @protected_by_name()
    async def feed(request, ws, user):
        await send_arguments(request, ws, user=user)

    assert await is_guarded(app, app.ctx.auth, "/feed", WITH_USER)


@pytest.mark.parametrize(
    ("path", "options", "requested", "sent"),
    [
        ("/feed", {"version": 2}, "/v2/feed", "{}"),
        ("/feed/", {"strict_slashes": True}, "/feed/", "{}"),
        ("/feed/<n:int>", {}, "/feed/3", "{'n': 3}"),
        ("/feed/<request_id>", {}, "/feed/x", "{'request_id': 'x'}"),
        ("/feed", {"name": "other"}, "/feed", "{}"),
    ],
)
async def test_guards_of_any_route_are_found(
    app, auth, path, options, requested, sent
):
    app.websocket(path, **options)(auth.protected()(send_arguments))
    assert await is_guarded(app, auth, requested, sent)


@pytest.mark.parametrize("hosts", ["shop.example", ["x", "shop.example"]])
async def test_a_route_of_a_host(app, auth, hosts):
    guarded = auth.protected()(send_arguments)
    app.websocket("/feed", host=hosts)(guarded)
    app.websocket("/feed", host="open.example", name="open")(send_arguments)
    token = await bearer(auth)
    async with served("sanic", app) as port:
        for host, pairs, status in (
            ("shop.example", [], 401),
            ("shop.example", [token], 101),
            ("open.example", [], 101),
        ):
            answer = await handshake(
                port, "/feed", ("Host", host), *pairs, without=["Host"]
            )
            assert answer.status == status


async def test_add_websocket_route(app, auth):
    app.add_websocket_route(auth.protected()(send_arguments), "/feed")
    assert await is_guarded(app, auth, "/feed")


async def test_two_routes_of_one_handler(app, auth):
    guarded = auth.protected()(send_arguments)
    app.add_websocket_route(guarded, "/feed", name="one")
    app.add_websocket_route(guarded, "/news", name="two")
    app.add_websocket_route(send_arguments, "/open", name="three")
    token = await bearer(auth)
    async with served("sanic", app) as port:
        for path in ("/feed", "/news"):
            assert (await handshake(port, path)).status == 401
            assert (await handshake(port, path, token)).status == 101
        assert (await handshake(port, "/open")).status == 101


async def test_a_socket_of_a_blueprint_with_an_installation(app, install):
    bp = Blueprint("shop", url_prefix="/shop")
    auth = install(bp)

    @bp.websocket("/feed")
    @protected_by_name(bp)
    async def feed(request, ws):
        await send_arguments(request, ws)

    app.blueprint(bp)
    assert await is_guarded(app, auth, "/shop/feed")


async def test_guards_of_two_installations_both_check(app, install):
    one = install(url_prefix="/one", authorization_header="x-one")
    two = install(url_prefix="/two", authorization_header="x-two")

    @app.websocket("/feed")
    @one.protected()
    @two.scoped("orders:read")
    async def feed(request, ws):
        await send_arguments(request, ws)

    tokens = [
        (f"x-{name}", (await bearer(auth))[1])
        for name, auth in (("one", one), ("two", two))
    ]
    async with served("sanic", app) as port:
        for pairs in ([], tokens[:1], tokens[1:]):
            assert (await handshake(port, "/feed", *pairs)).status == 401
        async with opened(port, "/feed", *tokens) as ws:
            assert await ws.recv() == "{}"


@pytest.mark.requirement("X4")
async def test_settings_of_one_guard_do_not_relax_another(app, auth):
    @app.websocket("/feed")
    @auth.protected(query_string_set=True, query_string_strict=False)
    @auth.protected()
    async def feed(request, ws):
        await send_arguments(request, ws)

    header = await bearer(auth)
    token = header[1].partition(" ")[2]
    async with served("sanic", app) as port:
        path = f"/feed?access_token={token}"
        assert (await handshake(port, path)).status == 401
        assert (await handshake(port, "/feed", header)).status == 101


async def test_a_token_in_the_query_string(app, server, auth):
    @app.websocket("/feed")
    @auth.protected(query_string_set=True)
    async def feed(request, ws):
        await send_arguments(request, ws)

    token = await auth.generate_access_token(USER)
    async with served(server, app) as port:
        assert (await handshake(port, "/feed?access_token=x")).status == 401
        async with opened(port, f"/feed?access_token={token}") as ws:
            assert await ws.recv() == "{}"


async def test_scopes_that_a_callable_returns(app, auth):
    @app.websocket("/shops/<shop>")
    @auth.scoped(lambda request, shop: f"{shop}:read")
    async def feed(request, ws, shop):
        await send_arguments(request, ws)

    token = await bearer(auth)
    async with served("sanic", app) as port:
        assert (await handshake(port, "/shops/x", token)).status == 403
        assert (await handshake(port, "/shops/orders", token)).status == 101


@pytest.mark.parametrize("off", ["installation", "route"])
async def test_without_protection_every_socket_opens(app, install, off):
    auth = install(do_protection=off == "route")
    settings = {"do_protection": False} if off == "route" else {}
    app.websocket("/feed")(auth.protected(**settings)(send_arguments))
    async with (
        served("sanic", app) as port,
        opened(port, "/feed", subprotocols=["bearer", "x"]) as ws,
    ):
        assert await ws.recv() == "{}"
        assert ws.subprotocol == "bearer"


@pytest.mark.requirement("X1")
async def test_overridden_steps_are_taken_before_the_handshake(app, server):
    taken = []

    class Shop(Auth):
        def read_token(self, request):
            taken.append("read")
            return request.headers.get("x-token", "none")

        def check_request(self, request, payload):
            taken.append("check")
            if "x-bad" in request.headers:
                raise AuthenticationFailed()

    auth = Shop(secret=SECRET).install(app)
    app.websocket("/feed")(auth.protected()(send_arguments))
    token = ("x-token", await auth.generate_access_token(USER))
    async with served(server, app) as port:
        assert (await handshake(port, "/feed")).status == 401
        answer = await handshake(port, "/feed", token, ("x-bad", "1"))
        assert answer.status == 401
        assert taken == ["read", "read", "check"]
        async with opened(port, "/feed", token) as ws:
            assert await ws.recv() == "{}"
        # the guard behind the handshake finds the result
        assert taken == ["read", "read", "check", "read", "check"]


async def test_a_user_who_is_gone_is_a_401(app, auth):
    class Shop(Auth):
        def retrieve_user(self, payload):
            return None

    gone = Shop(secret=SECRET, url_prefix="/gone").install(app)

    @app.websocket("/feed")
    @gone.inject_user()
    @gone.protected()
    async def feed(request, ws, user):
        raise AssertionError

    token = await bearer(gone)
    async with served("sanic", app) as port:
        assert (await handshake(port, "/feed", token)).status == 401


async def test_a_server_can_be_started_twice_in_one_process(app, auth):
    app.websocket("/feed")(auth.protected()(send_arguments))
    app.get("/page")(auth.protected()(lambda request: text("page")))
    for _ in range(2):
        assert await is_guarded(app, auth, "/feed")
        app.router.reset()
        app.signal_router.reset()


async def test_each_installation_watches_its_open_socket(
    app, install, monkeypatch
):
    seen = []

    @asynccontextmanager
    async def watch(socket):
        seen.append(("open", socket))
        try:
            yield
        finally:
            seen.append(("closed", socket))

    monkeypatch.setattr(handshakes, "watch", watch)
    one = install(url_prefix="/one")
    two = install(url_prefix="/two")

    @app.websocket("/feed/<n:int>")
    @one.scoped(["orders:read", "orders:write"], require_all=False)
    @one.scoped("orders:read")
    @two.protected()
    async def feed(request, ws, n):
        seen.append("handler")
        await send_arguments(request, ws)

    token = await bearer(one)
    async with served("sanic", app) as port:
        assert (await handshake(port, "/feed/3")).status == 401
        assert not seen
        async with opened(port, "/feed/3", token) as ws:
            await ws.recv()
        await ws.wait_closed()
    steps = [step if step == "handler" else step[0] for step in seen]
    assert steps == ["open", "open", "handler", "closed", "closed"]
    first, second = seen[0][1], seen[1][1]
    assert first.installation.auth is one
    assert [required.scopes for _, required in first.guards] == [
        ["orders:read", "orders:write"],
        "orders:read",
    ]
    assert first.state.token.scopes == ("orders:read",)
    assert first.parameters == {"n": 3}
    assert second.installation.auth is two
    assert [required for _, required in second.guards] == [None]
