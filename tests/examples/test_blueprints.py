"""An installation on a blueprint."""

import httpx
import pytest

from .conftest import Login


async def test_the_rest_of_the_application_is_open(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/")).json() == {"open": "to all"}


async def test_the_blueprint_needs_a_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/members/news")).status_code == 401


async def test_the_blueprint_accepts_its_tokens(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login(path="/members/auth")
    response = await client.get("/members/news", headers=headers)
    assert response.json() == {"news": "Pears are ripe."}


async def test_me_works_on_a_blueprint(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login(path="/members/auth")
    response = await client.get("/members/auth/me", headers=headers)
    assert response.json() == {"me": {"user_id": "ada"}}


@pytest.mark.parametrize("path", ["/auth", "/auth/me", "/auth/verify"])
async def test_the_application_has_no_endpoints(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code == 404
