"""Injection of sanic-ext beside `inject_user`, on functions and on views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sanic import Request, Sanic
from sanic.response import json
from sanic.views import HTTPMethodView

from sanic_jwt_oo import inject_user, protected
from tests.conftest import Auth

from .conftest import ShopAuth


class Database:
    """Made once, by the application."""


@dataclass
class Basket:
    """Made for each request, by a constructor."""

    of: str


@dataclass
class Customer:
    """The user, injected."""

    name: str


async def basket_of(request: Request) -> Basket:
    return Basket(request.headers.get("x-basket", "nobody"))


async def needed(request: Request) -> list[str]:
    return ["orders:read"]


@pytest.fixture
def add_routes() -> Any:
    def add(app: Sanic, auth: ShopAuth) -> None:
        async def customer(request: Request) -> Customer:
            await auth.check(request)
            return Customer((await auth.current_user(request))["name"])

        app.ext.dependency(Database())
        app.ext.add_dependency(Basket, basket_of)
        app.ext.add_dependency(Customer, customer)
        app.ext.add_constant("currency", "EUR")

        @app.get("/orders/<number:int>")
        @auth.protected()
        @auth.inject_user()
        async def orders(
            request: Request,
            number: int,
            database: Database,
            user: dict[str, Any],
            basket: Basket,
            currency: str,
        ) -> Any:
            assert isinstance(database, Database)
            return json([number, user["name"], basket.of, currency])

        @app.get("/scoped/<number:int>")
        @auth.inject_user(leeway=1)
        @auth.scoped(needed)
        async def scoped(
            request: Request, number: int, basket: Basket, user: Any
        ) -> Any:
            return json([number, user["name"], basket.of])

        @app.get("/legacy")
        @inject_user()
        @protected()
        async def legacy(
            request: Request, user: Any, database: Database
        ) -> Any:
            assert isinstance(database, Database)
            return json(user["name"])

        class View(HTTPMethodView):
            decorators = [auth.protected()]

            @auth.inject_user()
            async def get(
                self, request: Request, user: Any, basket: Basket
            ) -> Any:
                return json([user["name"], basket.of])

            async def put(self, request: Request, basket: Basket) -> Any:
                return json(basket.of)

        app.add_route(View.as_view(), "/view")

        @app.get("/customer")
        async def of_customer(request: Request, customer: Customer) -> Any:
            return json(customer.name)

        @app.get("/twice")
        @auth.protected()
        async def twice(request: Request, customer: Customer) -> Any:
            return json(customer.name)

        @app.get("/both")
        @auth.protected()
        @auth.inject_user()
        async def both(request: Request, user: Customer) -> Any:
            return json(user)

    return add


ANSWERS = {
    "/orders/7": [7, "joe", "joe's", "EUR"],
    "/scoped/7": [7, "joe", "joe's"],
    "/legacy": "joe",
    "/view": ["joe", "joe's"],
    "/customer": "joe",
    "/twice": "joe",
    "/both": Auth.joe,
}


@pytest.mark.parametrize("path", ANSWERS)
async def test_a_handler_gets_its_dependencies_and_its_user(
    client: httpx.AsyncClient, headers: dict[str, str], path: str
) -> None:
    response = await client.get(path, headers={**headers, "X-Basket": "joe's"})

    assert response.status_code == 200, response.text
    assert response.json() == ANSWERS[path]


@pytest.mark.parametrize("path", ANSWERS)
async def test_without_a_token_it_is_our_401(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(path)

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer realm=")
    assert response.json()["reasons"] == ["Authorization header not present."]


async def test_another_method_of_a_view_gets_its_dependencies(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.put("/view", headers=headers)

    assert response.json() == "nobody"
