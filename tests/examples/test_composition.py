"""Nested classes of mixins, mixed along the method resolution order."""

from types import ModuleType

import httpx

KEY = {"X-API-Key": "ada-key"}


async def test_the_leftmost_setting_wins(example: ModuleType) -> None:
    config = example.auth.config
    assert config.leeway == 1  # Auth before ShortLived
    assert config.expiration_delta == 60  # ShortLived before CompanyAuth
    assert config.claim_iss == "https://company.test"  # CompanyAuth


async def test_responses_build_upon_each_other(
    client: httpx.AsyncClient,
) -> None:
    response = (await client.post("/auth", headers=KEY)).json()
    del response["jwt"]
    assert response == {"company": "Fruit & Co.", "token_type": "Bearer"}


async def test_a_wrong_key_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/auth", headers={"X-API-Key": "wrong"})
    assert response.status_code == 401
