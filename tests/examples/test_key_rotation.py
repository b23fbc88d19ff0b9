"""A new key signs, the old one still verifies."""

import base64
import json

import httpx
import pytest

from .conftest import Login


@pytest.mark.parametrize(
    ("path", "key_id"),
    [("/auth", "2026-11"), ("/last-month/auth", "2026-10")],
)
async def test_a_token_names_the_key_that_signed_it(
    login: Login, path: str, key_id: str
) -> None:
    token = (await login(path=path))["Authorization"].split()[1]
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert header["kid"] == key_id


@pytest.mark.parametrize("path", ["/auth", "/last-month/auth"])
async def test_tokens_of_both_keys_are_valid(
    client: httpx.AsyncClient, login: Login, path: str
) -> None:
    response = await client.get("/orders", headers=await login(path=path))
    assert response.status_code == 200


async def test_the_old_service_does_not_know_the_new_key(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get(
        "/last-month/auth/verify", headers=await login()
    )
    assert response.status_code == 401
