"""An installation on a blueprint group."""

import httpx
import pytest

from .conftest import Login

PATHS = ["/v1/api/orders", "/v1/api/prices"]


@pytest.mark.parametrize("path", PATHS)
async def test_one_login_is_valid_in_the_whole_group(
    client: httpx.AsyncClient, login: Login, path: str
) -> None:
    headers = await login(path="/v1/api/auth")
    assert (await client.get(path, headers=headers)).status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_the_group_needs_a_token(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code == 401


@pytest.mark.parametrize("path", ["/auth", "/api/auth", "/v1/auth"])
async def test_the_endpoints_are_nowhere_else(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.post(path)).status_code == 404
