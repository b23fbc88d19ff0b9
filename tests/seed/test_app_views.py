"""Class-based views, and tokens in the query string."""

import pytest

from .running import Client


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_every_method_of_the_view_needs_a_token(
    client: Client, method: str
) -> None:
    response = await client.ask(method, "/whole")
    assert response.status == 401


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_every_method_of_the_view_accepts_a_token(
    client: Client, method: str
) -> None:
    response = await client.ask(method, "/whole", await client.log_in())
    assert response == (200, f"I am {method.lower()} method")


@pytest.mark.parametrize(
    ("method", "status"),
    [("GET", 200), ("POST", 401), ("PUT", 401), ("PATCH", 401)],
)
async def test_only_decorated_methods_need_a_token(
    client: Client, method: str, status: int
) -> None:
    response = await client.ask(method, "/parts")
    assert response.status == status


async def test_a_method_gets_the_user(client: Client) -> None:
    response = await client.ask("PUT", "/parts", await client.log_in())
    assert response == (200, {"user": {"user_id": 1}})


async def test_a_method_can_require_a_scope(client: Client) -> None:
    response = await client.ask("PATCH", "/parts", await client.log_in())
    assert response == (200, "I am patch method")


async def test_a_method_refuses_a_missing_scope(client: Client) -> None:
    # 1.8.0 means 403 as well, but on current Sanic it answers 401 (H2)
    response = await client.ask("DELETE", "/parts", await client.log_in())
    assert response.status == client.either(oracle=401, ours=403)


async def test_a_token_in_the_query_string_is_read(client: Client) -> None:
    params = {"access_token": await client.log_in()}
    response = await client.get("/whole", params=params)
    assert response == (200, "I am get method")
