"""A verification sees each token on each request."""

from types import ModuleType

import httpx

from .conftest import Login


async def test_a_user_who_left_is_refused_at_once(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login()
    assert (await client.get("/orders", headers=headers)).is_success
    await client.post("/leave", headers=headers)
    response = await client.get("/orders", headers=headers)
    assert response.status_code == 401
    assert response.json()["reasons"] == ["Verifications were not met."]


async def test_leaving_needs_a_token(
    example: ModuleType, client: httpx.AsyncClient
) -> None:
    assert (await client.post("/leave")).status_code == 401
    assert example.gone == set()
