"""A secret per user."""

from types import ModuleType

import httpx
import pytest

from .conftest import Login


async def test_a_new_secret_ends_the_tokens_of_its_user(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login("ada")
    await client.post("/log-out-everywhere", headers=headers)
    response = await client.get("/orders", headers=headers)
    assert response.status_code == 401


async def test_a_new_secret_ends_no_tokens_of_others(
    client: httpx.AsyncClient, login: Login
) -> None:
    ada, bob = await login("ada"), await login("bob")
    await client.post("/log-out-everywhere", headers=ada)
    assert (await client.get("/orders", headers=bob)).status_code == 200


@pytest.mark.requirement("T1")
async def test_a_token_of_an_unknown_user_is_refused(
    example: ModuleType, client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login("ada")
    del example.user_secrets["ada"]
    response = await client.get("/orders", headers=headers)
    assert response.status_code == 401
