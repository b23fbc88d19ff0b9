"""A token in a cookie."""

import httpx
import pytest

KEY = {"X-API-Key": "ada-key"}


@pytest.mark.requirement("C2")
async def test_the_cookie_is_locked_away(client: httpx.AsyncClient) -> None:
    response = await client.post("/auth", headers=KEY)
    name, _, rest = response.headers["Set-Cookie"].partition("=")
    assert name == "__Host-shop"
    attributes = {part.strip() for part in rest.split(";")[1:]}
    assert attributes == {
        "HttpOnly",
        "Max-Age=1800",
        "Path=/",
        "SameSite=Lax",
        "Secure",
    }


@pytest.mark.requirement("C1")
async def test_the_token_is_not_in_the_body(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.post("/auth", headers=KEY)).json() == {}


async def test_the_cookie_opens_the_route(client: httpx.AsyncClient) -> None:
    await client.post("/auth", headers=KEY)
    assert (await client.get("/orders")).json() == {"orders": []}


@pytest.mark.requirement("H5")
async def test_no_header_is_read(client: httpx.AsyncClient) -> None:
    await client.post("/auth", headers=KEY)
    token = client.cookies["__Host-shop"]
    client.cookies.clear()
    response = await client.get(
        "/orders", headers={"Authorization": f"Bearer {token}"}
    )
    assert response.status_code == 401


async def test_logging_out_removes_the_cookie(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/auth", headers=KEY)
    await client.post("/log-out")
    assert not client.cookies
