"""Two services: one with the private key, one with the public one."""

from collections.abc import AsyncIterator, Iterator
from types import ModuleType

import httpx
import pytest

from sanic_jwt_oo.exceptions import SanicJWTException

from .serving import bearer, loaded, served

KEY = {"X-API-Key": "ada-key"}


@pytest.fixture(params=["RS256", "ES256", "EdDSA"])
def algorithm(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    monkeypatch.setenv("ALGORITHM", request.param)
    return str(request.param)


@pytest.fixture
def example(algorithm: str) -> Iterator[ModuleType]:
    with loaded("asymmetric_keys") as module:
        yield module


@pytest.fixture
async def issuer(example: ModuleType) -> AsyncIterator[httpx.AsyncClient]:
    async with served(example.issuing) as client:
        yield client


async def test_a_token_is_valid_at_the_other_service(
    issuer: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    body = (await issuer.post("/auth", headers=KEY)).json()
    response = await client.get(
        "/orders", headers=bearer(body["access_token"])
    )
    assert response.json() == {"orders_of": "ada"}


async def test_a_token_of_another_key_is_refused(
    client: httpx.AsyncClient,
) -> None:
    with loaded("asymmetric_keys") as other:
        async with served(other.issuing) as stranger:
            body = (await stranger.post("/auth", headers=KEY)).json()
    response = await client.get(
        "/orders", headers=bearer(body["access_token"])
    )
    assert response.status_code == 401


@pytest.mark.parametrize("path", ["", "/verify", "/me"])
async def test_the_other_service_has_no_endpoints(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(f"/auth{path}")).status_code == 404


async def test_the_other_service_cannot_sign(
    example: ModuleType, client: httpx.AsyncClient
) -> None:
    with pytest.raises(SanicJWTException):
        await example.verifier.generate_access_token({"user_id": "ada"})
