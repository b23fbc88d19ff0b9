"""A refresh token of the application's own was stored twice at a login.

`generate_refresh_token` of sanic-jwt's `Authentication` stores the token that
it makes, and an override of it is left to do so.
"""

import pytest

from sanic_jwt_oo import Authentication, Initialize
from tests.security.forging import SECRET
from tests.security.shops import Shop, new_app
from tests.steps.world import Pair, visit


class Storing:
    """Notes which refresh tokens are stored."""

    async def store_refresh_token(self, user_id, refresh_token, request):
        self.stored.append((user_id, refresh_token))


class Legacy(Storing, Authentication):
    def authenticate(self, request):
        return {"user_id": 1}

    def retrieve_user(self, request, payload):
        return {"user_id": 1}

    def retrieve_refresh_token(self, user_id, request):
        return None


async def log_in(kind):
    """Return what an application has stored, and what its client has got."""
    shop = Shop(new_app())
    kind = type("App", (kind,), {"stored": []})
    Initialize(
        shop.app,
        authentication_class=kind,
        refresh_token_enabled=True,
        secret=SECRET,
    )
    response = await shop.post("/auth", json={})
    assert response.status == 200
    return kind.stored, response.json["refresh_token"]


async def test_a_refresh_token_is_stored_once():
    stored, received = await log_in(Legacy)
    assert stored == [(1, received)]


@pytest.mark.requirement("X1")
async def test_an_override_makes_and_stores_it():
    class Own(Legacy):
        async def generate_refresh_token(self, request, user):
            return "own"

    assert await log_in(Own) == ([], "own")


@pytest.mark.requirement("X1")
@pytest.mark.parametrize("is_async", [True, False])
async def test_the_step_that_makes_and_stores_it_is_taken(is_async):
    def issue(self, request, user):
        self.stored[user["user_id"]] = "own"
        return "own"

    async def issue_later(self, request, user):
        return issue(self, request, user)

    step = issue_later if is_async else issue
    visitor = await visit(
        type("App", (Pair,), {"issue_refresh_token": step})()
    )
    assert visitor.refresh == "own"
    assert (await visitor.renew()).status == 200
