"""Refresh tokens: stored, retrieved, and good for their own user only."""

from types import ModuleType

import httpx
import pytest

from .serving import bearer

KEY = {"X-API-Key": "ada-key"}


async def log_in(client: httpx.AsyncClient) -> dict[str, str]:
    response: dict[str, str] = (await client.post("/auth", headers=KEY)).json()
    return response


async def test_the_refresh_token_is_stored(
    example: ModuleType, client: httpx.AsyncClient
) -> None:
    response = await log_in(client)
    assert example.refresh_tokens == {"ada": response["refresh_token"]}


async def test_a_refresh_returns_a_valid_access_token(
    client: httpx.AsyncClient,
) -> None:
    tokens = await log_in(client)
    response = await client.post(
        "/auth/refresh",
        headers=bearer(tokens["access_token"]),
        json={"refresh_token": tokens["refresh_token"]},
    )
    headers = bearer(response.json()["access_token"])
    verdict = await client.get("/auth/verify", headers=headers)
    assert verdict.json() == {"valid": True}


async def test_an_expired_access_token_can_be_refreshed(
    example: ModuleType,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens = await log_in(client)
    now = example.auth.now() + 5 * 60 + 11
    monkeypatch.setattr(example.auth, "now", lambda: now)
    headers = bearer(tokens["access_token"])
    assert (await client.get("/auth/verify", headers=headers)).is_error
    response = await client.post(
        "/auth/refresh",
        headers=headers,
        json={"refresh_token": tokens["refresh_token"]},
    )
    assert response.status_code == 200


async def test_an_access_token_is_not_a_refresh_token(
    client: httpx.AsyncClient,
) -> None:
    tokens = await log_in(client)
    response = await client.post(
        "/auth/refresh",
        headers=bearer(tokens["access_token"]),
        json={"refresh_token": tokens["access_token"]},
    )
    assert response.status_code == 401


async def test_a_refresh_token_alone_is_refused(
    client: httpx.AsyncClient,
) -> None:
    tokens = await log_in(client)
    response = await client.post(
        "/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
    )
    assert response.status_code == 401


async def test_logging_out_removes_the_refresh_token(
    example: ModuleType, client: httpx.AsyncClient
) -> None:
    response = await log_in(client)
    headers = bearer(response["access_token"])
    assert (await client.post("/log-out", headers=headers)).json() == {
        "ended": True
    }
    assert example.refresh_tokens == {}
