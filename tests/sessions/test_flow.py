"""Sessions as clients see them: login, refresh, logout."""

import asyncio
import math
from uuid import UUID

import jwt
import pytest
from sanic import Sanic

from sanic_jwt_oo import AuthenticationFailed
from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import MemorySessionStore
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken

from .conformance import until
from .shop import SECRET, Device, HeardShop, Shop, app_of, open_shop


class Broken(MemorySessionStore):
    """A store that becomes unavailable."""

    down = False

    async def get(self, *args, **kwargs):
        self._fail()
        return await super().get(*args, **kwargs)

    async def start(self, *args, **kwargs):
        self._fail()
        return await super().start(*args, **kwargs)

    async def swap(self, *args, **kwargs):
        self._fail()
        return await super().swap(*args, **kwargs)

    async def revoke(self, *args, **kwargs):
        self._fail()
        return await super().revoke(*args, **kwargs)

    async def is_revoked(self, *args, **kwargs):
        self._fail()
        return await super().is_revoked(*args, **kwargs)

    def _fail(self):
        if self.down:
            raise SessionStoreUnavailable()


class Silent(MemorySessionStore):
    """A store whose feed is current, and has not received the latest yet."""

    async def follow(self, feed):
        feed.confirm(math.inf)
        await asyncio.Event().wait()


@pytest.fixture
def auth():
    return HeardShop(session_endpoints_enabled=True)


@pytest.fixture
async def other_device(client):
    device = Device(client)
    await device.log_in()
    return device


# --- log in -----------------------------------------------------------------


@pytest.mark.requirement("S1")
async def test_a_task_that_outlives_a_login_issues_tokens_without_a_session():
    class Lingering(Shop):
        late = None

        async def extend_payload(self, payload, user):
            self.late = self.late or asyncio.create_task(self.issue(user))
            return payload

        async def issue(self, user):
            await logged_in.wait()
            return await self.generate_access_token(user)

    logged_in, auth = asyncio.Event(), Lingering()
    async with open_shop(auth) as client:
        device, late = Device(client), Device(client)
        await device.log_in()
        assert "sid" in device.claims
        logged_in.set()
        late.access = await auth.late
        assert "sid" not in late.claims
        assert await late.get("/feed") == 200


async def test_a_login_starts_a_session(auth, device):
    (session,) = await auth.sessions.list("ada")
    assert device.claims["sid"] == session.id
    assert device.claims["jti"]
    assert session.access_until == device.claims["exp"] + 60


async def test_each_access_token_has_an_id_of_its_own(device):
    first = device.claims["jti"]
    await device.renew()
    assert device.claims["jti"] != first


async def test_the_label_is_the_user_agent(auth, client):
    await Device(client).log_in(**{"User-Agent": "Shopper/1.0 (Kitchen)"})
    (session,) = await auth.sessions.list("ada")
    assert session.label == "Shopper/1.0 (Kitchen)"


async def test_a_label_has_only_printable_characters(auth, client):
    agent = "a\tb" + "x" * 5000
    await Device(client).log_in(**{"User-Agent": agent})
    (session,) = await auth.sessions.list("ada")
    assert session.label == "ab" + "x" * 253


async def test_the_application_can_label_sessions():
    class Labelled(Shop):
        async def session_label(self, request, user):
            return f"{user['user_id']} at home"

    auth = Labelled()
    async with open_shop(auth) as client:
        await Device(client).log_in()
        (session,) = await auth.sessions.list("ada")
    assert session.label == "ada at home"


async def test_without_refresh_tokens_a_session_can_be_revoked():
    auth = Shop(refresh_token_enabled=False)
    async with open_shop(auth) as client:
        response = await client.post("/auth", json={"username": "ada"})
        assert "refresh_token" not in response.json()
        device = Device(client)
        device.access = response.json()["access_token"]
        assert await device.get("/default") == 200
        assert await auth.sessions.revoke_all("ada") == 1
        assert await device.get("/default") == 401


# --- refresh ----------------------------------------------------------------


@pytest.mark.requirement("R2")
async def test_a_refresh_swaps_both_tokens(device):
    old_access, old_refresh = device.access, device.refresh
    assert (await device.renew()).status_code == 200
    assert device.access != old_access
    assert device.refresh != old_refresh
    assert await device.get("/store") == 200
    assert (await device.renew()).status_code == 200


@pytest.mark.requirement("R1")
async def test_a_revocation_lasts_as_long_as_the_last_token_of_the_session(
    auth, device
):
    auth.clock.time += 600
    await device.renew()
    (session,) = await auth.sessions.list("ada")
    assert session.access_until == device.claims["exp"] + 60
    await auth.sessions.revoke(session.id)
    known_until = auth.sessions.feed.revoked[session.id]
    assert known_until == device.claims["exp"] + 60


async def test_the_refresh_token_alone_refreshes(device):
    device.access = ""
    assert (await device.renew()).status_code == 200
    assert await device.get("/default") == 200


@pytest.mark.requirement("R2")
async def test_a_retry_within_the_grace_window_gets_the_same_successor(
    auth, device
):
    presented = device.refresh
    await device.renew(presented)
    successor = device.refresh
    auth.clock.time += 9
    await device.renew(presented)
    assert device.refresh == successor
    assert (await device.renew()).status_code == 200


@pytest.mark.requirement("R3")
async def test_reuse_ends_the_session_and_its_access_tokens(auth, device):
    stolen = device.refresh
    await device.renew()
    auth.clock.time += 10
    thief = Device(device.client)
    assert (await thief.renew(stolen)).status_code == 401
    assert (await device.renew()).status_code == 401
    for path in ("/default", "/feed", "/store"):
        assert await device.get(path) == 401
    assert await device.get("/never") == 200


@pytest.mark.requirement("R3")
async def test_without_a_grace_window_the_second_use_ends_the_session():
    auth = Shop(refresh_token_grace=0)
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        presented = device.refresh
        assert (await device.renew(presented)).status_code == 200
        assert (await Device(client).renew(presented)).status_code == 401
        assert (await device.renew()).status_code == 401


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("used", [False, True], ids=["log-out", "reuse"])
async def test_a_session_that_ends_during_a_refresh_ends_completely(used):
    """Another process ends the session after the refresh has found it."""

    class Racing(MemorySessionStore):
        async def swap(self, swap):
            if used:
                await super().swap(swap)
            else:
                await self.revoke(swap.session_id, swap.now)
            return await super().swap(swap)

    auth = Shop(session_store=Racing(), refresh_token_grace=0)
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        response = await device.renew()
        assert response.status_code == 401
        assert {*response.json()} == {"reasons", "exception"}
        assert await device.get("/feed") == 401
        assert await auth.sessions.list("ada") == []


@pytest.mark.requirement("R4")
async def test_an_idle_session_ends(auth, device):
    auth.clock.time += 7 * 24 * 3600 - 1
    assert (await device.renew()).status_code == 200
    auth.clock.time += 7 * 24 * 3600
    assert (await device.renew()).status_code == 401


@pytest.mark.requirement("R4")
async def test_a_session_in_use_ends_with_its_absolute_lifetime(auth, device):
    for _ in range(29):
        auth.clock.time += 24 * 3600
        assert (await device.renew()).status_code == 200
    auth.clock.time += 24 * 3600
    assert (await device.renew()).status_code == 401


@pytest.mark.requirement("R4")
async def test_an_access_token_alone_does_not_refresh(auth, device):
    response = await device.post("/auth/refresh")
    assert response.status_code == 400
    auth.clock.time += 365 * 24 * 3600
    assert (await device.post("/auth/refresh")).status_code == 400


@pytest.mark.requirement("R7")
async def test_the_access_token_of_another_user_is_refused(client, device):
    bob = Device(client)
    await bob.log_in("bob")
    response = await device.renew(headers=bob.headers)
    assert response.status_code == 401
    assert (await device.renew()).status_code == 200


@pytest.mark.requirement("R7")
async def test_the_access_token_of_another_session_is_refused(
    device, other_device
):
    response = await device.renew(headers=other_device.headers)
    assert response.status_code == 401


@pytest.mark.requirement("R7")
async def test_an_expired_access_token_still_identifies_its_session(
    auth, client, device
):
    bob = Device(client)
    await bob.log_in("bob")
    auth.clock.time += 3600
    assert (await device.renew(headers=bob.headers)).status_code == 401
    assert (await device.renew(headers=device.headers)).status_code == 200


@pytest.mark.requirement("H4")
async def test_two_access_tokens_are_a_400(device, other_device):
    headers = [*device.headers.items(), *other_device.headers.items()]
    assert (await device.renew(headers=headers)).status_code == 400
    assert (await device.renew()).status_code == 200


async def test_an_invalid_access_token_does_not_prevent_a_refresh(
    device,
):
    headers = {"Authorization": "Bearer from.another.key"}
    assert (await device.renew(headers=headers)).status_code == 200


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("user_id", [None, True, 1.5, [], {}, ["ada"]])
async def test_a_signed_token_without_a_user_is_refused(auth, client, user_id):
    claims = {"jti": "x", "exp": auth.now() + 60, "user_id": user_id}
    stranger = Device(client)
    stranger.access = jwt.encode(claims, SECRET, "HS256")
    assert (await stranger.post("/auth/logout")).status_code == 401
    assert (await stranger.post("/auth/logout/all")).status_code == 401
    assert await stranger.get("/auth/sessions") == 401
    path = "/auth/sessions/none"
    response = await client.delete(path, headers=stranger.headers)
    assert response.status_code == 401


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("claim", ["sid", "jti"])
@pytest.mark.parametrize("value", [True, 7, [], {}])
async def test_ill_typed_ids_are_refused(auth, client, claim, value):
    claims = {"jti": "x", "exp": auth.now() + 60, "user_id": "ada"}
    stranger = Device(client)
    stranger.access = jwt.encode({**claims, claim: value}, SECRET, "HS256")
    for path in ("/feed", "/store", "/default"):
        assert await stranger.get(path) == 401


async def test_a_user_id_can_be_a_uuid():
    user_id = UUID(int=7)
    auth = Shop()
    auth.users = {
        "ada": {"user_id": user_id},
        str(user_id): {"user_id": user_id},
    }
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        (session,) = await auth.sessions.list(user_id)
        assert session.user_id == str(user_id)
        assert (await device.renew(headers=device.headers)).status_code == 200
        assert await auth.sessions.revoke_all(user_id) == 1
        assert await device.get("/default") == 401


@pytest.mark.requirement("R8")
async def test_a_deleted_user_is_refused_and_has_no_session(auth, device):
    del auth.users["ada"]
    assert (await device.renew()).status_code == 401
    assert await auth.sessions.list("ada") == []


@pytest.mark.requirement("R8")
@pytest.mark.parametrize(
    "token",
    ["", "x", "x" * 99, "é" * 99, "a" * 10_000, None, 7, [], {}, "\0" * 99],
)
async def test_a_malformed_refresh_token_is_refused(client, token):
    response = await client.post(
        "/auth/refresh", json={"refresh_token": token}
    )
    assert response.status_code in (400, 401)
    assert response.json()["reasons"]


@pytest.mark.requirement("R3")
async def test_a_forged_token_of_a_session_changes_nothing(device):
    made_up = RefreshToken.first(device.claims["sid"]).text
    response = await Device(device.client).renew(made_up)
    assert response.status_code == 401
    assert (await device.renew()).status_code == 200


@pytest.mark.requirement("T15")
async def test_the_tokens_are_not_interchangeable(device):
    assert (await device.renew(device.access)).status_code == 401
    device.access = device.refresh
    assert await device.get("/default") == 401


async def test_a_hook_that_fails_uses_no_token_up(auth, device):
    async def retrieve_user(request, payload):
        raise RuntimeError

    auth.retrieve_user = retrieve_user
    assert (await device.renew()).status_code == 500
    del auth.retrieve_user
    auth.clock.time += 60
    assert (await device.renew()).status_code == 200


# --- log out ----------------------------------------------------------------


@pytest.mark.requirement("R1")
async def test_a_logout_ends_the_session_at_once(auth, device, other_device):
    assert (await device.post("/auth/logout")).status_code == 204
    for path in ("/default", "/feed", "/store"):
        assert await device.get(path) == 401
        assert await other_device.get(path) == 200
    assert await device.get("/never") == 200
    assert (await device.renew()).status_code == 401
    assert (await other_device.renew()).status_code == 200


@pytest.mark.requirement("R1")
async def test_verify_refuses_the_token_of_an_ended_session(device):
    await device.post("/auth/logout")
    assert await device.get("/auth/verify") == 401
    assert await device.get("/auth/me") == 401


@pytest.mark.requirement("R1")
async def test_the_refresh_token_alone_logs_out(auth, client, device):
    auth.clock.time += 3600
    body = {"refresh_token": device.refresh}
    response = await client.post("/auth/logout", json=body)
    assert response.status_code == 204
    assert (await device.renew()).status_code == 401


@pytest.mark.requirement("R1")
async def test_logout_everywhere_ends_all_sessions(
    auth, client, device, other_device
):
    bob = Device(client)
    await bob.log_in("bob")
    assert (await device.post("/auth/logout/all")).status_code == 204
    for mine in (device, other_device):
        assert await mine.get("/default") == 401
        assert (await mine.renew()).status_code == 401
    assert await bob.get("/store") == 200
    assert await auth.sessions.list("ada") == []


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout/all"])
async def test_a_stranger_cannot_log_anyone_out(client, device, path):
    assert (await client.post(path)).status_code == 401
    forged = {"refresh_token": RefreshToken.first(device.claims["sid"]).text}
    assert (await client.post(path, json=forged)).status_code == 401
    assert await device.get("/store") == 200


async def test_a_token_without_a_session_is_revoked_alone(auth, device):
    access = await auth.generate_access_token({"user_id": "ada"})
    alone = Device(device.client)
    alone.access = access
    assert "sid" not in alone.claims
    assert await alone.get("/store") == 200
    assert (await alone.post("/auth/logout")).status_code == 204
    for path in ("/feed", "/store"):
        assert await alone.get(path) == 401
        assert await device.get(path) == 200


@pytest.mark.requirement("R1")
async def test_code_can_revoke_one_token_of_a_session(auth, device):
    first = device.access
    await auth.sessions.revoke_token(device.claims)
    assert await device.get("/feed") == 401
    assert await device.get("/store") == 401
    assert await device.get("/open-ended") == 401
    auth.clock.time += 24 * 3600
    assert await device.get("/open-ended") == 401
    await device.renew()
    assert device.access != first
    assert await device.get("/store") == 200


@pytest.mark.requirement("R1")
@pytest.mark.parametrize(
    "end",
    [
        lambda auth, claims: auth.sessions.revoke(claims["sid"]),
        lambda auth, claims: auth.sessions.revoke_all("ada"),
        lambda auth, claims: auth.sessions.revoke_token(claims),
    ],
    ids=["revoke", "revoke_all", "revoke_token"],
)
async def test_a_process_knows_its_own_logout_at_once(end):
    auth = Shop(session_store=Silent())
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        assert await device.get("/feed") == 200
        await end(auth, device.claims)
        assert await device.get("/feed") == 401


@pytest.mark.requirement("R3")
async def test_a_process_that_detects_reuse_knows_it_at_once():
    auth = Shop(session_store=Silent(), refresh_token_grace=0)
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        stolen = device.refresh
        await device.renew()
        assert (await Device(client).renew(stolen)).status_code == 401
        assert await device.get("/feed") == 401


@pytest.mark.requirement("R1")
async def test_checking_the_store_finds_what_the_feed_has_not_received():
    auth = Shop(session_store=Silent())
    async with open_shop(auth) as client:
        device, other = Device(client), Device(client)
        await device.log_in()
        await other.log_in()
        store, now = auth.sessions.store, auth.now()
        await store.revoke(device.claims["sid"], now)
        await store.revoke_token(other.claims["jti"], now + 60, now)
        for ended in (device, other):
            assert await ended.get("/feed") == 200
            assert await ended.get("/store") == 401


@pytest.mark.parametrize(
    "claims", [{}, {"jti": "token", "exp": None}, {"exp": 2**31}]
)
async def test_a_token_without_an_id_or_with_an_odd_end_cannot_be_revoked(
    auth, device, claims
):
    with pytest.raises(ValueError, match="cannot be revoked"):
        await auth.sessions.revoke_token({"user_id": "ada", **claims})


@pytest.mark.requirement("R1")
async def test_an_expired_token_of_an_ended_session_is_refused(auth, device):
    """The feed forgets a session when its tokens have expired."""
    auth.clock.time += 24 * 3600
    assert await device.get("/open-ended") == 200
    await auth.sessions.revoke(device.claims["sid"])
    auth.sessions.feed.revoked.clear()
    assert await device.get("/open-ended") == 401


# --- the sessions of a user -------------------------------------------------


async def test_a_user_can_list_sessions_and_end_one(
    auth, device, other_device
):
    auth.clock.time += 5
    await other_device.renew()
    response = await device.client.get(
        "/auth/sessions", headers=device.headers
    )
    first, second = response.json()["sessions"]
    assert first["id"] == other_device.claims["sid"]
    assert (first["current"], second["current"]) == (False, True)
    assert set(first) == {
        "id",
        "label",
        "created",
        "last_used",
        "expires",
        "current",
    }
    path = f"/auth/sessions/{first['id']}"
    ended = await device.client.delete(path, headers=device.headers)
    assert ended.status_code == 204
    assert await other_device.get("/default") == 401
    assert await device.get("/default") == 200


async def test_the_session_of_another_user_is_not_found(client, device):
    bob = Device(client)
    await bob.log_in("bob")
    for session_id in (device.claims["sid"], "x" * 34, "%00"):
        response = await client.delete(
            f"/auth/sessions/{session_id}", headers=bob.headers
        )
        assert response.status_code == 404
    assert await device.get("/store") == 200


async def test_the_session_endpoints_are_opt_in():
    async with open_shop(Shop()) as client:
        device = Device(client)
        await device.log_in()
        assert await device.get("/auth/sessions") == 404


# --- a store that does not answer -------------------------------------------


@pytest.mark.requirement("I9")
async def test_an_unavailable_store_is_a_503(caplog):
    auth = Shop(session_store=Broken())
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        auth.sessions.store.down = True
        assert await device.get("/feed") == 200
        auth.sessions.feed.lose()
        for path in ("/feed", "/store", "/default", "/auth/me"):
            response = await client.get(path, headers=device.headers)
            assert response.status_code == 503
            assert int(response.headers["Retry-After"]) > 0
            assert response.json()["exception"] == "SessionStoreUnavailable"
        for response in (
            await device.log_in(),
            await device.renew(),
            await device.post("/auth/logout", json={"refresh_token": "a"}),
        ):
            assert response.status_code in (503, 401)
        assert await device.get("/never") == 200
        # an outage is not a fault of the code: one line each, no traceback
        errors = [r for r in caplog.records if r.levelname == "ERROR"]
        assert errors
        assert not any(record.exc_info for record in errors)
        auth.sessions.store.down = False
        assert await device.get("/store") == 200
        assert (await device.renew()).status_code == 200


@pytest.mark.requirement("I9")
@pytest.mark.parametrize(
    "settings",
    [
        {"extra_verifications": [lambda payload: True]},
        {"user_secret_enabled": True, "session_secret": SECRET},
        {},
    ],
    ids=["verifications", "user-secrets", "plain"],
)
async def test_an_unavailable_store_is_a_503_with_further_checks_too(settings):
    class Secretive(Shop):
        def retrieve_user_secret(self, user_id):
            return SECRET[::-1]

    auth = Secretive(session_store=Broken(), **settings)
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        for path in ("/store", "/auth/verify"):
            assert await device.get(path) == 200
        auth.sessions.store.down = True
        auth.sessions.feed.lose()
        for path in ("/store", "/auth/verify"):
            response = await client.get(path, headers=device.headers)
            assert response.status_code == 503
            assert int(response.headers["Retry-After"]) > 0


async def test_tokens_without_session_and_token_id_are_refused():
    old = Shop(session_store=None)
    old.configure()
    app_of_old = app_of_plain()
    old.install(app_of_old)
    token = await old.generate_access_token({"user_id": "ada"})
    async with open_shop(Shop()) as client:
        device = Device(client)
        device.access = token
        assert "jti" not in device.claims
        assert await device.get("/default") == 401
        assert await device.get("/never") == 200


def app_of_plain():
    app = Sanic("before-sessions")
    Sanic.unregister_app(app)
    return app


# --- events -----------------------------------------------------------------


async def test_hooks_receive_events(auth, client, device):
    await client.post("/auth", json={"username": "eve"})
    stolen = device.refresh
    await device.renew()
    auth.clock.time += 10
    await device.renew(stolen)
    await device.get("/default")
    await device.log_in()
    await device.post("/auth/logout")
    assert [event.name for event in auth.events] == [
        "login",
        "login_failed",
        "refresh",
        "refresh_reused",
        "token_rejected",
        "login",
        "logout",
    ]
    login, failed, refresh, reused, rejected, _, logout = auth.events
    assert login.user == {"user_id": "ada"}
    assert login.session_id == refresh.session_id == reused.session.id
    assert isinstance(failed.error, AuthenticationFailed)
    assert rejected.error.detail == "The token has been revoked."
    assert (logout.user_id, logout.session_id) == ("ada", device.claims["sid"])
    assert login.request.path == "/auth"


async def test_hooks_receive_an_event_for_each_way_to_end_sessions(
    auth, device, other_device
):
    path = f"/auth/sessions/{other_device.claims['sid']}"
    await device.client.delete(path, headers=device.headers)
    await device.post("/auth/logout/all")
    assert [
        (event.name, event.user_id, event.session_id)
        for event in auth.events[2:]
    ] == [
        ("logout", "ada", other_device.claims["sid"]),
        ("logout", "ada", None),
    ]


async def test_signals_are_sent_for_events():
    auth = Shop()
    app = app_of(auth)
    heard = []

    @app.signal("sanic_jwt_oo.auth.login")
    async def on_login(event, **context):
        heard.append(event.user)

    @app.signal("sanic_jwt_oo.auth.logout")
    async def on_logout(event, **context):
        heard.append(event.session_id)

    from tests.examples.serving import served

    async with served(app) as client:
        device = Device(client)
        await device.log_in()
        await device.post("/auth/logout")
        await until(lambda: len(heard) > 1)
    assert heard == [{"user_id": "ada"}, device.claims["sid"]]


async def test_an_error_from_a_hook_is_raised():
    class Strict(Shop):
        def on_refresh_reused(self, event):
            raise RuntimeError

    auth = Strict(refresh_token_grace=0)
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        stolen = device.refresh
        await device.renew()
        assert (await device.renew(stolen)).status_code == 500
        assert await auth.sessions.list("ada") == []
