"""Callable scopes: the request decides what it needs."""

import httpx
import pytest

from .conftest import Login


@pytest.mark.parametrize(("shop", "status"), [("north", 200), ("south", 403)])
async def test_a_route_parameter_is_the_scope(
    client: httpx.AsyncClient, login: Login, shop: str, status: int
) -> None:
    response = await client.get(f"/shops/{shop}/stock", headers=await login())
    assert response.status_code == status


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("PUT", 403)])
async def test_the_method_is_the_scope(
    client: httpx.AsyncClient, login: Login, method: str, status: int
) -> None:
    response = await client.request(method, "/prices", headers=await login())
    assert response.status_code == status


async def test_the_challenge_names_the_scope_of_the_request(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/shops/south/stock", headers=await login())
    assert 'scope="south"' in response.headers["WWW-Authenticate"]


async def test_without_a_token_no_callable_is_called(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/shops/north/stock")
    assert response.status_code == 401
