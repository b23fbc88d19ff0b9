"""T9: ``exp`` is required, unless an empty ``required_claims`` says not.

The legacy form follows ``verify_exp`` too.
"""

import jwt
import pytest

from sanic_jwt_oo import protected
from sanic_jwt_oo.exceptions import SanicJWTException

from .forging import NOW, token
from .shops import (
    is_content,
    is_refused,
    is_refused_everywhere,
    new_shop,
    open_shop,
    route,
)

pytestmark = pytest.mark.requirement("T9")


async def test_a_token_without_exp_is_refused(front):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token(exp=...))


async def test_a_token_whose_exp_is_null_is_refused(front):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token(exp=None))


async def test_the_class_form_requires_exp_even_without_verify_exp():
    shop = open_shop("class", verify_exp=False)
    assert await is_refused_everywhere(shop, token(exp=...))


async def test_the_legacy_form_without_verify_exp_does_not_require_exp():
    shop = open_shop("legacy", verify_exp=False)
    assert is_content(await shop.get("/protected", token(exp=...)))


async def test_in_the_legacy_form_a_route_without_verify_exp_accepts_it_too():
    shop = new_shop("legacy")
    route(shop, "/open-ended", protected(shop.auth, verify_exp=False))
    assert is_content(await shop.get("/open-ended", token(exp=...)))
    assert is_refused(await shop.get("/protected", token(exp=...)))


async def test_an_exp_that_is_listed_is_required_without_verify_exp(front):
    shop = open_shop(front, verify_exp=False, required_claims=["exp"])
    assert await is_refused_everywhere(shop, token(exp=...))


@pytest.mark.parametrize("listed", [["jti"], {"user_id"}])
async def test_a_list_of_other_claims_does_not_drop_exp(front, listed):
    """To require a claim more must not make tokens last for ever."""
    shop = open_shop(front, required_claims=listed)
    assert await is_refused_everywhere(shop, token(exp=..., jti="1"))
    shop = new_shop(front)
    asking = protected(shop.auth, required_claims=listed)
    route(shop, "/asking", asking)
    assert is_refused(await shop.get("/asking", token(exp=..., jti="1")))


async def test_without_exp_there_is_no_refresh():
    shop = open_shop(refresh_token_enabled=True)
    shop.stored[1] = "a refresh token"
    response = await shop.post(
        "/auth/refresh",
        token(exp=...),
        json={"refresh_token": "a refresh token"},
    )
    assert is_refused(response)


@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "jti", "shop"])
@pytest.mark.parametrize("value", [..., None], ids=["absent", "null"])
async def test_any_required_claim_must_be_present(front, name, value):
    shop = open_shop(front, required_claims=["exp", name])
    assert await is_refused_everywhere(shop, token(**{name: value}))


async def test_an_issued_token_has_exp(front):
    shop = open_shop(front, expiration_delta=60)
    made = await shop.auth.generate_access_token(shop.users[1])
    payload = jwt.decode(made, options={"verify_signature": False})
    assert payload["exp"] == NOW + 60


async def test_no_late_extension_of_a_payload_drops_exp(front):
    shop = open_shop(front)
    with pytest.raises(SanicJWTException, match="exp"):
        await shop.auth.generate_access_token(
            shop.users[1], extend_payload=lambda payload: {"user_id": 1}
        )


async def test_the_hook_extend_payload_does_not_drop_exp(front):
    shop = new_shop(front, extend_payload=lambda payload: {"user_id": 1})
    with pytest.raises(SanicJWTException, match="exp"):
        await shop.auth.generate_access_token(shop.users[1])
