"""The function form: an application and a blueprint beside each other."""

import httpx
import pytest

from .passwords import answers_alike, verifications
from .serving import bearer

ADA = {"username": "ada", "password": "lovelace"}


async def log_in(client: httpx.AsyncClient) -> dict[str, str]:
    response = (await client.post("/auth", json=ADA)).json()
    return bearer(response["access_token"])


async def test_the_user_is_injected(client: httpx.AsyncClient) -> None:
    response = await client.get("/orders", headers=await log_in(client))
    assert response.json() == {"orders_of": "ada"}


async def test_me_shows_the_user(client: httpx.AsyncClient) -> None:
    response = await client.get("/auth/me", headers=await log_in(client))
    assert response.json() == {"me": {"user_id": "ada"}}


async def test_the_positional_form_accepts_settings(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/admin/auth", json=ADA)
    assert [*response.json()] == ["jwt"]


async def test_the_blueprint_refuses_tokens_of_the_application(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/admin/stock", headers=await log_in(client))
    assert response.status_code == 401


@pytest.mark.requirement("H11")
@pytest.mark.parametrize("path", ["/auth", "/admin/auth"])
async def test_unknown_user_and_wrong_password_get_the_same_response(
    client: httpx.AsyncClient, path: str
) -> None:
    assert await answers_alike(client, path)


@pytest.mark.requirement("H11")
@pytest.mark.parametrize("user", ["ada", "nobody"])
async def test_a_failed_login_costs_one_verification(
    client: httpx.AsyncClient, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = verifications(monkeypatch)
    await client.post("/auth", json={"username": user, "password": "wrong"})
    assert len(calls) == 1
