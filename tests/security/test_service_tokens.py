"""Tokens without ``exp``, which an empty ``required_claims`` accepts.

Services sign them, or another issuer does. They are revoked by their ids.
"""

import pytest

from sanic_jwt_oo import protected
from sanic_jwt_oo.exceptions import ExpiredToken
from sanic_jwt_oo.sessions import MemorySessionStore

from .forging import NOW, OTHER_SECRET, SECRET, signature_of, token
from .shops import (
    FRONTS,
    Shop,
    add_routes,
    hooks_of,
    is_content,
    is_refused,
    is_refused_everywhere,
    new_app,
    new_shop,
    open_shop,
    route,
)

pytestmark = pytest.mark.requirement("T9")


def shop_with_store(front, **settings):
    """A shop that can revoke tokens."""
    shop = Shop(new_app())
    hooks = {"now": lambda: NOW, **hooks_of(shop)}
    for name in ("store_refresh_token", "retrieve_refresh_token"):
        del hooks[name]  # the store takes their place
    shop.auth = FRONTS[front](
        shop,
        hooks,
        secret=SECRET,
        required_claims=(),
        session_store=MemorySessionStore(),
        **settings,
    )
    add_routes(shop.app, shop.auth)
    return shop


async def test_an_empty_list_accepts_a_token_without_exp(front):
    shop = open_shop(front, required_claims=())
    for _ in range(2):  # the second one is cached
        assert is_content(await shop.get("/protected", token(exp=...)))
    response = await shop.get("/auth/verify", token(exp=...))
    assert response.status == 200


async def test_a_route_can_accept_it_alone(front):
    shop = new_shop(front)
    route(shop, "/service", protected(shop.auth, required_claims=()))
    for _ in range(2):
        assert is_content(await shop.get("/service", token(exp=...)))
        assert is_refused(await shop.get("/protected", token(exp=...)))


async def test_a_route_can_require_exp_again(front):
    shop = new_shop(front, required_claims=())
    route(shop, "/strict", protected(shop.auth, required_claims=["exp"]))
    for _ in range(2):
        assert is_content(await shop.get("/protected", token(exp=...)))
        assert is_refused(await shop.get("/strict", token(exp=...)))


async def test_an_exp_that_is_there_is_checked(front):
    shop = open_shop(front, required_claims=())
    assert await is_refused_everywhere(shop, token(exp=NOW - 1000))
    with pytest.raises(ExpiredToken):
        await shop.auth.verify_token(token(exp=NOW - 1000))


@pytest.mark.requirement("T10")
@pytest.mark.parametrize("exp", [None, "never", True, [], {}, float("inf")])
async def test_an_exp_that_is_no_number_is_refused(front, exp):
    shop = open_shop(front, required_claims=())
    assert await is_refused_everywhere(shop, token(exp=exp))


@pytest.mark.requirement("T1")
async def test_nothing_else_is_looser_without_exp(front):
    shop = open_shop(front, required_claims=(), claim_aud="shop")
    for forged in (
        token(exp=..., aud="shop", secret=OTHER_SECRET),
        token(exp=...),
        token(exp=..., aud="shop", nbf=NOW + 1000),
    ):
        assert await is_refused_everywhere(shop, forged)


@pytest.mark.requirement("S3")
async def test_a_token_without_exp_is_verified_again_after_a_while(
    front, signatures
):
    """It stays in the cache as long as a token of ours would live."""
    shop = new_shop(front, required_claims=(), expiration_delta=60)
    clock = [NOW]
    shop.auth.now = lambda: clock[0]
    endless = token(exp=...)
    for later, checked in ((0, 1), (59, 1), (60, 2), (119, 2), (120, 3)):
        clock[0] = NOW + later
        for _ in range(2):
            assert is_content(await shop.get("/protected", endless))
        assert signatures.count(signature_of(endless)) == checked


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("check", ["feed", "store"])
async def test_it_is_revoked_by_its_id_for_ever(front, check):
    shop = shop_with_store(front, revocation_check=check)
    clock = [NOW]
    shop.auth.now = lambda: clock[0]
    kept, ended = token(exp=..., jti="kept"), token(exp=..., jti="ended")
    for one in (kept, ended):
        assert is_content(await shop.get("/protected", one))
    payload = await shop.auth.verify_token(
        ended, *({"legacy": [True]}.get(front, []))
    )
    await shop.auth.sessions.revoke_token(payload)
    for later in (0, 3600, 10 * 365 * 24 * 3600):
        clock[0] = NOW + later
        assert is_content(await shop.get("/protected", kept))
        assert is_refused(await shop.get("/protected", ended))


@pytest.mark.requirement("R1")
async def test_log_out_revokes_it(front):
    shop = shop_with_store(front)
    service = token(exp=..., jti="a service")
    assert is_content(await shop.get("/protected", service))
    assert (await shop.post("/auth/logout", service)).status == 204
    assert is_refused(await shop.get("/protected", service))


@pytest.mark.requirement("R1")
async def test_with_a_store_one_without_any_id_is_refused(front):
    """Nothing could revoke it."""
    shop = shop_with_store(front)
    assert await is_refused_everywhere(shop, token(exp=...))
