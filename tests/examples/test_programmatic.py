"""The installation as an object."""

from types import ModuleType

import httpx
import pytest

from .conftest import Login
from .serving import bearer


async def make_robot(client: httpx.AsyncClient, login: Login) -> str:
    response = await client.post("/robots", headers=await login())
    return str(response.json()["token"])


async def test_a_request_without_a_token_has_no_user(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/whoami")).json() == {"user": None}


async def test_a_request_with_a_token_has_its_user(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/whoami", headers=await login())
    assert response.json() == {
        "user": {"user_id": "ada"},
        "user_id": "ada",
        "scopes": ["robots"],
    }


async def test_a_token_made_in_code_is_valid(
    client: httpx.AsyncClient, login: Login
) -> None:
    token = await make_robot(client, login)
    response = await client.get("/whoami", headers=bearer(token))
    assert response.json()["user_id"] == "robot"


async def test_a_token_made_in_code_has_its_own_claims_and_lifetime(
    example: ModuleType,
    client: httpx.AsyncClient,
    login: Login,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(example.auth, "now", lambda: 1_800_000_000.0)
    token = await make_robot(client, login)
    response = await client.get(f"/inspect/{token}")
    payload = response.json()["payload"]
    assert payload["owner"] == "ada"
    assert payload["exp"] == 1_800_000_000 + 24 * 3600


async def test_scopes_can_be_checked_in_code(
    client: httpx.AsyncClient, login: Login
) -> None:
    token = await make_robot(client, login)
    response = await client.post("/robots", headers=bearer(token))
    assert response.status_code == 403


async def test_making_a_robot_needs_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.post("/robots")).status_code == 401


async def test_an_invalid_token_raises(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/inspect/nonsense")
    assert response.json() == {"reasons": ["Auth required."]}
