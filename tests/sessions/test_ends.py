"""Logouts of missing sessions, and starts without a store."""

import asyncio
import logging

import jwt
import pytest
from sanic.response import empty

from sanic_jwt_oo.exceptions import (
    InvalidConfiguration,
    SessionStoreUnavailable,
)
from sanic_jwt_oo.sessions import MemorySessionStore

from .conformance import NOW, until
from .shop import (
    SECRET,
    Device,
    HeardShop,
    Shop,
    app_of,
    open_shop,
    served,
)


def signed(**claims):
    claims = {"user_id": "ada", "exp": int(NOW) + 600, **claims}
    return jwt.encode(claims, SECRET, algorithm="HS256")


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout/all"])
async def test_a_token_that_outlives_its_session_is_revoked(path):
    auth = Shop(session_lifetime=100, session_idle_lifetime=50)
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        auth.clock.time += 200
        assert (await device.post(path)).status_code == 204
        assert await device.get("/feed") == 401


@pytest.mark.requirement("R1")
async def test_logout_everywhere_ends_a_session_under_another_user_id():
    """The application uses other user ids in tokens than in sessions."""

    class Renaming(Shop):
        def extend_payload(self, payload, user):
            return {**payload, "user_id": "somebody"}

    async with open_shop(Renaming()) as client:
        device = Device(client)
        await device.log_in()
        assert (await device.post("/auth/logout/all")).status_code == 204
        assert await device.get("/feed") == 401
        assert await device.get("/store") == 401


@pytest.mark.requirement("T18")
@pytest.mark.parametrize(
    "claims",
    [{}, {"sid": 5}, {"sid": ["x"]}, {"sid": {}, "jti": "x"}],
)
@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout/all"])
async def test_a_logout_that_cannot_revoke_is_refused(path, claims):
    async with open_shop(Shop(revocation_check="never")) as client:
        device = Device(client)
        device.access = signed(**claims)
        assert await device.get("/never") == 200
        assert (await device.post(path)).status_code == 401


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout/all"])
async def test_a_logout_that_ends_nothing_sends_no_event(path):
    auth = HeardShop()
    async with open_shop(auth) as client:
        device = Device(client)
        device.access = signed(sid="of somebody else's store")
        assert (await device.post(path)).status_code == 401
    assert "logout" not in [event.name for event in auth.events]


async def test_one_handler_can_receive_all_signals():
    auth, heard = Shop(), []
    app = app_of(auth)

    @app.signal("sanic_jwt_oo.auth.<kind>")
    async def hear(event, **context):
        heard.append(event.name)

    async with served(app) as client:
        device = Device(client)
        await device.log_in()
        await device.post("/auth/logout")
        await until(lambda: len(heard) > 1)
    assert heard == ["login", "logout"]


async def test_a_server_can_start_before_its_store(caplog):
    class Late(MemorySessionStore):
        there = False

        def _look(self):
            if not self.there:
                raise SessionStoreUnavailable()

        async def open(self):
            self._look()

        async def start(self, *session):
            self._look()
            return await super().start(*session)

        async def follow(self, feed):
            self._look()
            await super().follow(feed)

    store = Late()
    with caplog.at_level(logging.WARNING, "sanic_jwt_oo"):
        async with open_shop(Shop(session_store=store)) as client:
            device = Device(client)
            assert (await device.log_in()).status_code == 503
            assert "is not available yet" in caplog.text
            store.there = True
            assert (await device.log_in()).status_code == 200
            assert await device.get("/feed") == 200


async def test_the_memory_store_removes_expired_revocations():
    store = MemorySessionStore()
    for number in range(20):
        await store.revoke_token(f"lasting-{number}", NOW + 1e6, NOW)
    for number in range(5_000):
        await store.revoke_token(f"{number}", NOW + number + 1, NOW + number)
    assert len(store._revoked) < 3_000
    assert await store.is_revoked(None, "lasting-0", NOW)


async def test_a_task_that_outlives_a_login_does_not_join_its_session():
    late, logged_in = [], asyncio.Event()

    class Spawning(Shop):
        def session_label(self, request, user):
            async def issue():
                await logged_in.wait()
                return await self.generate_access_token(user)

            late.append(asyncio.create_task(issue()))

    async with open_shop(Spawning()) as client:
        await Device(client).log_in()
        logged_in.set()
        claims = jwt.decode(await late[0], options={"verify_signature": False})
    assert "sid" not in claims


@pytest.mark.requirement("S4")
@pytest.mark.parametrize(
    "other", [{"secret": SECRET[::-1]}, {"claim_aud": "staff"}]
)
def test_installations_with_other_users_need_another_store(other):
    store = MemorySessionStore()
    app = app_of(Shop(session_store=store))
    staff = Shop(session_store=store, url_prefix="/staff", **other)
    with pytest.raises(InvalidConfiguration, match="one session_store"):
        staff.install(app)


@pytest.mark.requirement("S4")
def test_installations_with_the_same_users_can_share_a_store():
    store = MemorySessionStore()
    app = app_of(Shop(session_store=store))
    other = Shop(
        session_store=store,
        url_prefix="/other",
        expiration_delta=60,
    )
    other.install(app)
    assert other.sessions.store is store


@pytest.mark.requirement("R7")
async def test_a_task_that_outlives_the_login_does_not_join_the_session():
    """It has a copy of the context in which the login issues its token."""
    logged_in, late = asyncio.Event(), []

    async def issue(auth, user):
        await logged_in.wait()
        return await auth.generate_access_token(user)

    class Lingering(Shop):
        class Responses:
            async def get_access_token_output(self, user, **given):
                late.append(asyncio.create_task(issue(self.auth, user)))
                return await super().get_access_token_output(
                    user=user, **given
                )

    async with open_shop(Lingering()) as client:
        device = Device(client)
        await device.log_in("ada")
        assert "sid" in device.claims
        logged_in.set()
        claims = jwt.decode(await late[0], options={"verify_signature": False})
        assert claims["user_id"] == "ada"
        assert "sid" not in claims


@pytest.mark.requirement("R7")
async def test_a_token_for_another_user_does_not_join_the_session():
    others = []

    class Helping(Shop):
        class Responses:
            async def get_access_token_output(self, **given):
                bob = {"user_id": "bob"}
                others.append(await self.auth.generate_access_token(bob))
                return await super().get_access_token_output(**given)

    async with open_shop(Helping()) as client:
        device = Device(client)
        await device.log_in("ada")
        session = device.claims["sid"]
        assert (await device.renew()).status_code == 200
    assert (device.claims["user_id"], device.claims["sid"]) == ("ada", session)
    for other in others:
        claims = jwt.decode(other, options={"verify_signature": False})
        assert claims["user_id"] == "bob"
        assert "sid" not in claims


@pytest.mark.requirement("R1")
async def test_a_longer_leeway_does_not_restore_a_revoked_token():
    store = MemorySessionStore()
    auth = Shop(session_store=store, leeway=0)
    app = app_of(auth)
    patient = Shop(session_store=store, leeway=600, url_prefix="/patient")
    patient.install(app)

    @app.get("/late")
    @patient.protected()
    async def late(request):
        return empty()

    async with served(app) as client:
        device, other = Device(client), Device(client)
        await device.log_in()
        await other.log_in()
        patient.clock.time = device.claims["exp"] + 10
        await auth.sessions.revoke(device.claims["sid"])
        patient.sessions.feed.revoked.clear()  # as for the others
        assert await device.get("/late") == 401
        assert await other.get("/late") == 204


@pytest.mark.requirement("C3")
@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
async def test_basic_credentials_do_not_replace_a_csrf_value(path):
    """A form sent to https://x:y@shop carries that header."""
    auth = Shop(
        cookie_set=True,
        cookie_strict=False,
        authorization_header_prefix="Basic",
    )
    async with open_shop(auth) as client:
        response = await client.post("/auth", json={"username": "ada"})
        token = response.cookies["refresh_token"]
        client.cookies.clear()
        headers = {
            "Cookie": f"refresh_token={token}",
            "Authorization": "Basic eDp5",
        }
        response = await client.post(path, headers=headers)
        assert response.status_code == 401
        assert len(await auth.sessions.list("ada")) == 1
