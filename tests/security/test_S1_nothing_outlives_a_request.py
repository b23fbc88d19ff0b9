"""S1: no state of a request outlives it, even if it raises.

On a server, the requests of one connection run in one task; here too.
"""

import asyncio

import pytest
from sanic.response import text

from sanic_jwt_oo import inject_user, protected

from .forging import ADA, BOB, NOW, OTHER_SECRET, token
from .server import served
from .shops import CONTENT, is_content, is_refused, new_shop, open_shop

pytestmark = [
    pytest.mark.requirement("S1"),
    pytest.mark.requirement("I1"),
]

EXPIRED = token(exp=NOW - 10**6)
REFRESH = {"refresh_token": "the refresh token"}


def loose_routes(shop, reached=None):
    """Add routes that accept expired tokens, and end in different ways."""
    auth = shop.auth
    loose = protected(auth, verify_exp=False)

    @shop.app.get("/loose")
    @loose
    async def fine(request):
        return text(CONTENT)

    @shop.app.get("/loose/raises")
    @loose
    async def raises(request):
        raise ValueError("a fault of the application")

    @shop.app.get("/loose/override")
    async def override(request):
        with auth.override(verify_exp=False, leeway=10**7):
            await auth.check(request)
            raise ValueError("a fault of the application")

    @shop.app.get("/loose/cancelled")
    @loose
    async def cancelled(request):
        raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/auth/refresh", None),
        ("POST", "/auth/refresh", {"refresh_token": "wrong"}),
        ("POST", "/auth/refresh", REFRESH),
        ("POST", "/auth/refresh", []),
        ("GET", "/loose", None),
        ("GET", "/loose/raises", None),
        ("GET", "/loose/override", None),
    ],
)
async def test_an_expired_token_stays_expired(front, method, path, body):
    shop = new_shop(front, refresh_token_enabled=True)
    loose_routes(shop)
    shop.stored[ADA] = REFRESH["refresh_token"]
    for _ in range(3):
        await shop(method, path, EXPIRED, json=body)
        for guarded in ("/protected", "/scoped", "/user", "/auth/me"):
            assert is_refused(await shop.get(guarded, EXPIRED))
        assert (await shop.get("/auth/verify", EXPIRED)).status == 401
        assert (await shop.get("/public", EXPIRED)).json == {"user": None}


async def test_an_expired_token_stays_expired_after_a_cancelled_one(front):
    shop = new_shop(front)
    loose_routes(shop)
    with pytest.raises(asyncio.CancelledError):
        await shop.get("/loose/cancelled", EXPIRED)
    assert is_refused(await shop.get("/protected", EXPIRED))


async def test_a_refresh_whose_retrieve_user_fails_leaves_no_state(front):
    def retrieve_user(payload):
        raise RuntimeError("the database is away")

    settings = {"refresh_token_enabled": True}
    shop = new_shop(front, retrieve_user=retrieve_user, **settings)
    response = await shop.post("/auth/refresh", EXPIRED, json=REFRESH)
    assert response.status == 500
    assert is_refused(await shop.get("/protected", EXPIRED))


async def test_a_failed_refresh_leaves_no_state_on_its_connection(front):
    shop = new_shop(front, refresh_token_enabled=True)
    loose_routes(shop)
    async with served(shop.app) as server:
        connection = await server.connect()
        refused = await connection.request("GET", "/protected", EXPIRED)
        assert refused[0] == 401
        for method, path, body in (
            ("POST", "/auth/refresh", b'{"refresh_token": "wrong"}'),
            ("POST", "/auth/refresh", b""),
            ("POST", "/auth/refresh", b"{"),
            ("GET", "/loose", b""),
            ("GET", "/loose/raises", b""),
        ):
            await connection.request(method, path, EXPIRED, body)
            for guarded in ("/protected", "/auth/me", "/auth/verify"):
                response = await connection.request("GET", guarded, EXPIRED)
                assert response[0] == 401, (path, guarded, response)
        good = await connection.request("GET", "/protected", token())
        assert good[0] == 200


async def test_users_on_one_connection_do_not_mix(front):
    shop = new_shop(front)
    async with served(shop.app) as server:
        connection = await server.connect()
        for user_id in (ADA, BOB, None, BOB, ADA):
            bearer = user_id and token(user_id=user_id)
            response = await connection.request("GET", "/public", bearer)
            name = {ADA: b'"ada"', BOB: b'"bob"', None: b"null"}[user_id]
            assert name in response[2]


async def test_a_request_does_not_see_the_previous_token(front):
    shop = open_shop(front)
    assert is_content(await shop.get("/user", token()))
    assert is_refused(await shop.get("/user"))
    forged = token(secret=OTHER_SECRET)
    assert is_refused(await shop.get("/user", forged))


async def test_reasons_do_not_carry_over_between_requests(front):
    shop = open_shop(front, debug=True)
    first = (await shop.get("/protected", "x")).json
    await shop.get("/protected", EXPIRED)
    await shop.get("/auth/verify", token(iss=1, aud="x"))
    assert (await shop.get("/protected", "x")).json == first
    assert (await shop.get("/protected")).json != first


async def test_no_state_is_kept_on_the_app_or_the_installation(front):
    shop = new_shop(front, refresh_token_enabled=True)
    loose_routes(shop)
    await shop.get("/protected", token())

    def snapshot():
        return {
            "auth": {k: repr(v) for k, v in vars(shop.auth).items()},
            "installation": {
                name: repr(value)
                for name, value in vars(shop.auth._sanic_jwt_oo).items()
            },
            "app": sorted(vars(shop.app.ctx)),
        }

    await shop.get("/auth/verify")
    before = snapshot()
    await shop.post("/auth/refresh", EXPIRED, json=REFRESH)
    await shop.get("/loose/raises", EXPIRED)
    await shop.get("/user", token(user_id=BOB))
    after = snapshot()
    assert after == before


async def test_a_token_checked_under_an_override_is_checked_again(front):
    shop, seen = new_shop(front), []

    @shop.app.get("/both")
    @inject_user(shop.auth)
    async def both(request, user):
        with shop.auth.override(verify_exp=False):
            seen.append(await shop.auth.is_authenticated(request))
        seen.append(await shop.auth.is_authenticated(request))
        return text("both")

    await shop.get("/both", EXPIRED)
    assert seen == [True, False]


async def test_settings_of_an_inner_decorator_do_not_relax_an_outer_one(front):
    shop = new_shop(front)

    @shop.app.get("/inner")
    @protected(shop.auth)
    @protected(shop.auth, verify_exp=False)
    async def inner(request):
        return text(CONTENT)

    assert is_refused(await shop.get("/inner", EXPIRED))
    assert is_content(await shop.get("/inner", token()))
