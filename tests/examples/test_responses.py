"""What the endpoints say besides the token."""

from types import ModuleType

import httpx
import pytest

from .serving import bearer

KEY = {"X-API-Key": "ada-key"}
NOW = 1_800_000_000
LIFETIME = 15 * 60


@pytest.fixture(autouse=True)
def frozen(example: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example.auth, "now", lambda: float(NOW))


async def log_in(client: httpx.AsyncClient) -> dict[str, str]:
    response: dict[str, str] = (await client.post("/auth", headers=KEY)).json()
    return response


async def test_the_login_response_has_the_lifetime(
    client: httpx.AsyncClient,
) -> None:
    response = await log_in(client)
    assert response["token_type"] == "Bearer"
    assert response["expires_in"] == LIFETIME


async def test_me_has_the_expiry(client: httpx.AsyncClient) -> None:
    headers = bearer((await log_in(client))["access_token"])
    response = await client.get("/auth/me", headers=headers)
    assert response.json() == {
        "me": {"user_id": "ada"},
        "until": NOW + LIFETIME,
    }


async def test_verify_has_the_expiry(client: httpx.AsyncClient) -> None:
    headers = bearer((await log_in(client))["access_token"])
    response = await client.get("/auth/verify", headers=headers)
    assert response.json() == {"valid": True, "until": NOW + LIFETIME}


async def test_verify_has_no_expiry_for_an_invalid_token(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/auth/verify", headers=bearer("a.b.c"))
    assert response.status_code == 401
    assert response.json()["until"] is None


async def test_the_refresh_response_has_the_lifetime(
    client: httpx.AsyncClient,
) -> None:
    tokens = await log_in(client)
    response = await client.post(
        "/auth/refresh",
        headers=bearer(tokens["access_token"]),
        json={"refresh_token": tokens["refresh_token"]},
    )
    assert response.json()["expires_in"] == LIFETIME
