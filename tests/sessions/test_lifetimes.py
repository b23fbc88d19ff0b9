"""When sessions and revocations end, and which tokens never reach a store.

Each test runs on every store and sets the clock.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any

import jwt
import pytest

from sanic_jwt_oo.exceptions import InvalidToken

from .conformance import NOW
from .shop import SECRET, Device, Shop, open_shop

LEEWAY = 60


@pytest.fixture(
    params=["memory", "sqlite", "postgres", "redis", "redis_cluster"]
)
def name(request):
    return request.param


@pytest.fixture
def store(make_store):
    """A store that the application closes."""
    return make_store()


@asynccontextmanager
async def open_timed(store, token=10, lifetime=1000, idle=1000):
    """Open a shop with the lifetimes of tokens and sessions, in seconds."""
    auth = Shop(
        session_store=store,
        expiration_delta=token,
        leeway=0,
        session_lifetime=lifetime,
        session_idle_lifetime=idle,
    )
    async with open_shop(auth) as client:
        yield auth, client


@pytest.mark.requirement("R4")
@pytest.mark.parametrize("refreshed", [False, True])
async def test_a_session_ends_with_its_absolute_lifetime(store, refreshed):
    """The earlier of the two ends counts, from the login on."""
    async with open_timed(store, lifetime=100, idle=1000) as (auth, client):
        device = Device(client)
        await device.log_in()
        if refreshed:
            assert (await device.renew()).status_code == 200
        (session,) = await auth.sessions.list("ada")
        assert session.ends == session.expires == NOW + 100
        auth.clock.time = NOW + 100
        assert await auth.sessions.get(session.id) is None
        assert (await device.renew()).status_code == 401


@pytest.mark.requirement("R4")
async def test_a_session_ends_when_it_is_idle(store):
    async with open_timed(store, lifetime=1000, idle=100) as (auth, client):
        device = Device(client)
        await device.log_in()
        auth.clock.time = NOW + 100
        assert (await device.renew()).status_code == 401


@pytest.mark.requirement("R4")
async def test_a_session_lasts_as_long_as_its_access_token(store):
    async with open_timed(store, token=100, idle=10) as (auth, client):
        device, other = Device(client), Device(client)
        for each in (device, other):
            await each.log_in()
        auth.clock.time = NOW + 99
        assert await device.get("/store") == 200
        assert (await device.renew()).status_code == 200
        auth.clock.time = NOW + 100
        assert (await other.renew()).status_code == 401


@pytest.mark.requirement("R1")
async def test_an_expired_token_is_refused_once_stores_have_forgotten_it(
    store,
):
    """A revocation is forgotten when its token has expired, but a route may
    accept expired tokens."""
    auth = Shop(session_store=store, leeway=LEEWAY)
    async with open_shop(auth) as client:
        device = Device(client)
        device.access = await token_without_a_session(auth)
        auth.clock.time = device.claims["exp"] + LEEWAY - 1
        assert await device.get("/open-ended") == 200
        auth.clock.time += 1
        assert await device.get("/open-ended") == 401


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("check", ["/feed", "/store", "/auth/verify"])
@pytest.mark.parametrize("late", [-1, 0, LEEWAY - 1])
async def test_a_revoked_token_stays_revoked_until_its_leeway_ends(
    store, check, late
):
    """Otherwise it would be accepted between `exp` and `exp` + leeway."""
    auth = Shop(session_store=store, leeway=LEEWAY)
    async with open_shop(auth) as client:
        revoked, other = Device(client), Device(client)
        for device in (revoked, other):
            device.access = await token_without_a_session(auth)
        await auth.sessions.revoke_token(revoked.claims)
        auth.clock.time = revoked.claims["exp"] + late
        assert await other.get(check) == 200
        assert await revoked.get(check) == 401


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("expires", [10**30, 1e300, 2**63])
async def test_a_token_with_a_huge_exp_can_be_revoked(store, expires):
    """No store can store such a time."""
    auth = Shop(session_store=store)
    async with open_shop(auth):
        await auth.sessions.revoke_token({"jti": "token", "exp": expires})
        assert await auth.sessions.is_revoked(None, "token")
        assert auth.sessions.feed.revoked["token"] < 10**12


@pytest.mark.requirement("R1")
async def test_verify_token_refuses_a_token_without_ids(store):
    """A token without `sid` and `jti` cannot be looked up in a store."""
    auth = Shop(session_store=store)
    async with open_shop(auth):
        await auth.verify_token(await token_without_a_session(auth))
        claims = {"user_id": "ada", "exp": int(NOW) + 60}
        token = jwt.encode(claims, SECRET, "HS256")
        with pytest.raises(InvalidToken):
            await auth.verify_token(token)


class Asked:
    """Counts the calls of a store."""

    def __init__(self, store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        for name in ("get", "swap", "revoke"):
            monkeypatch.setattr(store, name, self._counted(store, name))

    def _counted(self, store: Any, name: str) -> Any:
        method = getattr(store, name)

        async def counted(*args: Any, **kwargs: Any) -> Any:
            self.count += 1
            return await method(*args, **kwargs)

        return counted


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
async def test_malformed_refresh_tokens_do_not_reach_the_store(
    store, path, monkeypatch
):
    auth = Shop(session_store=store)
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        asked = Asked(store, monkeypatch)
        good = device.refresh
        for hostile in (
            good[:-1],
            good + "A",
            good[:34].upper() + good[34:],
            good[:-1] + "=",
            good[:-1] + "\n",
            good + "\n",
            "x" * 99,
            "0" * 100_000,
            "\0" * 99,
            "0" * 98 + "٣",
        ):
            response = await client.post(path, json={"refresh_token": hostile})
            assert response.status_code == 401, hostile[:120]
        assert asked.count == 0
        response = await client.post(path, json={"refresh_token": good})
        assert response.status_code in (200, 204)
        assert asked.count > 0


async def token_without_a_session(auth: Shop) -> str:
    """Return an access token that has a `jti` and no `sid`."""
    token: str = await auth.generate_access_token({"user_id": "ada"})
    return token
