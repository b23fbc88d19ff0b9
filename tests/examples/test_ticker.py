"""A page whose WebSocket is renewed, on Sanic's own server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.effort import MERCY
from tests.security.server import served
from tests.sockets.serving import NO_PROXY

from .browser import browsing


@pytest.fixture
async def http(example: ModuleType) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server."""
    async with (
        served(example.app) as server,
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{server.port}"
        ) as client,
    ):
        yield client


@asynccontextmanager
async def ticker(
    http: httpx.AsyncClient, token: str
) -> AsyncIterator[ClientConnection]:
    """Open the socket as the page does."""
    async with connect(
        f"ws://{http.base_url.netloc.decode()}/ticker",
        subprotocols=[Subprotocol("bearer"), Subprotocol(token)],
        **NO_PROXY,
    ) as ws:
        yield ws


async def log_in(http: httpx.AsyncClient) -> dict[str, str]:
    response = await http.post("/auth", headers={"X-API-Key": "ada-key"})
    tokens: dict[str, str] = response.json()
    return tokens


async def receive(ws: ClientConnection, name: str) -> Any:
    """Wait for a message with a name, and return its value."""
    while True:
        message = json.loads(await asyncio.wait_for(ws.recv(), MERCY))
        if name in message:
            return message[name]


async def test_the_socket_ticks(http: httpx.AsyncClient) -> None:
    async with ticker(http, (await log_in(http))["access_token"]) as ws:
        assert ws.subprotocol == "bearer"
        assert await receive(ws, "tick") == 1


async def test_the_page_renews_it(http: httpx.AsyncClient) -> None:
    tokens = await log_in(http)
    async with ticker(http, tokens["access_token"]) as ws:
        response = await http.post(
            "/auth/refresh", json={"refresh_token": tokens["refresh_token"]}
        )
        await ws.send(response.json()["access_token"])
        assert await receive(ws, "state") == "renewed"
        await ws.send("no token")
        assert await receive(ws, "state") == "not renewed"


async def test_a_logout_closes_it(http: httpx.AsyncClient) -> None:
    token = (await log_in(http))["access_token"]
    async with ticker(http, token) as ws:
        await http.post(
            "/auth/logout", headers={"Authorization": f"Bearer {token}"}
        )
        with pytest.raises(ConnectionClosed):
            await receive(ws, "never")
        assert (ws.protocol.close_code, ws.protocol.close_reason) == (
            3000,
            "revoked",
        )


@pytest.mark.long
async def test_a_browser_does_all_this(
    http: httpx.AsyncClient, tmp_path: Path
) -> None:
    async with browsing(str(http.base_url), tmp_path) as page:
        await page.until("document.forms.length")
        await page.run("document.forms[0].requestSubmit()")
        await page.until("document.getElementById('ticker').textContent > 0")
        await page.run("renew()")
        state = "document.getElementById('state').textContent"
        await page.until(f"{state} === 'renewed'")
        await page.run("document.getElementById('logout').click()")
        await page.until(f"{state} === '3000 revoked'")
