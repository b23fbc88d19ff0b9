"""The class form, as in the design: every part of it does something."""

from types import ModuleType

import httpx
import pytest

from .passwords import answers_alike, verifications
from .serving import bearer

ADA = {"username": "ada", "password": "lovelace"}
BOB = {"username": "bob", "password": "builder"}


async def log_in(
    client: httpx.AsyncClient, credentials: dict[str, str]
) -> dict[str, str]:
    response = (await client.post("/auth", json=credentials)).json()
    return bearer(response["access_token"])


async def test_the_login_response_is_extended(
    client: httpx.AsyncClient,
) -> None:
    response = (await client.post("/auth", json=ADA)).json()
    assert response["token_type"] == "Bearer"


async def test_the_user_is_injected(client: httpx.AsyncClient) -> None:
    headers = await log_in(client, ADA)
    response = await client.get("/orders", headers=headers)
    assert response.json() == {"orders_of": "ada"}


async def test_the_header_is_chosen_by_the_request(
    client: httpx.AsyncClient,
) -> None:
    headers = await log_in(client, ADA)
    response = await client.get(
        "/orders", headers={**headers, "X-Token": "Bearer nonsense"}
    )
    assert response.status_code == 401


async def test_a_missing_scope_is_refused(client: httpx.AsyncClient) -> None:
    headers = await log_in(client, BOB)
    response = await client.delete("/orders/1", headers=headers)
    assert response.status_code == 403
    assert 'scope="orders:delete"' in response.headers["WWW-Authenticate"]


async def test_the_route_parameter_reaches_the_handler(
    client: httpx.AsyncClient,
) -> None:
    headers = await log_in(client, ADA)
    response = await client.delete("/orders/7", headers=headers)
    assert response.json() == {"deleted": 7}


async def test_a_deleted_user_is_refused(
    example: ModuleType, client: httpx.AsyncClient
) -> None:
    headers = await log_in(client, ADA)
    del example.users[1]
    response = await client.get("/orders", headers=headers)
    assert response.status_code == 401


async def test_tokens_are_valid_for_15_minutes(example: ModuleType) -> None:
    assert example.auth.config.expiration_delta == 15 * 60


@pytest.mark.requirement("H11")
async def test_unknown_user_and_wrong_password_get_the_same_response(
    client: httpx.AsyncClient,
) -> None:
    assert await answers_alike(client, "/auth")


@pytest.mark.requirement("H11")
@pytest.mark.parametrize("user", ["ada", "nobody"])
async def test_a_failed_login_costs_one_verification(
    client: httpx.AsyncClient, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = verifications(monkeypatch)
    await client.post("/auth", json={"username": user, "password": "wrong"})
    assert len(calls) == 1
