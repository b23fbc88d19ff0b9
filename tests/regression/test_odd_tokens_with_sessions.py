"""An `exp` that no float or no Redis can store, signed by an issuer (T18).

With sessions, the package calculates with the times of tokens: routes gave a
500, and Redis forgot a revocation at once (R1). The same holds for ids that
cannot be looked up in a store.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sanic import Sanic
from sanic.response import text

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.sessions import (
    MemorySessionStore,
    RedisSessionStore,
    RevocationFeed,
    SessionStore,
    SQLSessionStore,
)

from ..conftest import SECRET, Client
from ..security.forging import token
from ..sessions.conformance import PATIENCE, until

pytestmark = [pytest.mark.requirement("T18"), pytest.mark.requirement("R1")]

FAR = [10**400, 10**300, 1e300, 10**18, 2**63]
LONG_AGO = [-(10**400), -1e300, -(2**63)]
NAMES = "abcde"


class Auth(JWTAuth[dict[str, Any]]):
    """Accepts any user of a token, and chooses `exp` of its own tokens."""

    exp: Any = None

    def extend_payload(self, payload: Any) -> Any:
        return {**payload, "exp": self.exp}

    def authenticate(self, request: Any) -> dict[str, Any]:
        return {"user_id": 1}

    def retrieve_user(self, payload: Any) -> dict[str, Any]:
        return {"user_id": payload["user_id"]}


def install(app: Sanic, store: SessionStore, **settings: Any) -> Auth:
    auth = Auth(
        secret=SECRET,
        session_store=store,
        session_endpoints_enabled=True,
        **settings,
    ).install(app)

    @app.get("/orders")
    @auth.protected()
    async def orders(request: Any) -> Any:
        return text("fine")

    return auth


def bearer(**claims: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {token(secret=SECRET, **claims)}"}


@pytest.mark.parametrize("check", ["never", "feed", "store"])
@pytest.mark.parametrize("leeway", [60, 60.0])
@pytest.mark.parametrize("exp", FAR, ids=NAMES)
async def test_a_token_with_a_huge_exp_is_valid_until_revoked(
    app: Sanic, client: Client, exp: Any, leeway: float, check: str
) -> None:
    install(app, MemorySessionStore(), leeway=leeway, revocation_check=check)
    for path, status in (("/auth/logout", 204), ("/auth/logout/all", 204)):
        headers = bearer(exp=exp, jti=path)
        for _ in range(2):
            response = await client.get("/orders", headers=headers)
            assert response.status == 200
            response = await client.get("/auth/sessions", headers=headers)
            assert response.json == {"sessions": [], "next": None}
        response = await client.post(path, headers=headers)
        assert response.status == status
        response = await client.get("/orders", headers=headers)
        assert response.status == (200 if check == "never" else 401)


@pytest.fixture(params=["memory", "sqlite", "redis"])
async def store(request: Any) -> AsyncIterator[SessionStore]:
    """A store of each kind."""
    if request.param == "memory":
        yield MemorySessionStore()
        return
    kinds = {"redis": RedisSessionStore, "sqlite": SQLSessionStore}
    url = request.getfixturevalue(f"{request.param}_url")
    store = kinds[request.param](url, timeout=PATIENCE)
    yield store
    await store.close()


async def test_every_store_accepts_the_revocation_of_such_a_token(
    app: Sanic, client: Client, store: SessionStore
) -> None:
    install(app, store, revocation_check="store")
    for number, exp in enumerate(FAR):
        headers = bearer(exp=exp, jti=str(number))
        response = await client.post("/auth/logout", headers=headers)
        assert response.status == 204, exp
        response = await client.get("/orders", headers=headers)
        assert response.status == 401, exp


@pytest.mark.parametrize("claim", ["jti", "sid"])
async def test_a_lone_surrogate_reaches_no_store(
    app: Sanic, client: Client, store: SessionStore, claim: str
) -> None:
    install(app, store, revocation_check="store")
    headers = bearer(**{"jti": "x", claim: "x\ud800"})
    for method, path in (("GET", "/orders"), ("POST", "/auth/logout")):
        response = await client(method, path, headers=headers)
        assert response.status == 401


async def test_the_session_of_such_a_token_can_be_revoked(
    app: Sanic, client: Client, store: SessionStore
) -> None:
    auth = install(app, store)
    feed = RevocationFeed(PATIENCE)
    for exp in FAR:
        auth.exp = exp
        response = (await client.post("/auth", json={})).json
        headers = {"authorization": f"Bearer {response['access_token']}"}
        response = await client.post("/auth/logout", headers=headers)
        assert response.status == 204, exp
    following = asyncio.create_task(store.follow(feed))
    await until(lambda: feed.is_current)
    following.cancel()
    assert len(feed.revoked) == len(FAR)


@pytest.mark.parametrize("exp", LONG_AGO, ids=NAMES[:3])
@pytest.mark.parametrize("leeway", [60, 60.0])
async def test_a_token_with_a_hugely_negative_exp_is_refused(
    app: Sanic, client: Client, exp: Any, leeway: float
) -> None:
    auth = install(app, MemorySessionStore(), leeway=leeway)

    @app.get("/late")
    @auth.protected(verify_exp=False)
    async def late(request: Any) -> Any:
        return text("fine")

    headers = bearer(exp=exp, jti="x")
    for path in ("/orders", "/late"):
        assert (await client.get(path, headers=headers)).status == 401
