"""An OpenAPI document: what it says is tested where sanic-ext is installed."""

import httpx
import pytest

from .serving import bearer


async def log_in(
    client: httpx.AsyncClient, password: str = "lovelace"
) -> httpx.Response:
    credentials = {"username": "ada", "password": password}
    return await client.post("/auth", json=credentials)


async def test_the_routes(client: httpx.AsyncClient) -> None:
    token = bearer((await log_in(client)).json()["access_token"])

    assert (await client.get("/orders", headers=token)).json() == [17, 23]
    assert (await client.post("/orders", headers=token)).status_code == 200
    offers = await client.get("/offers", headers=token)
    assert offers.json() == ["tea", "cake"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_orders_need_a_token(
    client: httpx.AsyncClient, method: str
) -> None:
    assert (await client.request(method, "/orders")).status_code == 401


async def test_offers_need_none(client: httpx.AsyncClient) -> None:
    assert (await client.get("/offers")).json() == ["tea"]


async def test_a_wrong_password(client: httpx.AsyncClient) -> None:
    assert (await log_in(client, "byron")).status_code == 401
