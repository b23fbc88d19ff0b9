"""Log-in bodies: a form, or JSON, and nothing else."""

import httpx
import pytest

from .passwords import answers_alike, verifications

ADA = {"username": "ada", "password": "lovelace"}


async def test_a_form_logs_in(client: httpx.AsyncClient) -> None:
    response = await client.post("/auth", data=ADA)
    assert "access_token" in response.json()


async def test_a_multipart_form_logs_in(client: httpx.AsyncClient) -> None:
    fields = {name: (None, value) for name, value in ADA.items()}
    response = await client.post("/auth", files=fields)
    assert "access_token" in response.json()


async def test_json_logs_in(client: httpx.AsyncClient) -> None:
    response = await client.post("/auth", json=ADA)
    assert "access_token" in response.json()


async def test_the_page_posts_the_form(client: httpx.AsyncClient) -> None:
    response = await client.get("/login")
    assert 'method="post" action="/auth"' in response.text


async def test_a_wrong_password_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/auth", data={**ADA, "password": "wrong"})
    assert response.status_code == 401


async def test_plain_text_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/auth", content="ada:lovelace")
    assert response.status_code == 400
    assert response.json()["exception"] == "InvalidRequestBody"


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
    await client.post("/auth", data={"username": user, "password": "wrong"})
    assert len(calls) == 1
