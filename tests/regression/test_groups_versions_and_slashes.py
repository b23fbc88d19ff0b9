"""Groups, versions and strict slashes put the endpoints at wrong places."""

import pytest
from sanic import Blueprint

from .apps import (
    Shop,
    add_a_route,
    both_fronts,
    install,
    new_app,
    walk_through,
)

pytestmark = both_fronts
ORDERS = pytest.mark.parametrize("first", ["install", "register"])


async def build(front, target, register, first, **settings):
    if first == "register":
        register()
    install(front, target, **settings)
    if first == "install":
        register()


@ORDERS
async def test_a_versioned_blueprint(front, first):
    app = new_app()
    bp = Blueprint(f"bp-{app.name}", url_prefix="/shop", version=2)
    await build(front, bp, lambda: app.blueprint(bp), first)
    await walk_through(Shop(app), "/v2/shop/auth")


@ORDERS
async def test_a_version_prefix(front, first):
    app = new_app()
    bp = Blueprint(
        f"bp-{app.name}", url_prefix="/shop", version=1, version_prefix="/api/"
    )
    await build(front, bp, lambda: app.blueprint(bp), first)
    await walk_through(Shop(app), "/api/1/shop/auth")


@ORDERS
async def test_a_blueprint_of_a_group(front, first):
    app = new_app()
    bp = Blueprint(f"bp-{app.name}", url_prefix="/shop")
    add_a_route(bp)
    other = Blueprint(f"other-{app.name}", url_prefix="/other")
    group = Blueprint.group(bp, other, url_prefix="/api")
    await build(front, bp, lambda: app.blueprint(group), first)
    shop = Shop(app)
    await walk_through(shop, "/api/shop/auth")
    assert (await shop.get("/api/other/auth/me")).status == 404


@ORDERS
async def test_a_group(front, first):
    app = new_app()
    bp = Blueprint(f"bp-{app.name}", url_prefix="/shop")
    group = Blueprint.group(bp, url_prefix="/api")
    await build(front, group, lambda: app.blueprint(group), first)
    await walk_through(Shop(app), "/api/auth")


@ORDERS
async def test_a_versioned_group(front, first):
    app = new_app()
    bp = Blueprint(f"bp-{app.name}", url_prefix="/shop")
    group = Blueprint.group(bp, url_prefix="/api", version=3)
    await build(front, group, lambda: app.blueprint(group), first)
    await walk_through(Shop(app), "/v3/api/auth")


@ORDERS
async def test_a_group_in_a_group(front, first):
    app = new_app()
    bp = Blueprint(f"bp-{app.name}", url_prefix="/shop")
    add_a_route(bp)
    outer = Blueprint.group(
        Blueprint.group(bp, url_prefix="/inner"), url_prefix="/outer"
    )
    await build(front, bp, lambda: app.blueprint(outer), first)
    await walk_through(Shop(app), "/outer/inner/shop/auth")


@pytest.mark.parametrize("path", ["/auth", "/auth/"])
async def test_without_strict_slashes_both_forms_work(front, path):
    app = new_app()
    install(front, app)
    assert (await Shop(app).post(path, json={})).status == 200


async def test_strict_slashes_as_a_setting(front):
    app = new_app()
    install(front, app, strict_slashes=True)
    shop = Shop(app)
    login = await shop.post("/auth/", json={})
    assert login.status == 200
    bearer = login.json["access_token"]
    assert (await shop.get("/auth/me", bearer)).status == 200
    assert (await shop.get("/auth/me/", bearer)).status == 404


@ORDERS
async def test_strict_slashes_of_a_blueprint(front, first):
    app = new_app()
    bp = Blueprint(f"bp-{app.name}", url_prefix="/shop", strict_slashes=True)
    await build(front, bp, lambda: app.blueprint(bp), first)
    shop = Shop(app)
    login = await shop.post("/shop/auth/", json={})
    assert login.status == 200
    bearer = login.json["access_token"]
    assert (await shop.get("/shop/auth/me", bearer)).status == 200
    assert (await shop.get("/shop/auth/me/", bearer)).status == 404


async def test_two_versions_of_one_blueprint(front):
    app = new_app()
    for version in (1, 2):
        bp = Blueprint(
            f"bp{version}-{app.name}", url_prefix="/shop", version=version
        )
        install(front, bp)
        app.blueprint(bp)
    shop = Shop(app)
    for version in (1, 2):
        await walk_through(shop, f"/v{version}/shop/auth")
