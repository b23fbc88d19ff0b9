"""A log-in by mail, through endpoints of the application's own."""

import asyncio
from types import ModuleType
from typing import TypeAlias

import httpx
import pytest

Mails: TypeAlias = "asyncio.Queue[tuple[str, str]]"


@pytest.fixture
def mails(example: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Mails:
    """The mails that were sent: address and token."""
    sent: Mails = asyncio.Queue()

    def info(_: str, email: str, token: str) -> None:
        sent.put_nowait((email, token))

    monkeypatch.setattr(example.logger, "info", info)
    return sent


async def ask(client: httpx.AsyncClient, email: object) -> httpx.Response:
    return await client.post("/auth/magic-login", json={"email": email})


async def log_in(client: httpx.AsyncClient, token: object) -> httpx.Response:
    return await client.post("/auth", json={"magic_token": token})


async def test_the_link_logs_in(
    client: httpx.AsyncClient, mails: Mails
) -> None:
    await ask(client, "ada@shop.test")
    _, token = await mails.get()
    assert "access_token" in (await log_in(client, token)).json()


async def test_a_link_is_valid_once(
    client: httpx.AsyncClient, mails: Mails
) -> None:
    await ask(client, "ada@shop.test")
    _, token = await mails.get()
    await log_in(client, token)
    assert (await log_in(client, token)).status_code == 401


async def test_a_link_is_valid_for_ten_minutes(
    example: ModuleType,
    client: httpx.AsyncClient,
    mails: Mails,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await ask(client, "ada@shop.test")
    _, token = await mails.get()
    now = example.monotonic() + 10 * 60
    monkeypatch.setattr(example, "monotonic", lambda: now)
    assert (await log_in(client, token)).status_code == 401


@pytest.mark.requirement("H11")
async def test_the_response_does_not_reveal_which_users_exist(
    client: httpx.AsyncClient, mails: Mails
) -> None:
    unknown = await ask(client, "nobody@shop.test")
    known = await ask(client, "ada@shop.test")
    assert (await mails.get())[0] == "ada@shop.test"
    assert mails.empty()
    assert known.status_code == unknown.status_code == 202
    assert known.content == unknown.content


async def test_only_digests_are_stored(
    example: ModuleType,
    client: httpx.AsyncClient,
    mails: Mails,
) -> None:
    await ask(client, "ada@shop.test")
    _, token = await mails.get()
    assert token not in str(example.links)


async def test_a_view_passed_by_keyword_is_installed_too(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/auth/ways")
    assert response.json() == {"ways": ["magic-login"]}


@pytest.mark.parametrize("path", ["magic-login", "ways"])
async def test_the_views_respond_to_preflight_requests(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.options(f"/auth/{path}")
    assert response.status_code == 204
