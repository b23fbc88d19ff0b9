"""A store by its name, and an application with a client.

A module or a test sets `name` (or `auth`); the other fixtures follow from it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import httpx
import pytest

from sanic_jwt_oo.sessions import MemorySessionStore, SessionStore

from .shop import Device, Shop, open_shop
from .workers import STORES


@pytest.fixture
def url(name: str, request: pytest.FixtureRequest) -> Any:
    """Where the store keeps its sessions: an empty database."""
    return None if name == "memory" else request.getfixturevalue(f"{name}_url")


@pytest.fixture
def make_store(name: str, url: Any) -> Callable[[], SessionStore]:
    """Return a function that makes a store; all have the same database."""
    if name == "memory":
        return MemorySessionStore
    return partial(STORES[name], url)


@pytest.fixture
async def store(
    make_store: Callable[[], SessionStore],
) -> AsyncIterator[SessionStore]:
    """A store, closed after the test."""
    store = make_store()
    yield store
    await store.close()


@pytest.fixture
async def other(
    make_store: Callable[[], SessionStore],
) -> AsyncIterator[SessionStore]:
    """A second store on the same database, as another process has it."""
    store = make_store()
    yield store
    await store.close()


@pytest.fixture
async def client(auth: Shop) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application that `auth` is installed on."""
    async with open_shop(auth) as client:
        yield client


@pytest.fixture
async def device(client: httpx.AsyncClient) -> Device:
    """A device that is logged in."""
    device = Device(client)
    assert (await device.log_in()).status_code == 200
    return device
