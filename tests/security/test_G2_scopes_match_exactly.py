"""G2: scopes match exactly as in the table of sanic-jwt."""

from functools import cache

import pytest
from sanic.response import text

from sanic_jwt_oo import scoped

from .forging import token
from .shops import CONTENT, is_refused, new_shop

pytestmark = pytest.mark.requirement("G2")

# required, held, granted if all actions are required, granted if any is
TABLE = [
    ("user", ["user"], True, True),
    ("user", ["something"], False, False),
    ("user", ["user:read"], False, False),
    ("user", [":read"], False, False),
    ("user", ["users"], False, False),
    ("user", ["use"], False, False),
    ("user:read", ["user"], True, True),
    ("user:read", ["user:read"], True, True),
    ("user:read", ["user:write"], False, False),
    ("user:read", ["user:read:write"], True, True),
    ("user:read", ["user:readonly"], False, False),
    ("user:read", ["admin:read"], False, False),
    ("user:read", [":read"], False, False),
    ("user:read", ["user:"], False, False),
    ("user:read:write", ["user"], True, True),
    ("user:read:write", ["user:read"], False, True),
    ("user:read:write", ["user:write"], False, True),
    ("user:read:write", ["user:read:write"], True, True),
    ("user:read:write", ["user:write:read"], True, True),
    ("user:read:write", ["user:read:write:delete"], True, True),
    ("user:read:write", ["user:read", "user:write"], False, True),
    ("user:read:write", ["user:delete"], False, False),
    (":read", [":read"], True, True),
    (":read", ["user:read"], True, True),
    (":read", ["admin:read:write"], True, True),
    (":read", ["user:write"], False, False),
    (":read", ["user"], True, True),
    ("user", ["User"], False, False),
    ("user", ["other", "user"], True, True),
    ("user:read", ["other:read", "user:write"], False, False),
    ("user", [], False, False),
]


SEVERAL = [
    (["user", "admin"], ["user"], False, True),
    (["user", "admin"], ["admin"], False, True),
    (["user", "admin"], ["user", "admin"], True, True),
    (["user", "admin"], ["other"], False, False),
    (["user:read", "admin:write"], ["user", "admin:write"], True, True),
    (["user:read", "admin:write"], ["user:read"], False, True),
]

TABLE_IDS = [str(row) for row in TABLE]
SEVERAL_IDS = [str(row) for row in SEVERAL]


def route(shop, scopes, path="/route", **options):
    async def handler(request):
        return text(CONTENT)

    guarded = scoped(scopes, initialized_on=shop.auth, **options)(handler)
    shop.app.add_route(guarded, path, name=path.strip("/"))


@cache
def scoped_shop(front):
    """A shop with a route for every way to require scopes."""
    shop = new_shop(front)
    for number, (required, *_) in enumerate(TABLE):
        route(shop, required, f"/all-{number}")
        route(shop, required, f"/any-{number}", require_all_actions=False)
    for number, (required, *_) in enumerate(SEVERAL):
        route(shop, required, f"/every-{number}")
        route(shop, required, f"/one-{number}", require_all=False)
    return shop


@pytest.mark.parametrize("row", range(len(TABLE)), ids=TABLE_IDS)
async def test_all_actions_are_required(front, row):
    _, held, granted, _ = TABLE[row]
    response = await scoped_shop(front).get(f"/all-{row}", token(scopes=held))
    assert response.status == (200 if granted else 403)


@pytest.mark.parametrize("row", range(len(TABLE)), ids=TABLE_IDS)
async def test_one_action_suffices_without_require_all_actions(front, row):
    _, held, _, granted = TABLE[row]
    response = await scoped_shop(front).get(f"/any-{row}", token(scopes=held))
    assert response.status == (200 if granted else 403)


@pytest.mark.parametrize("row", range(len(SEVERAL)), ids=SEVERAL_IDS)
async def test_all_scopes_are_required(front, row):
    _, held, granted, _ = SEVERAL[row]
    response = await scoped_shop(front).get(
        f"/every-{row}", token(scopes=held)
    )
    assert response.status == (200 if granted else 403)


@pytest.mark.parametrize("row", range(len(SEVERAL)), ids=SEVERAL_IDS)
async def test_one_scope_suffices_without_require_all(front, row):
    _, held, _, granted = SEVERAL[row]
    response = await scoped_shop(front).get(f"/one-{row}", token(scopes=held))
    assert response.status == (200 if granted else 403)


async def test_an_empty_list_of_scopes_grants_nothing(front):
    shop = new_shop(front)
    route(shop, [], require_all=False)
    held = token(scopes=["user"])
    assert is_refused(await shop.get("/route", held), 403)


async def test_override_scope_validator_decides(front):
    for verdict, status in ((True, 200), (False, 403)):
        shop = new_shop(
            front, override_scope_validator=lambda is_valid, v=verdict: v
        )
        route(shop, "user:read")
        for held in (["user"], ["other"]):
            response = await shop.get("/route", token(scopes=held))
            assert response.status == status


async def test_the_validator_is_not_called_without_scopes(front):
    shop = new_shop(front, override_scope_validator=lambda is_valid: True)
    route(shop, "user:read")
    for held in ([], ["x", 1], None, "user"):
        response = await shop.get("/route", token(scopes=held))
        assert is_refused(response, 403)
