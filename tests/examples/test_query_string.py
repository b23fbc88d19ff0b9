"""A token in the address, on the one route that reads it there."""

import httpx
import pytest

from .conftest import Login


async def query(login: Login) -> dict[str, str]:
    headers = await login()
    return {"token": headers["Authorization"].removeprefix("Bearer ")}


async def test_the_url_gives_access_to_the_calendar(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/calendar", params=await query(login))
    assert response.text.startswith("BEGIN:VCALENDAR")


@pytest.mark.requirement("H6")
async def test_the_calendar_is_not_cached(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/calendar", params=await query(login))
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.requirement("H5")
async def test_the_url_token_is_refused_on_another_route(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/orders", params=await query(login))
    assert response.status_code == 401


async def test_the_calendar_does_not_read_the_header(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/calendar", headers=await login())
    assert response.status_code == 401
