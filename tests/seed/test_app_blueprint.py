"""An installation on a blueprint."""

import pytest

from .running import Client


async def log_in(client: Client) -> str:
    return await client.log_in("/members/auth", "mytoken")


async def test_the_token_has_the_name_of_the_setting(client: Client) -> None:
    response = await client.post("/members/auth")
    assert [*response.body] == ["mytoken"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/members/protected", {"protected": True}),
        ("/members/news", {"news": True}),
        ("/members/by-instance", {"user_id": 1}),
    ],
)
async def test_the_blueprint_accepts_its_token(
    client: Client, path: str, body: dict[str, object]
) -> None:
    assert await client.get(path, await log_in(client)) == (200, body)


@pytest.mark.parametrize("path", ["protected", "news", "by-instance"])
async def test_the_blueprint_needs_a_token(client: Client, path: str) -> None:
    response = await client.get(f"/members/{path}")
    assert response.status == 401


async def test_the_token_is_verified_on_the_blueprint(client: Client) -> None:
    response = await client.get("/members/auth/verify", await log_in(client))
    assert response == (200, {"valid": True})


async def test_the_setting_can_be_called(client: Client) -> None:
    assert await client.get("/members/name") == (200, {"name": "mytoken"})


async def test_the_application_has_no_endpoints(client: Client) -> None:
    response = await client.post("/auth")
    assert response.status == 404


async def test_the_application_is_open(client: Client) -> None:
    assert await client.get("/") == (200, {"open": True})


async def test_me_works_on_a_blueprint(client: Client) -> None:
    # 1.8.0 looks for its installation on the application only
    response = await client.get("/members/auth/me", await log_in(client))
    assert response == (200, {"me": {"user_id": 1}})
