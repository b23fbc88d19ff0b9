"""Fixtures: a loaded example, and a client of its application."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import ModuleType

import argon2
import httpx
import pytest

from .serving import bearer, loaded, served

SECRET = "a secret that is long enough for any test " * 2
URLS = {"postgresql": "postgres", "redis": "redis", "sqlite": "sqlite"}
Login = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the secret that a user of an example can set."""
    monkeypatch.setenv("SHOP_SECRET", SECRET)


class CheapHasher(argon2.PasswordHasher):
    """Makes hashes that take no time."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace slow password hashes by cheap ones."""
    monkeypatch.setattr(argon2, "PasswordHasher", CheapHasher)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """Name of the example: that of the test module without `test_`."""
    return request.module.__name__.rpartition(".test_")[2]


@pytest.fixture(autouse=True)
def sessions(
    name: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Give an example that keeps sessions somewhere a place for them."""
    _, keeps_sessions, store = name.partition("sessions_")
    if keeps_sessions:
        url = request.getfixturevalue(f"{URLS[store]}_url")
        monkeypatch.setenv("SHOP_SESSIONS", url)


@pytest.fixture
def example(name: str) -> Iterator[ModuleType]:
    """The example as a module."""
    with loaded(name) as module:
        yield module


@pytest.fixture
async def client(example: ModuleType) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the example's application."""
    async with served(example.app) as client:
        yield client


@pytest.fixture
def login(client: httpx.AsyncClient) -> Login:
    """Log in with an API key; returns the header that carries the token."""

    async def log_in(
        user: str = "ada",
        path: str = "/auth",
        token_name: str = "access_token",
    ) -> dict[str, str]:
        response = await client.post(
            path, headers={"X-API-Key": f"{user}-key"}
        )
        assert response.status_code == 200, response.text
        return bearer(response.json()[token_name])

    return log_in
