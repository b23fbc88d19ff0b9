"""`HEAD` and `OPTIONS` by sanic-ext leave no protected route open."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import json
from sanic.views import HTTPMethodView

from tests.examples.serving import bearer, served

from .conftest import ShopAuth

PATHS = ["/orders", "/baskets", "/archive", "/stock", "/shop/orders"]


@pytest.fixture
def ran() -> list[str]:
    """The paths and methods of all calls of handlers."""
    return []


@pytest.fixture
def add_routes(ran: list[str]) -> Any:
    def add(app: Sanic, auth: ShopAuth) -> None:
        async def respond(request: Request) -> Any:
            ran.append(f"{request.method} {request.path}")
            return json([], headers={"X-Ran": "yes"})

        class View(HTTPMethodView):
            async def get(self, request: Request) -> Any:
                return await respond(request)

        class Guarded(View):
            decorators = [auth.protected()]

        class Method(View):
            get = auth.scoped("orders:read")(View.get)

        app.get("/orders")(auth.protected()(respond))
        app.add_route(Guarded.as_view(), "/baskets")
        app.add_route(Method.as_view(), "/archive")
        app.get("/stock", name="stock")(
            auth.scoped("orders:read", leeway=1)(respond)
        )

        @app.get("/shop/orders")
        @auth.protected()
        @auth.inject_user()
        async def shop(request: Request, user: Any) -> Any:
            return await respond(request)

    return add


@pytest.mark.requirement("H7")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT"])
async def test_no_method_of_a_protected_route_is_open(
    client: httpx.AsyncClient, ran: list[str], path: str, method: str
) -> None:
    response = await client.request(method, path)

    assert ran == []
    assert "x-ran" not in response.headers
    expected = {"HEAD": 401, "OPTIONS": 204}
    assert response.status_code == expected.get(method, 405)


@pytest.mark.parametrize("path", PATHS)
async def test_head_with_a_token_runs_the_handler(
    client: httpx.AsyncClient,
    headers: dict[str, str],
    ran: list[str],
    path: str,
) -> None:
    response = await client.head(path, headers=headers)

    assert response.status_code == 200
    assert ran == [f"HEAD {path}"]


@pytest.mark.requirement("H7")
async def test_the_endpoints_keep_their_methods(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await client.head("/auth/me")).status_code == 401
    assert (await client.head("/auth/me", headers=headers)).status_code == 200
    assert (await client.head("/auth")).status_code == 405
    assert (await client.options("/auth/me")).status_code == 204


async def test_a_refused_head_request_is_ours_after_another_error(
    app: Sanic, auth: ShopAuth
) -> None:
    @app.get("/orders")
    @auth.protected()
    async def orders(request: Request) -> Any:
        raise SanicException("No orders here.", 400)

    async with served(app) as client:
        login = await client.post("/auth", json={})
        token = bearer(login.json()["access_token"])
        failed = await client.head("/orders", headers=token)
        refused = await client.head("/orders")

    assert failed.status_code == 400
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/json"
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_a_server_starts_with_head_in_the_document(
    app: Sanic, auth: ShopAuth
) -> None:
    """sanic-ext looks for the method `head` of a view whose route has it."""
    app.config.OAS_IGNORE_HEAD = False

    async with served(app) as client:
        assert (await client.head("/auth/me")).status_code == 401
