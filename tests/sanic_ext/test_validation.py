"""`validate` of sanic-ext above and below our decorators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sanic import Request, Sanic
from sanic.response import json
from sanic.views import HTTPMethodView
from sanic_ext import openapi, validate

from .conftest import ShopAuth


@dataclass
class Order:
    number: int


@pytest.fixture
def add_routes() -> Any:
    def add(app: Sanic, auth: ShopAuth) -> None:
        @app.post("/below")
        @auth.protected()
        @auth.inject_user()
        @validate(json=Order)
        async def below(request: Request, body: Order, user: Any) -> Any:
            return json([user["name"], body.number])

        @app.post("/above")
        @validate(json=Order)
        @auth.protected()
        @auth.inject_user()
        async def above(request: Request, body: Order, user: Any) -> Any:
            return json([user["name"], body.number])

        @app.post("/described")
        @auth.protected(leeway=1)
        @auth.inject_user()
        @openapi.definition(
            summary="Order something",
            body=Order,
            validate=True,
        )
        async def described(request: Request, body: Order, user: Any) -> Any:
            return json([user["name"], body.number])

        class View(HTTPMethodView):
            @auth.scoped("orders:read")
            @auth.inject_user()
            @validate(json=Order)
            async def post(
                self, request: Request, body: Order, user: Any
            ) -> Any:
                return json([user["name"], body.number])

        app.add_route(View.as_view(), "/view")

    return add


PATHS = ["/below", "/above", "/described", "/view"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_handler_gets_its_user_and_its_body(
    client: httpx.AsyncClient, headers: dict[str, str], path: str
) -> None:
    response = await client.post(path, headers=headers, json={"number": 7})
    assert response.json() == ["joe", 7]


@pytest.mark.parametrize("path", PATHS)
async def test_an_invalid_body_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], path: str
) -> None:
    response = await client.post(path, headers=headers, json={"a": []})
    assert response.status_code == 400


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_token_it_is_a_401(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.post(path, json={"number": 7})
    assert response.status_code == 401


@pytest.mark.parametrize("path", ["/below", "/described", "/view"])
async def test_below_nothing_is_validated_before_the_token(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.post(path, json={"a": []})
    assert response.status_code == 401


async def test_the_description_says_what_is_validated(
    client: httpx.AsyncClient,
) -> None:
    paths = (await client.get("/docs/openapi.json")).json()["paths"]
    assert paths["/described"]["post"]["summary"] == "Order something"
    assert "requestBody" in paths["/described"]["post"]
