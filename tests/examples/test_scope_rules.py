"""Scope rules of the application: rewriting, and the last word."""

import httpx
import pytest

from .conftest import Login


@pytest.mark.parametrize(
    ("user", "path", "status"),
    [
        ("ada", "/oranges", 200),  # overridden: an admin
        ("bob", "/oranges", 200),  # rewritten: fruit|oranges
        ("ada", "/nuts", 200),
        ("bob", "/nuts", 403),
    ],
)
async def test_the_rules_decide(
    client: httpx.AsyncClient,
    login: Login,
    user: str,
    path: str,
    status: int,
) -> None:
    response = await client.get(path, headers=await login(user))
    assert response.status_code == status
