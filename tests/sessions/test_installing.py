"""Installing a session store, together with all other settings."""

import logging

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from sanic import Blueprint, Sanic

from sanic_jwt_oo import Initialize, JWTAuth
from sanic_jwt_oo.exceptions import (
    InitializationFailure,
    InvalidConfiguration,
    RefreshTokenNotImplemented,
    WeakSecret,
)
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.examples.serving import served

from .shop import SECRET, Device, Shop, app_of, open_shop


def new_app():
    app = Sanic("installing-sessions")
    Sanic.unregister_app(app)
    return app


class KeepsItself(Shop):
    """Has its own table of refresh tokens, as applications of sanic-jwt do."""

    def __init__(self, **settings):
        super().__init__(refresh_token_enabled=True, **settings)
        self.stored = {}

    def store_refresh_token(self, user_id, refresh_token):
        self.stored[user_id] = refresh_token

    def retrieve_refresh_token(self, user_id):
        return self.stored.get(user_id)


@pytest.mark.requirement("R9")
def test_a_store_needs_retrieve_user():
    class Forgetful(JWTAuth):
        session_store = MemorySessionStore()

        def authenticate(self, request):
            return {"user_id": 1}

    with pytest.raises(RefreshTokenNotImplemented):
        Forgetful(secret=SECRET).install(new_app())


def test_a_store_must_be_an_instance_of_a_store_class():
    with pytest.raises(InvalidConfiguration, match="session_store"):
        Shop(session_store=MemorySessionStore).install(new_app())


def test_a_store_can_be_a_class_attribute():
    class Kept(Shop):
        session_store = MemorySessionStore()

        def __init__(self, **settings):
            JWTAuth.__init__(self, secret=SECRET, **settings)

    auth = Kept().install(new_app())
    assert auth.sessions.store is Kept.session_store
    assert auth.config.refresh_token_enabled is True
    assert auth.config.revocation_check == "feed"


def test_without_a_store_there_are_no_sessions():
    auth = Shop(session_store=None)
    with pytest.raises(InitializationFailure, match="session_store"):
        _ = auth.sessions
    auth.install(new_app())
    with pytest.raises(InitializationFailure, match="session_store"):
        _ = auth.sessions
    assert auth.config.refresh_token_enabled is False
    assert auth.config.revocation_check == "never"


async def test_hooks_of_the_application_take_precedence(caplog):
    auth = KeepsItself()
    with caplog.at_level(logging.WARNING, "sanic_jwt_oo"):
        app = app_of_without_checks(auth)
    assert "session store is not used" in caplog.text
    async with served(app) as client:
        device = Device(client)
        await device.log_in()
        assert auth.stored == {"ada": device.refresh}
        assert "sid" not in device.claims
        response = await client.post(
            "/auth/refresh",
            json={"refresh_token": device.refresh},
            headers=device.headers,
        )
        assert [*response.json()] == ["access_token"]
        assert (await device.post("/auth/logout")).status_code == 404


def app_of_without_checks(auth):
    app = new_app()
    auth.install(app)
    return app


@pytest.mark.parametrize("check", ["feed", "store"])
class TestAskingWithoutAStore:
    def test_it_is_refused_at_install(self, check):
        auth = Shop(session_store=None, revocation_check=check)
        with pytest.raises(InvalidConfiguration, match="session_store"):
            auth.install(new_app())

    def test_it_is_refused_in_a_decorator(self, check):
        auth = Shop(session_store=None)
        for decorator in (
            lambda: auth.protected(revocation_check=check),
            lambda: auth.scoped("a", revocation_check=check),
            lambda: auth.inject_user(revocation_check=check),
        ):
            with pytest.raises(InvalidConfiguration, match="session_store"):
                decorator()

    def test_it_is_refused_in_an_override(self, check):
        auth = Shop(session_store=None).install(new_app())
        with (
            auth.override(revocation_check=check),
            pytest.raises(InvalidConfiguration, match="session_store"),
        ):
            auth.settings()

    def test_it_is_refused_where_hooks_keep_the_tokens(self, check):
        auth = KeepsItself(revocation_check=check)
        with pytest.raises(InvalidConfiguration, match="session_store"):
            auth.install(new_app())


def test_an_unknown_check_is_refused():
    with pytest.raises(InvalidConfiguration, match="revocation_check"):
        Shop(revocation_check="sometimes").install(new_app())


def test_none_in_an_override_is_the_installed_value():
    auth = Shop(revocation_check="store").install(new_app())
    with auth.override(revocation_check=None):
        assert auth.settings().revocation_check == "store"


# --- keys -------------------------------------------------------------------


def key_of(auth):
    return auth.install(new_app()).sessions._key


def test_the_key_is_derived_from_the_secret():
    assert key_of(Shop()) == key_of(Shop())
    assert key_of(Shop()) != key_of(Shop(secret=SECRET[::-1]))
    assert SECRET.encode() not in key_of(Shop())


@pytest.mark.parametrize(
    ("algorithm", "private"),
    [
        ("ES256", ec.generate_private_key(ec.SECP256R1())),
        ("EdDSA", ed25519.Ed25519PrivateKey.generate()),
        ("PS256", rsa.generate_private_key(65537, 2048)),
    ],
)
def test_the_key_is_derived_from_the_private_key(algorithm, private):
    settings = {"algorithm": algorithm, "private_key": private, "secret": None}
    assert key_of(Shop(**settings)) == key_of(Shop(**settings))
    assert len(key_of(Shop(**settings))) == 32


def test_a_session_secret_replaces_the_secret():
    secret = "a secret for the refresh tokens alone"
    key = key_of(Shop(session_secret=secret))
    assert key == key_of(Shop(session_secret=secret, secret=SECRET[::-1]))
    assert key != key_of(Shop())


def test_a_short_session_secret_is_refused():
    with pytest.raises(WeakSecret):
        Shop(session_secret="short").install(new_app())


@pytest.mark.requirement("I6")
def test_the_session_secret_does_not_leak():
    secret = "a secret for the refresh tokens alone"
    auth = Shop(session_secret=secret).install(new_app())
    assert secret not in repr(auth.config)


def test_user_secrets_need_a_session_secret():
    class Secretive(Shop):
        def retrieve_user_secret(self, user_id):
            return SECRET

    with pytest.raises(InvalidConfiguration, match="session_secret"):
        Secretive(user_secret_enabled=True).install(new_app())


async def test_user_secrets_work_with_sessions():
    class Secretive(Shop):
        async def retrieve_user_secret(self, user_id):
            return f"{SECRET} {user_id}"

    auth = Secretive(user_secret_enabled=True, session_secret=SECRET)
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        assert (await device.renew(headers=device.headers)).status_code == 200
        assert await device.get("/store") == 200
        await device.post("/auth/logout")
        for path in ("/feed", "/store"):
            assert await device.get(path) == 401


async def test_a_changed_key_refuses_only_retries():
    store = MemorySessionStore()
    before, after = (
        Shop(session_store=store, session_secret=f"{SECRET} {number}")
        for number in range(2)
    )
    async with open_shop(before) as client, open_shop(after) as later:
        device = Device(client)
        await device.log_in()
        presented = device.refresh
        await device.renew()
        assert (await Device(later).renew(presented)).status_code == 401
        device.client = later
        assert (await device.renew()).status_code == 200


# --- several installations --------------------------------------------------


async def test_machines_with_the_same_store_and_secret_share_sessions():
    store = MemorySessionStore()
    one, two = Shop(session_store=store), Shop(session_store=store)
    async with open_shop(one) as client, open_shop(two) as other:
        device, presented = Device(client), ""
        await device.log_in()
        presented = device.refresh
        await device.renew()
        retried = Device(other)
        await retried.renew(presented)
        assert retried.refresh == device.refresh
        await retried.post("/auth/logout")
        for path in ("/feed", "/store"):
            assert await device.get(path) == 401


@pytest.mark.requirement("S4")
async def test_installations_with_stores_of_their_own_share_nothing():
    async with open_shop(Shop()) as client, open_shop(Shop()) as other:
        device = Device(client)
        await device.log_in()
        stranger = Device(other)
        assert (await stranger.renew(device.refresh)).status_code == 401
        stranger.access = device.access
        assert (
            await stranger.get("/feed") == 200
        )  # same secret, no revocation check
        assert await stranger.get("/store") == 401


async def test_sessions_work_on_a_blueprint():
    auth, bp, app = Shop(), Blueprint("shop", url_prefix="/shop"), new_app()
    auth.install(bp)
    app.blueprint(bp)
    async with served(app) as client:
        response = await client.post("/shop/auth", json={"username": "ada"})
        headers = {
            "Authorization": f"Bearer {response.json()['access_token']}"
        }
        out = await client.post("/shop/auth/logout", headers=headers)
        assert out.status_code == 204
        me = await client.get("/shop/auth/me", headers=headers)
        assert me.status_code == 401


async def test_initialize_accepts_a_store():
    app = new_app()
    users = {"ada": {"user_id": "ada"}}
    installed = Initialize(
        app,
        authenticate=lambda request: users["ada"],
        retrieve_user=lambda request, payload: users[payload["user_id"]],
        session_store=MemorySessionStore(),
        refresh_token_enabled=True,
        secret=SECRET,
    )
    async with served(app) as client:
        device = Device(client)
        await device.log_in()
        assert (await device.renew()).status_code == 200
        assert (await device.post("/auth/logout")).status_code == 204
        assert await device.get("/auth/me") == 401
    assert installed.auth.config.revocation_check() == "feed"


async def test_without_startup_listeners_the_store_is_checked():
    auth = Shop()
    app = app_of(auth)
    async with served(app) as client:
        device = Device(client)
        await device.log_in()
        await auth.sessions.close()
        assert not auth.sessions.feed.is_current
        assert await device.get("/feed") == 200
        await auth.sessions.store.revoke_all("ada", auth.now())
        assert await device.get("/feed") == 401


async def test_a_verify_only_service_follows_revocations():
    private = ec.generate_private_key(ec.SECP256R1())
    store = MemorySessionStore()
    shop = Shop(
        session_store=store,
        algorithm="ES256",
        private_key=private,
        secret=None,
    )
    verifier = Shop(
        session_store=store,
        algorithm="ES256",
        secret=private.public_key(),
        auth_mode=False,
    )
    async with open_shop(shop) as client, open_shop(verifier) as other:
        device = Device(client)
        await device.log_in()
        elsewhere = Device(other)
        elsewhere.access = device.access
        assert await elsewhere.get("/default") == 200
        await device.post("/auth/logout")
        assert await elsewhere.get("/default") == 401
