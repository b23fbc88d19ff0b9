"""`initialize(app, authenticate)`, and the installation at `app.ctx.auth`."""

import pytest

from .running import Client, part

PATH = "/api/auth"


async def header(client: Client) -> dict[str, str]:
    token = await client.log_in(PATH, "jwt")
    return {"X-Token": f"JWT {token}"}


async def test_the_config_of_the_application_is_read(client: Client) -> None:
    token = await client.log_in(PATH, "jwt")
    assert part(token, 1)["user_id"] == 1


async def test_the_header_and_prefix_are_the_application_s(
    client: Client,
) -> None:
    headers = await header(client)
    response = await client.get("/whoami", headers=headers)
    assert response == (200, {"user_id": 1})


async def test_another_header_is_not_read(client: Client) -> None:
    token = await client.log_in(PATH, "jwt")
    assert await client.get("/whoami", token) == (200, {"user_id": None})


async def test_me_shows_the_user(client: Client) -> None:
    response = await client.get(f"{PATH}/me", headers=await header(client))
    assert response == (200, {"me": {"user_id": 1, "name": "joe"}})


async def test_settings_are_read_by_calling_them(client: Client) -> None:
    assert await client.get("/settings") == (
        200,
        {
            "prefix": PATH,
            "lifetime": 60,
            "name": "jwt",
            "known": True,
            "unknown": False,
        },
    )


async def test_a_route_can_be_left_open(client: Client) -> None:
    assert await client.get("/open") == (200, {"protected": False})


async def test_a_page_redirects_to_the_login(client: Client) -> None:
    response = await client.get("/page")
    assert response.status == 302
    assert response.response.headers["location"] == "/login"


async def test_a_page_accepts_the_token(client: Client) -> None:
    response = await client.get("/page", headers=await header(client))
    assert response == (200, {"page": True})


async def test_a_token_can_be_verified_in_code(client: Client) -> None:
    token = await client.log_in(PATH, "jwt")
    response = await client.get("/verify", params={"token": token})
    assert response == (200, {"good": True, "payload": ["exp", "user_id"]})


@pytest.mark.parametrize("scheme", ["Bearer", "JWT JWT", ""])
async def test_another_scheme_is_refused(client: Client, scheme: str) -> None:
    token = await client.log_in(PATH, "jwt")
    response = await client.get(
        f"{PATH}/me", headers={"X-Token": f"{scheme} {token}".strip()}
    )
    assert response.status == 401
