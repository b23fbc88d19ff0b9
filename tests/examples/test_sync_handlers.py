"""Hooks and handlers that are plain functions."""

import httpx

from .conftest import Login


async def test_a_plain_handler_gets_the_user(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/orders", headers=await login())
    assert response.json() == {"orders_of": "ada"}


async def test_a_plain_handler_needs_a_token(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/orders")).status_code == 401
