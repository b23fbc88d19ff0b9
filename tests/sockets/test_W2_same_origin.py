"""W2: a token in a cookie opens sockets for pages of the same origin only."""

from __future__ import annotations

import pytest

from sanic_jwt_oo import Authentication, Initialize
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.conftest import SECRET
from tests.sessions.conformance import until

from .conftest import USER, Auth
from .serving import handshake, served

pytestmark = pytest.mark.requirement("W2")

FOREIGN = ("Origin", "https://attacker.example")
HOST = "shop.example"
OWN = ("Origin", f"https://{HOST}")


class Store(MemorySessionStore):
    """Counts what it is asked."""

    def __init__(self):
        super().__init__()
        self.asked = 0

    async def is_revoked(self, *args, **kwargs):
        self.asked += 1
        return await super().is_revoked(*args, **kwargs)


class Checking(Auth):
    def check_request(self, request, payload):
        self.checked.append(payload)


class LegacyAuth(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        return USER


def socket_of(app, auth, reached, **settings):
    @app.websocket("/feed")
    @auth.protected(**settings)
    async def feed(request, ws):
        reached.append(request.headers.get("origin"))


async def cookie_of(auth, name="__Host-access_token"):
    token = await auth.generate_access_token(USER)
    return "Cookie", f"{name}={token}"


async def knock(port, *pairs):
    """Send a handshake to the shop's host name."""
    return await handshake(
        port, "/feed", ("Host", HOST), *pairs, without=["Host"]
    )


def is_forged(answer):
    return answer.status == 403 and answer.json["exception"] == "CSRFFailed"


async def test_a_page_of_another_origin_is_a_403(
    app, server, install, reached
):
    auth = install(cookie_set=True)
    socket_of(app, auth, reached)
    cookie = await cookie_of(auth)
    async with served(server, app) as port:
        assert is_forged(await knock(port, cookie, FOREIGN))
        assert not reached
        assert (await knock(port, cookie, OWN)).status == 101


async def test_the_reason_names_the_site_and_no_csrf_value(
    app, server, install, reached
):
    auth = install(cookie_set=True)
    socket_of(app, auth, reached)
    cookie = await cookie_of(auth)
    async with served(server, app) as port:
        answer = await knock(port, cookie, FOREIGN)
    assert answer.json["reasons"] == ["The request comes from another site."]


async def test_a_page_without_tls_is_foreign(app, server, install, reached):
    """Whoever is on the network can write to it."""
    app.config.SERVER_NAME = f"https://{HOST}"
    auth = install(cookie_set=True)
    socket_of(app, auth, reached)
    cookie = await cookie_of(auth)
    async with served(server, app) as port:
        plain = ("Origin", f"http://{HOST}")
        assert is_forged(await knock(port, cookie, plain))
        assert (await knock(port, cookie, OWN)).status == 101


@pytest.mark.requirement("X2")
async def test_it_reaches_neither_store_nor_application(app, server, reached):
    class Shop(Checking):
        session_store = Store()
        checked = []

    auth = Shop(secret=SECRET, cookie_set=True).install(app)
    socket_of(app, auth, reached, revocation_check="store")
    async with served(server, app) as port:
        cookie = await cookie_of(auth)
        Shop.session_store.asked = 0
        assert is_forged(await knock(port, cookie, FOREIGN))
        assert Shop.session_store.asked == 0
        assert Shop.checked == reached == []
        assert (await knock(port, cookie, OWN)).status == 101
        assert Shop.session_store.asked
        assert Shop.checked


async def test_a_trusted_origin_opens_a_socket(app, server, install, reached):
    auth = install(cookie_set=True, trusted_origins=[FOREIGN[1]])
    socket_of(app, auth, reached)
    cookie = await cookie_of(auth)
    async with served(server, app) as port:
        assert (await knock(port, cookie, FOREIGN)).status == 101
        other = ("Origin", "https://other.example")
        assert is_forged(await knock(port, cookie, other))
        assert is_forged(await knock(port, cookie, ("Origin", "null")))


@pytest.mark.parametrize(
    ("site", "status"),
    [
        ("cross-site", 403),
        ("same-site", 403),
        ("other", 403),
        ("same-origin", 101),
        ("none", 101),
        (None, 101),
    ],
)
async def test_without_an_origin_fetch_metadata_decides(
    app, install, reached, site, status
):
    """A browser sends `Origin`; other clients send neither of both."""
    auth = install(cookie_set=True)
    socket_of(app, auth, reached)
    cookie = await cookie_of(auth)
    pairs = [("Sec-Fetch-Site", site)] if site else []
    async with served("sanic", app) as port:
        assert (await knock(port, cookie, *pairs)).status == status


@pytest.mark.parametrize("legacy", [False, True])
async def test_the_check_of_csrf_values_may_be_off(
    app, install, reached, legacy
):
    """No page has to do anything for the check of origins."""
    name = "__Host-access_token"
    if legacy:
        Initialize(
            app,
            authentication_class=LegacyAuth,
            csrf_protect=False,
            secret=SECRET,
            cookie_set=True,
        )
        auth, name = app.ctx.auth, "access_token"
    else:
        auth = install(cookie_set=True, csrf_protect=False)
    socket_of(app, auth, reached)
    cookie = await cookie_of(auth, name)
    async with served("sanic", app) as port:
        assert is_forged(await knock(port, cookie, FOREIGN))
        assert not reached
        assert (await knock(port, cookie, OWN)).status == 101


async def test_an_overridden_read_token_does_not_turn_it_off(app, reached):
    class Reading(Auth):
        def read_token(self, request):
            return request.cookies.get("__Host-access_token")

    auth = Reading(secret=SECRET, cookie_set=True, csrf_protect=False)
    socket_of(app, auth.install(app), reached)
    cookie = await cookie_of(auth)
    async with served("sanic", app) as port:
        assert is_forged(await knock(port, cookie, FOREIGN))
        assert (await knock(port, cookie, OWN)).status == 101


async def test_a_page_of_another_origin_has_no_user(app, install, reached):
    auth = install(cookie_set=True)

    @app.websocket("/feed")
    @auth.inject_user()
    async def feed(request, ws, user):
        reached.append(user)
        await ws.send("ready")

    cookie = await cookie_of(auth)
    async with served("sanic", app) as port:
        for origin, user in ((FOREIGN, None), (OWN, USER)):
            assert (await knock(port, cookie, origin)).status == 101
            await until(lambda: reached)
            assert reached.pop() == user


async def test_a_token_that_is_no_cookie_needs_no_origin(
    app, server, install, reached
):
    auth = install(cookie_set=True, cookie_strict=False)
    socket_of(app, auth, reached)
    name, cookie = await cookie_of(auth)
    token = cookie.partition("=")[2]
    async with served(server, app) as port:
        for place in (
            ("Authorization", f"Bearer {token}"),
            ("Sec-WebSocket-Protocol", f"bearer, {token}"),
        ):
            assert (await knock(port, place, FOREIGN)).status == 101
            # who knows the token needs no cookie
            both = [(name, cookie), place, FOREIGN]
            assert (await knock(port, *both)).status == 101
