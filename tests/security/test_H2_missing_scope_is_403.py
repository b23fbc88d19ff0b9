"""H2: a missing scope is a 403 with ``insufficient_scope``."""

import pytest

from .forging import token
from .shops import is_content, is_refused, open_shop

pytestmark = pytest.mark.requirement("H2")


@pytest.mark.parametrize("scopes", [[], ["orders:write"], ["users"]])
async def test_a_missing_scope_is_forbidden(front, scopes):
    shop = open_shop(front)
    response = await shop.get("/scoped", token(scopes=scopes))
    assert is_refused(response, 403)
    challenge = response.headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="orders:read"' in challenge


async def test_a_token_with_the_scope_is_accepted(front):
    shop = open_shop(front)
    good = token(scopes=["orders:read"])
    assert is_content(await shop.get("/scoped", good))


async def test_without_a_token_a_scoped_route_is_401(front):
    shop = open_shop(front)
    assert is_refused(await shop.get("/scoped"))


async def test_a_forbidden_route_is_not_hidden_behind_a_redirect(front):
    from sanic.response import text

    from sanic_jwt_oo import scoped

    from .shops import new_shop

    shop = new_shop(front)

    @shop.app.get("/page")
    @scoped("orders:read", initialized_on=shop.auth, redirect_on_fail=True)
    async def page(request):
        return text("a page")

    response = await shop.get("/page", token(scopes=[]))
    assert is_refused(response, 403)
    assert (await shop.get("/page")).status == 302
