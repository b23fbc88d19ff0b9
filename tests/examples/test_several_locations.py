"""Three places for a token, one after the other."""

import httpx
import pytest

KEY = {"X-API-Key": "ada-key"}
COOKIE = "__Host-access_token"


@pytest.fixture
async def token(client: httpx.AsyncClient) -> str:
    response = await client.post("/auth", headers=KEY)
    client.cookies.clear()
    return str(response.json()["access_token"])


async def test_the_cookie_is_accepted(
    client: httpx.AsyncClient, token: str
) -> None:
    client.cookies.set(COOKIE, token)
    assert (await client.get("/orders")).status_code == 200


async def test_the_query_string_is_accepted(
    client: httpx.AsyncClient, token: str
) -> None:
    response = await client.get("/orders", params={"access_token": token})
    assert response.status_code == 200


async def test_the_header_is_accepted(
    client: httpx.AsyncClient, token: str
) -> None:
    response = await client.get(
        "/orders", headers={"Authorization": f"Bearer {token}"}
    )
    assert response.status_code == 200


@pytest.mark.requirement("H4")
async def test_different_tokens_are_refused(
    client: httpx.AsyncClient, token: str
) -> None:
    client.cookies.set(COOKIE, token)
    response = await client.get("/orders", params={"access_token": "other"})
    assert response.status_code == 400
    assert response.json()["exception"] == "ConflictingCredentials"


async def test_a_missing_token_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/orders")).status_code == 401
