"""Customers and staff, side by side."""

import httpx
import pytest

from .conftest import Login


@pytest.fixture
async def customer(login: Login) -> dict[str, str]:
    return await login("ada")


@pytest.fixture
async def employee(login: Login) -> dict[str, str]:
    return await login("bob", "/staff/auth", "staff_token")


async def test_each_installation_accepts_its_own_tokens(
    client: httpx.AsyncClient,
    customer: dict[str, str],
    employee: dict[str, str],
) -> None:
    cart = await client.get("/cart", headers=customer)
    stock = await client.get("/staff/stock", headers=employee)
    assert cart.json() == {"cart_of": "ada"}
    assert stock.json() == {"asked_by": "bob"}


@pytest.mark.requirement("S4")
async def test_neither_installation_accepts_tokens_of_the_other(
    client: httpx.AsyncClient,
    customer: dict[str, str],
    employee: dict[str, str],
) -> None:
    cart = await client.get("/cart", headers=employee)
    stock = await client.get("/staff/stock", headers=customer)
    assert (cart.status_code, stock.status_code) == (401, 401)


@pytest.mark.parametrize(
    ("user", "path"), [("bob", "/auth"), ("ada", "/staff/auth")]
)
async def test_neither_installation_logs_in_users_of_the_other(
    client: httpx.AsyncClient, user: str, path: str
) -> None:
    response = await client.post(path, headers={"X-API-Key": f"{user}-key"})
    assert response.status_code == 401
