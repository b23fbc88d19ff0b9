"""Scopes: which of ada's and bob's open which route."""

import httpx
import pytest

from .conftest import Login


@pytest.mark.parametrize(
    ("user", "method", "path", "status"),
    [
        ("ada", "GET", "/orders", 200),
        ("bob", "GET", "/orders", 200),
        ("ada", "DELETE", "/orders", 200),
        ("bob", "DELETE", "/orders", 403),
        ("ada", "GET", "/report", 200),
        ("bob", "GET", "/report", 403),
        ("ada", "GET", "/overview", 200),
        ("bob", "GET", "/overview", 200),
        ("ada", "GET", "/drafts", 200),
        ("bob", "GET", "/drafts", 200),
        ("ada", "GET", "/anything", 200),
        ("bob", "GET", "/anything", 200),
    ],
)
async def test_a_route_accepts_its_scopes(
    client: httpx.AsyncClient,
    login: Login,
    user: str,
    method: str,
    path: str,
    status: int,
) -> None:
    response = await client.request(method, path, headers=await login(user))
    assert response.status_code == status


async def test_the_scopes_can_be_read(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/orders", headers=await login("ada"))
    assert response.json() == {"scopes": ["orders", "stock:read"]}


@pytest.mark.requirement("H2")
async def test_the_challenge_names_the_missing_scopes(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/report", headers=await login("bob"))
    challenge = response.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="orders:read stock:read"' in challenge


@pytest.mark.parametrize(
    "path", ["/orders", "/report", "/overview", "/drafts", "/anything"]
)
async def test_every_route_needs_a_token(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code == 401
