"""Refresh tokens in a store that returns bytes."""

from typing import Any

import pytest

from .running import Client, claims

FAILED = (
    401,
    {
        "reasons": ["Authentication failed."],
        "exception": "AuthenticationFailed",
    },
)


async def log_in(client: Client, user_id: int = 1) -> tuple[str, str]:
    response = await client.post("/auth", json={"id": user_id})
    return response.body["access_token"], response.body["refresh_token"]


async def test_the_refresh_token_is_stored(client: Client) -> None:
    _, refresh_token = await log_in(client)
    assert client.module.aredis.values == {
        "refresh_token_1": refresh_token.encode()
    }


async def test_a_refresh_returns_a_new_access_token(
    client: Client,
) -> None:
    token, refresh_token = await log_in(client)
    response = await client.post(
        "/auth/refresh", token, json={"refresh_token": refresh_token}
    )
    assert response.status == 200
    assert [*response.body] == ["access_token"]
    assert claims(response.body["access_token"]) == {"user_id": 1}


async def test_an_expired_access_token_can_be_refreshed(
    client: Client,
) -> None:
    _, refresh_token = await log_in(client)
    old = await client.log_in("/old")
    response = await client.post(
        "/auth/refresh", old, json={"refresh_token": refresh_token}
    )
    assert response.status == 200


async def test_an_expired_access_token_is_refused(client: Client) -> None:
    old = await client.log_in("/old")
    assert await client.get("/protected", old) == (
        401,
        {
            "reasons": ["Signature has expired."],
            "exception": "Unauthorized",
        },
    )


async def test_a_guessed_refresh_token_is_refused(client: Client) -> None:
    token, _ = await log_in(client)
    response = await client.post(
        "/auth/refresh", token, json={"refresh_token": "guess"}
    )
    assert response == FAILED


@pytest.mark.requirement("R7")
async def test_another_users_refresh_token_is_refused(client: Client) -> None:
    _, ones = await log_in(client, 1)
    token, _ = await log_in(client, 2)
    response = await client.post(
        "/auth/refresh", token, json={"refresh_token": ones}
    )
    assert response == FAILED


async def test_a_refresh_needs_the_access_token(client: Client) -> None:
    _, refresh_token = await log_in(client)
    response = await client.post(
        "/auth/refresh", json={"refresh_token": refresh_token}
    )
    assert response.status == 401


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("body", [None, [], 1, "text"])
async def test_a_refresh_with_another_body_is_refused(
    client: Client, body: Any
) -> None:
    # 1.8.0 looks for a member without checking the type of the body
    token, _ = await log_in(client)
    response = await client.post("/auth/refresh", token, json=body)
    assert response.status == client.either(oracle=500, ours=400)
