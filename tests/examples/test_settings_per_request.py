"""Settings that each request has of its own."""

from types import ModuleType

import httpx
import pytest

NORTH = {"Host": "north.shop.test"}
SOUTH = {"Host": "south.shop.test"}
KEY = {"X-API-Key": "ada-key"}


async def log_in(client: httpx.AsyncClient, **headers: str) -> dict[str, str]:
    response = await client.post("/auth", headers={**KEY, **headers})
    token = response.json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


async def test_a_token_is_valid_where_it_was_issued(
    client: httpx.AsyncClient,
) -> None:
    headers = await log_in(client, **NORTH)
    response = await client.get("/orders", headers={**headers, **NORTH})
    assert response.json() == {"issuer": "https://north.shop.test"}


@pytest.mark.requirement("S1")
async def test_a_token_of_another_tenant_is_refused(
    client: httpx.AsyncClient,
) -> None:
    headers = await log_in(client, **NORTH)
    response = await client.get("/orders", headers={**headers, **SOUTH})
    assert response.status_code == 401
    assert response.json()["reasons"] == ["Invalid issuer."]


@pytest.mark.parametrize(
    ("device", "lifetime"), [("phone", 24 * 3600), ("desk", 15 * 60)]
)
async def test_the_lifetime_depends_on_the_device(
    example: ModuleType,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    device: str,
    lifetime: int,
) -> None:
    monkeypatch.setattr(example.auth, "now", lambda: 1_800_000_000.0)
    headers = await log_in(client, **NORTH, **{"X-Device": device})
    token = headers["Authorization"].removeprefix("Bearer ")
    with example.auth.override(claim_iss="https://north.shop.test"):
        payload = await example.auth.verify_token(token)
    assert payload["exp"] == 1_800_000_000 + lifetime
