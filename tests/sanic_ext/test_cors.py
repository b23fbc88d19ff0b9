"""Pages of another origin can log in if `CORS_ORIGINS` allows it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sanic import Request, Sanic
from sanic.response import json
from sanic.views import HTTPMethodView

from tests.conftest import SECRET
from tests.examples.serving import served

from .conftest import ShopAuth

SHOP = "https://shop.example"
ALLOWED = "authorization,content-type,x-csrf-token"


@pytest.fixture
def app(app: Sanic) -> Sanic:
    app.config.CORS_ORIGINS = SHOP
    app.config.CORS_ALLOW_HEADERS = ALLOWED
    app.config.CORS_SUPPORTS_CREDENTIALS = True
    return app


@pytest.fixture
def add_routes() -> Any:
    def add(app: Sanic, auth: ShopAuth) -> None:
        @app.get("/orders")
        @auth.protected()
        async def orders(request: Request) -> Any:
            return json([])

        @app.delete("/orders/<number:int>")
        @auth.scoped("orders:write")
        async def delete(request: Request, number: int) -> Any:
            return json({})

        class Baskets(HTTPMethodView):
            decorators = [auth.protected()]

            async def put(self, request: Request) -> Any:
                return json({})

        app.add_route(Baskets.as_view(), "/baskets")

        @app.route("/returns", methods=["POST", "OPTIONS"])
        @auth.protected()
        @auth.inject_user()
        async def returns(request: Request, user: Any) -> Any:
            return json({"method": request.method})

        @app.route("/parcels", methods=["PUT", "OPTIONS"])
        @auth.scoped("orders:write", redirect_on_fail=True)
        async def parcels(request: Request) -> Any:
            return json({})

    return add


PREFLIGHTS = [
    ("/auth", "POST"),
    ("/auth/me", "GET"),
    ("/auth/verify", "GET"),
    ("/orders", "GET"),
    ("/orders/7", "DELETE"),
    ("/baskets", "PUT"),
    # these list OPTIONS themselves
    ("/returns", "POST"),
    ("/parcels", "PUT"),
]


async def preflight(
    client: httpx.AsyncClient, path: str, method: str, origin: str = SHOP
) -> httpx.Response:
    return await client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


@pytest.mark.parametrize(("path", "method"), PREFLIGHTS)
async def test_a_preflight_allows_what_a_page_of_the_origin_needs(
    client: httpx.AsyncClient, path: str, method: str
) -> None:
    response = await preflight(client, path, method)

    assert (response.status_code, response.content) == (204, b"")
    allowed = response.headers
    assert allowed["access-control-allow-origin"] == SHOP
    assert allowed["access-control-allow-credentials"] == "true"
    assert method in allowed["access-control-allow-methods"].split(",")
    # a `*` does not cover Authorization (Fetch standard, CORS-preflight)
    assert "authorization" in allowed["access-control-allow-headers"]


@pytest.mark.parametrize(("path", "method"), PREFLIGHTS)
async def test_a_preflight_of_another_origin_allows_nothing(
    client: httpx.AsyncClient, path: str, method: str
) -> None:
    response = await preflight(client, path, method, "https://evil.example")

    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/orders", 401),
        ("DELETE", "/orders/7", 401),
        ("PUT", "/baskets", 401),
        ("GET", "/auth/me", 401),
        ("GET", "/auth/verify", 401),
    ],
)
async def test_a_page_of_the_origin_can_read_a_401(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    response = await client.request(method, path, headers={"Origin": SHOP})

    assert response.status_code == status
    assert response.headers["access-control-allow-origin"] == SHOP
    assert response.headers["access-control-allow-credentials"] == "true"
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_page_of_the_origin_can_read_a_403(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    response = await client.delete(
        "/orders/7", headers={**headers, "Origin": SHOP}
    )

    assert response.status_code == 403
    assert response.headers["access-control-allow-origin"] == SHOP


async def test_a_page_of_the_origin_can_log_in_and_send_requests(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    headers = {**headers, "Origin": SHOP}
    for response in (
        await client.post("/auth", json={}, headers=headers),
        await client.get("/orders", headers=headers),
        await client.get("/auth/me", headers=headers),
    ):
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == SHOP


async def test_a_page_of_another_origin_can_read_nothing(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    origin = {"Origin": "https://evil.example"}
    for sent in (origin, {**headers, **origin}):
        response = await client.get("/orders", headers=sent)
        assert "access-control-allow-origin" not in response.headers


async def test_a_page_of_the_origin_can_use_cookies(app: Sanic) -> None:
    auth = ShopAuth(
        secret=SECRET,
        cookie_set=True,
        cookie_domain="localhost.example",
        trusted_origins=[SHOP],
    ).install(app)

    @app.post("/orders")
    @auth.protected()
    async def order(request: Request) -> Any:
        return json({})

    async with served(app) as client:
        client.base_url = httpx.URL("https://api.localhost.example")
        login = await client.post("/auth", headers={"Origin": SHOP}, json={})
        assert login.status_code == 200
        csrf = next(v for n, v in login.cookies.items() if "csrf" in n)
        preflighted = await client.options(
            "/orders",
            headers={
                "Origin": SHOP,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "x-csrf-token",
            },
        )
        ordered = await client.post(
            "/orders", headers={"Origin": SHOP, "X-CSRF-Token": csrf}
        )
        forged = await client.post("/orders", headers={"Origin": SHOP})

    allowed = preflighted.headers["access-control-allow-headers"]
    assert allowed == "x-csrf-token"
    assert (ordered.status_code, forged.status_code) == (200, 403)
    for response in (login, ordered, forged):
        assert response.headers["access-control-allow-origin"] == SHOP
        assert response.headers["access-control-allow-credentials"] == "true"
