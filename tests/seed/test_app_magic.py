"""Custom endpoints."""

from .running import Client, claims

EMAIL = {"email": "joe@shop.test"}
MAGIC = {"magic_token": "magic-of-joe@shop.test"}


async def test_the_view_is_under_the_prefix(client: Client) -> None:
    response = await client.post("/auth/magic-login", json=EMAIL)
    assert response == (200, {"magic-token": "magic-of-joe@shop.test"})


async def test_its_token_logs_in(client: Client) -> None:
    await client.post("/auth/magic-login", json=EMAIL)
    token = await client.log_in(json=MAGIC)
    assert claims(token) == {"user_id": "joe@shop.test"}


async def test_a_guessed_token_is_refused(client: Client) -> None:
    assert await client.post("/auth", json=MAGIC) == (
        401,
        {
            "reasons": ["Token expired or invalid"],
            "exception": "AuthenticationFailed",
        },
    )


async def test_the_view_responds_to_preflight_requests(client: Client) -> None:
    assert await client.ask("OPTIONS", "/auth/magic-login") == (204, "")


async def test_a_view_reads_settings_by_calling_them(client: Client) -> None:
    await client.post("/auth/magic-login", json=EMAIL)
    token = await client.log_in(json=MAGIC)
    assert await client.get("/auth/describe", token) == (
        200,
        {"name": "access_token", "id": "joe@shop.test", "same": True},
    )


async def test_a_view_can_derive_from_an_endpoint(client: Client) -> None:
    await client.post("/auth/magic-login", json=EMAIL)
    response = await client.post("/auth/also", json=MAGIC)
    assert response.status == 200
    assert [*response.body] == ["access_token", "also"]


async def test_a_method_without_a_handler_is_refused(client: Client) -> None:
    response = await client.get("/auth/magic-login")
    assert response.status == 405
