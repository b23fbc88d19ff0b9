"""Settings of one route."""

import httpx

from .conftest import Login


async def test_the_route_reads_its_own_header(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login()
    token = headers["Authorization"].removeprefix("Bearer ")
    response = await client.get("/webhook", headers={"X-Webhook-Token": token})
    assert response.json() == {"received": True}


async def test_the_route_does_not_read_the_default_header(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/webhook", headers=await login())
    assert response.status_code == 401


async def test_other_routes_do_not_read_that_header(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login()
    token = headers["Authorization"].removeprefix("Bearer ")
    response = await client.get("/orders", headers={"X-Webhook-Token": token})
    assert response.status_code == 401


async def test_a_callable_is_called_for_each_request(
    client: httpx.AsyncClient, login: Login
) -> None:
    before = await client.get("/sale")
    await client.put("/sale", headers=await login())
    after = await client.get("/sale")
    assert (before.status_code, after.status_code) == (401, 200)


async def test_an_open_route_leaves_others_protected(
    client: httpx.AsyncClient, login: Login
) -> None:
    await client.put("/sale", headers=await login())
    await client.get("/sale")
    assert (await client.get("/orders")).status_code == 401
