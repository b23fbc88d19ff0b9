"""Descriptions by `@openapi.*` below our decorators are published."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sanic import Blueprint, Request, Sanic
from sanic.response import json
from sanic.views import HTTPMethodView
from sanic_ext import openapi

from sanic_jwt_oo import Initialize, inject_user, protected, scoped
from tests.conftest import SECRET
from tests.examples.serving import served

from .conftest import ShopAuth


async def paths_of(app: Sanic) -> dict[str, Any]:
    """Return the paths of the description that a server publishes."""
    async with served(app) as client:
        assert (await client.get("/docs")).status_code == 200
        response = await client.get("/docs/openapi.json")
        assert response.status_code == 200
        paths: dict[str, Any] = response.json()["paths"]
        return paths


def orders(request: Request, user: Any = None) -> Any:
    return json([])


def described() -> Callable[..., Any]:
    """Return a new handler with a description."""

    @openapi.summary("All orders")
    @openapi.tag("shop")
    @openapi.response(200, {"application/json": list}, "The orders")
    def handler(request: Request, user: Any = None) -> Any:
        return json([])

    return handler


def is_described(operation: dict[str, Any]) -> bool:
    return (
        operation["summary"] == "All orders"
        and "shop" in operation["tags"]
        and operation["responses"]["200"]["description"] == "The orders"
    )


@pytest.mark.parametrize(
    "decorate",
    [
        lambda auth: [auth.protected()],
        lambda auth: [auth.protected(verify_exp=False)],
        lambda auth: [auth.scoped("orders:read")],
        lambda auth: [scoped(None)],
        lambda auth: [auth.scoped("orders:read", algorithm="HS256")],
        lambda auth: [auth.inject_user()],
        lambda auth: [auth.inject_user(), auth.protected()],
        lambda auth: [auth.protected(), auth.inject_user()],
        lambda auth: [auth.inject_user(leeway=1), auth.scoped("orders:read")],
        lambda auth: [auth.inject_user(), auth.protected(), auth.scoped("a")],
        lambda auth: [protected()],
        lambda auth: [scoped("orders:read")],
        lambda auth: [inject_user(), protected(leeway=1)],
    ],
)
async def test_a_description_below_the_decorators(
    app: Sanic, auth: ShopAuth, decorate: Any
) -> None:
    handler = described()
    for decorator in decorate(auth):
        handler = decorator(handler)
    app.get("/orders")(handler)

    assert is_described((await paths_of(app))["/orders"]["get"])


async def test_a_description_in_the_legacy_form(app: Sanic) -> None:
    Initialize(app, authenticate=lambda request: {"user_id": 1}, secret=SECRET)
    app.get("/orders")(inject_user()(protected()(described())))

    assert is_described((await paths_of(app))["/orders"]["get"])


async def test_descriptions_above_and_below_are_combined(
    app: Sanic, auth: ShopAuth
) -> None:
    handler = auth.protected()(described())
    handler = openapi.description("Newest first")(openapi.tag("v2")(handler))
    app.get("/orders")(handler)

    operation = (await paths_of(app))["/orders"]["get"]

    assert is_described(operation)
    assert operation["description"].startswith("Newest first")
    assert operation["tags"] == ["shop", "v2"]


async def test_a_handler_that_is_a_route_itself_keeps_its_own(
    app: Sanic, auth: ShopAuth
) -> None:
    handler = described()
    guarded = openapi.tag("members")(auth.protected()(handler))
    app.get("/samples", name="samples")(handler)
    app.get("/orders/<year:int>", name="orders")(guarded)

    paths = await paths_of(app)

    assert "parameters" not in paths["/samples"]["get"]
    assert paths["/samples"]["get"]["tags"] == ["shop"]
    assert paths["/orders/{year}"]["get"]["tags"] == ["shop", "members"]


async def test_an_exclusion_below_the_decorators(
    app: Sanic, auth: ShopAuth
) -> None:
    app.get("/orders")(auth.protected()(openapi.exclude()(described())))

    assert "/orders" not in await paths_of(app)


async def test_descriptions_of_the_methods_of_a_view(
    app: Sanic, auth: ShopAuth
) -> None:
    class Orders(HTTPMethodView):
        decorators = [auth.protected()]

        @openapi.summary("All orders")
        async def get(self, request: Request) -> Any:
            return json([])

        @auth.scoped("orders:write")
        @auth.inject_user()
        @openapi.summary("Order something")
        async def post(self, request: Request, user: Any) -> Any:
            return json({})

    app.add_route(Orders.as_view(), "/orders")

    operations = (await paths_of(app))["/orders"]

    assert operations["get"]["summary"] == "All orders"
    assert operations["post"]["summary"] == "Order something"


async def test_a_description_on_a_blueprint_with_an_installation(
    app: Sanic,
) -> None:
    bp = Blueprint("shop", url_prefix="/shop")
    auth = ShopAuth(secret=SECRET).install(bp)
    bp.get("/orders")(auth.protected()(described()))
    app.blueprint(bp)

    paths = await paths_of(app)

    assert is_described(paths["/shop/orders"]["get"])
    assert "post" in paths["/shop/auth"]


async def test_two_installations_are_described(
    app: Sanic, auth: ShopAuth
) -> None:
    ShopAuth(secret=SECRET, url_prefix="/staff").install(app)

    paths = await paths_of(app)

    assert "post" in paths["/auth"]
    assert "post" in paths["/staff"]


class Unhashable:
    __hash__ = None  # type: ignore[assignment]

    def __call__(self, request: Request) -> Any:
        return json([])


async def test_a_handler_that_cannot_be_a_key_is_guarded(
    auth: ShopAuth,
) -> None:
    assert callable(auth.protected()(Unhashable()))
