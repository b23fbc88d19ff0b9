"""A UUID as the user id, in the claim `sub`."""

from types import ModuleType
from uuid import uuid4

import httpx

from .conftest import Login
from .serving import bearer


async def test_the_claim_is_a_string(
    example: ModuleType, client: httpx.AsyncClient, login: Login
) -> None:
    token = (await login())["Authorization"].split()[1]
    payload = await example.auth.verify_token(token)
    assert payload["sub"] == str(example.ada.id)


async def test_me_contains_the_id(
    example: ModuleType, client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/auth/me", headers=await login())
    assert response.json() == {
        "me": {"id": str(example.ada.id), "name": "Ada"}
    }


async def test_the_user_is_retrieved(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/orders", headers=await login())
    assert response.json() == {"orders_of": "Ada"}


async def test_a_deleted_user_is_refused(
    example: ModuleType, client: httpx.AsyncClient
) -> None:
    gone = example.User(uuid4(), "Bob")
    token = await example.auth.generate_access_token(gone)
    response = await client.get("/orders", headers=bearer(token))
    assert response.status_code == 401
