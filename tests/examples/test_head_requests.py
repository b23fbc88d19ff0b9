"""`HEAD` on a protected route."""

import httpx
import pytest

from .conftest import Login


async def test_head_is_get_without_the_body(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login()
    response = await client.head("/catalogue", headers=headers)
    assert response.headers["X-Edition"] == "November"
    assert response.content == b""


@pytest.mark.requirement("H7")
@pytest.mark.parametrize("method", ["HEAD", "GET"])
async def test_without_a_token_head_reveals_nothing(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, "/catalogue")
    assert response.status_code == 401
    assert "X-Edition" not in response.headers
