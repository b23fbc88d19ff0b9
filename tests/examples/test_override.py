"""Settings for one block of code."""

import asyncio
from types import ModuleType

import httpx
import pytest

from .conftest import Login
from .serving import bearer


async def invite(client: httpx.AsyncClient, login: Login) -> dict[str, str]:
    response = await client.post("/invitations", headers=await login())
    return bearer(response.json()["invitation"])


async def test_an_invitation_is_accepted_at_the_party(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await invite(client, login)
    response = await client.get("/party", headers=headers)
    assert response.json() == {"welcome": "guest"}


async def test_an_invitation_is_refused_elsewhere(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await invite(client, login)
    response = await client.get("/orders", headers=headers)
    assert response.status_code == 401


async def test_an_invitation_is_valid_for_a_week(
    example: ModuleType,
    client: httpx.AsyncClient,
    login: Login,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(example.auth, "now", lambda: 1_800_000_000.0)
    token = (await invite(client, login))["Authorization"].split()[1]
    with example.auth.override(claim_aud="party"):
        payload = await example.auth.verify_token(token)
    assert payload["exp"] == 1_800_000_000 + 7 * 24 * 3600


@pytest.mark.requirement("S2")
async def test_concurrent_requests_keep_their_own_settings(
    client: httpx.AsyncClient, login: Login
) -> None:
    usual, invitation = await login(), await invite(client, login)
    responses = await asyncio.gather(
        *(
            client.get(path, headers=headers)
            for headers in (usual, invitation)
            for path in ("/orders", "/party")
            for _ in range(5)
        )
    )
    statuses = [response.status_code for response in responses]
    assert statuses == [200] * 5 + [401] * 10 + [200] * 5
