"""``inject_user`` failed on a preflight request and on a public route."""

import pytest
from sanic.response import empty, json

from sanic_jwt_oo import inject_user, protected

from .apps import Shop, both_fronts, install, new_app, walk_through

pytestmark = both_fronts


@pytest.fixture
def shop(front):
    app = new_app()
    shop = Shop(app, auth=install(front, app))

    @app.route("/public", methods=["GET", "OPTIONS"])
    @inject_user(shop.auth)
    async def public(request, user):
        if request.method == "OPTIONS":
            return empty(headers={"X-Preflight": "yes"})
        return json({"user": user})

    @app.get("/private")
    @protected(shop.auth)
    @inject_user(shop.auth)
    def private(request, user):
        return json({"user": user})

    @app.get("/other-order")
    @inject_user(shop.auth)
    @protected(shop.auth)
    def other_order(request, user):
        return json({"user": user})

    return shop


async def test_a_preflight_of_an_application_route(shop):
    response = await shop("OPTIONS", "/public")
    assert response.status == 204
    assert response.headers["x-preflight"] == "yes"


@pytest.mark.parametrize("path", ["/auth", "/auth/me", "/auth/refresh"])
async def test_a_preflight_of_an_endpoint(shop, path):
    assert (await shop("OPTIONS", path)).status == 204


async def test_no_user_on_a_public_route(shop):
    assert (await shop.get("/public")).json == {"user": None}


@pytest.mark.parametrize("bearer", ["x", "a.b.c", ""])
async def test_an_invalid_token_on_a_public_route_is_no_user(shop, bearer):
    assert (await shop.get("/public", bearer)).json == {"user": None}


async def test_a_user_on_a_public_route(shop):
    bearer = await walk_through(shop, "/auth")
    assert (await shop.get("/public", bearer)).json["user"]["name"] == "joe"


@pytest.mark.parametrize("path", ["/private", "/other-order"])
async def test_a_user_on_a_protected_route(shop, path):
    bearer = await walk_through(shop, "/auth")
    assert (await shop.get(path)).status == 401
    assert (await shop.get(path, bearer)).json["user"]["name"] == "joe"
