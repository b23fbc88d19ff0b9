"""G1: a scopes claim of a wrong type is a 403."""

from functools import cache

import pytest
from sanic.response import text

from sanic_jwt_oo import scoped

from .forging import token
from .shops import CONTENT, is_content, is_refused, new_shop, open_shop

pytestmark = pytest.mark.requirement("G1")

WRONG = [
    ...,
    None,
    True,
    False,
    0,
    1,
    1.5,
    "",
    "orders",
    "orders:read",
    "orders:read users",
    {},
    {"orders": "read"},
    {"orders:read": True},
    [],
    [None],
    [None, None],
    [1],
    [True],
    [[]],
    [["orders:read"]],
    [["orders", "read"]],
    [{"orders": "read"}],
    ["orders:read", 1],
    ["orders:read", ["x"]],
    ["orders:read", {}],
    [""],
    [":"],
    [":read"],
    ["orders:"],
    [" orders:read"],
    ["ORDERS:READ"],
    ["orders:read "],
    ["\ud800"],
    ["x" * 1000],
]


@pytest.mark.parametrize("scopes", WRONG, ids=lambda s: repr(s)[:40])
async def test_an_ill_typed_scopes_claim_is_a_403(front, scopes):
    shop = open_shop(front)
    response = await shop.get("/scoped", token(scopes=scopes))
    assert is_refused(response, 403)


WAYS = {
    "all": {"scopes": ["orders:read", "users"]},
    "any": {"scopes": ["orders:read", "users"], "require_all": False},
    "action": {"scopes": "orders:read:write", "require_all_actions": False},
    "callable": {"scopes": lambda request: "orders:read"},
}


@cache
def shop_of_ways(front):
    shop = new_shop(front)
    for name, options in WAYS.items():

        async def handler(request):
            return text(CONTENT)

        guarded = scoped(**options, initialized_on=shop.auth)(handler)
        shop.app.add_route(guarded, f"/{name}", name=name)
    return shop


@pytest.mark.parametrize("scopes", WRONG, ids=lambda s: repr(s)[:40])
async def test_an_ill_typed_claim_is_a_403_for_every_kind_of_requirement(
    front, scopes
):
    shop = shop_of_ways(front)
    for name in WAYS:
        response = await shop.get(f"/{name}", token(scopes=scopes))
        assert is_refused(response, 403), name


@pytest.mark.parametrize("required", [None, False])
async def test_no_required_scope_leaves_a_route_open(front, required):
    shop = new_shop(front)

    @shop.app.get("/route")
    @scoped(required, initialized_on=shop.auth)
    async def route(request):
        return text(CONTENT)

    assert is_content(await shop.get("/route"))


@pytest.mark.parametrize(
    "required", [1, True, {}, [None], [1], b"orders", object(), ["orders", 1]]
)
async def test_an_ill_typed_required_scope_is_a_403(front, required):
    shop = new_shop(front)

    @shop.app.get("/route")
    @scoped(lambda request: required, initialized_on=shop.auth)
    async def route(request):
        return text(CONTENT)

    good = token(scopes=["orders", "True", "1", "None"])
    assert is_refused(await shop.get("/route", good), 403)


async def test_a_null_among_the_scopes_is_ignored(front):
    shop = open_shop(front)
    held = token(scopes=[None, "orders:read"])
    assert is_content(await shop.get("/scoped", held))
