"""An application that sanic-ext extends, and a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

import httpx
import pytest
from sanic import Sanic
from sanic_ext.extensions.openapi.builders import (
    OperationStore,
    SpecificationBuilder,
)

from tests.conftest import SECRET, Auth
from tests.examples.serving import bearer, served

Serve: TypeAlias = Callable[
    [Sanic], AbstractAsyncContextManager[httpx.AsyncClient]
]


class ShopAuth(Auth):
    """Every user is Joe, who may read orders."""

    def add_scopes_to_payload(self) -> list[str]:
        return ["orders:read"]


@pytest.fixture(autouse=True)
def no_descriptions() -> None:
    """Clear descriptions of other applications, which sanic-ext keeps."""
    OperationStore.reset()
    SpecificationBuilder.reset()


@pytest.fixture
def make_app(make_app: Callable[[], Sanic]) -> Callable[[], Sanic]:
    """Make applications that do not rewrite Sanic's own classes.

    One without sanic-ext would leave out the signals that injection needs.
    """

    def make() -> Sanic:
        app = make_app()
        app.config.TOUCHUP = False
        return app

    return make


@pytest.fixture
def auth(app: Sanic) -> ShopAuth:
    installed: ShopAuth = ShopAuth(secret=SECRET).install(app)
    return installed


@pytest.fixture
async def client(
    app: Sanic, auth: ShopAuth, add_routes: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, with the routes of a test module."""
    add_routes(app, auth)
    async with served(app) as client:
        yield client


@pytest.fixture
async def headers(client: httpx.AsyncClient) -> dict[str, str]:
    """The header with Joe's token."""
    response = await client.post("/auth", json={})
    return bearer(response.json()["access_token"])
