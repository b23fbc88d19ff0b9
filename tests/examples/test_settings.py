"""Where settings come from."""

from types import ModuleType

import httpx

from .conftest import Login

KEY = {"X-API-Key": "ada-key"}


async def test_the_class_overrides_the_application(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/login", headers=KEY)
    assert [*response.json()] == ["jwt"]


async def test_the_setter_is_called(example: ModuleType) -> None:
    assert example.auth.config.expiration_delta == 7200


async def test_the_config_of_the_application_sets_a_path(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login(path="/login", token_name="jwt")
    token = headers["Authorization"].removeprefix("Bearer ")
    response = await client.get(
        "/login/check", headers={"Authorization": f"Token {token}"}
    )
    assert response.json() == {"valid": True}


async def test_a_keyword_argument_sets_the_issuer(
    example: ModuleType, client: httpx.AsyncClient, login: Login
) -> None:
    headers = await login(path="/login", token_name="jwt")
    token = headers["Authorization"].removeprefix("Bearer ")
    payload = await example.auth.verify_token(token)
    assert payload["iss"] == "https://shop.test"
