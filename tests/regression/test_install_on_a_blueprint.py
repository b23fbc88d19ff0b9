"""Installing on a blueprint needed ``app=`` and the right order of lines."""

import pytest
from sanic import Blueprint
from sanic.response import text

from sanic_jwt_oo import Initialize, protected
from sanic_jwt_oo.exceptions import InvalidConfiguration

from .apps import (
    SECRET,
    Shop,
    add_a_route,
    both_fronts,
    csrf,
    install,
    new_app,
    walk_through,
)

pytestmark = both_fronts


@pytest.fixture
def app():
    return new_app()


@pytest.fixture
def bp(app):
    return Blueprint(f"bp-{app.name}", url_prefix="/shop")


async def test_without_app_before_it_is_registered(front, app, bp):
    install(front, bp)
    app.blueprint(bp)
    await walk_through(Shop(app), "/shop/auth")


async def test_without_app_after_it_is_registered(front, app, bp):
    app.blueprint(bp)
    install(front, bp)
    await walk_through(Shop(app), "/shop/auth")


async def test_with_app_before_it_is_registered(front, app, bp):
    install(front, bp, app)
    app.blueprint(bp)
    await walk_through(Shop(app), "/shop/auth")


async def test_with_app_after_it_is_registered(front, app, bp):
    app.blueprint(bp)
    install(front, bp, app)
    await walk_through(Shop(app), "/shop/auth")


async def test_a_prefix_given_at_registration(front, app):
    bp = Blueprint(f"bp-{app.name}")
    install(front, bp)
    app.blueprint(bp, url_prefix="/given")
    await walk_through(Shop(app), "/given/auth")


async def test_a_prefix_given_at_an_earlier_registration(front, app):
    bp = Blueprint(f"bp-{app.name}")
    add_a_route(bp)
    app.blueprint(bp, url_prefix="/given")
    install(front, bp)
    await walk_through(Shop(app), "/given/auth")


@pytest.mark.parametrize("first", ["install", "register"])
async def test_routes_of_the_blueprint_are_guarded(front, app, bp, first):
    @bp.get("/ware")
    @protected(bp)
    async def ware(request):
        return text("ware")

    if first == "register":
        app.blueprint(bp)
    install(front, bp)
    if first == "install":
        app.blueprint(bp)
    shop = Shop(app)
    assert (await shop.get("/shop/ware")).status == 401
    bearer = await walk_through(shop, "/shop/auth")
    assert (await shop.get("/shop/ware", bearer)).text == "ware"


async def test_settings_of_the_application_are_read_at_registration(
    front, app, bp
):
    auth = install(front, bp)
    app.config.SANIC_JWT_ACCESS_TOKEN_NAME = "jwt"
    app.config.SANIC_JWT_PATH_TO_VERIFY = "/check"
    app.blueprint(bp)
    shop = Shop(app)
    login = await shop.post("/shop/auth", json={})
    assert "jwt" in login.json
    verdict = await shop.get("/shop/auth/check", login.json["jwt"])
    assert verdict.json["valid"] is True
    assert auth.settings().access_token_name == "jwt"


async def test_an_error_in_those_settings_is_raised_at_registration(
    front, app, bp
):
    install(front, bp)
    app.config.SANIC_JWT_LEEWAY = "much"
    with pytest.raises(InvalidConfiguration, match="leeway"):
        app.blueprint(bp)


async def test_a_refresh_token_can_be_used(front, app, bp):
    install(front, bp, cookie_set=True)
    app.blueprint(bp)
    shop = Shop(app)
    cookies = (await shop.post("/shop/auth", json={})).cookies
    assert (await shop.get("/shop/auth/me", cookies=cookies)).status == 200
    response = await shop.post(
        "/shop/auth/refresh", cookies=cookies, headers=csrf(cookies)
    )
    assert response.status == 200


async def test_the_example_of_the_seed(front):
    app = new_app()
    bp = Blueprint("my_blueprint", url_prefix="/bp")
    Initialize(bp, authenticate=lambda: {"user_id": 1}, secret=SECRET)
    app.blueprint(bp)
    response = await Shop(app).post("/bp/auth", json={})
    assert "access_token" in response.json
