"""Chromium without a window, driven by its debugging protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.effort import MERCY
from tests.sessions.servers import program
from tests.sockets.serving import NO_PROXY

OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
)


class Page:
    """A page that is open in the browser."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = count(1)

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its result."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters}
        await self._connection.send(json.dumps(command))
        while True:
            message = json.loads(await self._connection.recv())
            if message.get("id") == number:
                result: dict[str, Any] = message["result"]
                return result

    async def run(self, script: str) -> Any:
        """Run a script, and return the value of its last expression."""
        answer = await self.send(
            "Runtime.evaluate", expression=script, returnByValue=True
        )
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until a script returns something true."""

        async def wait() -> None:
            while not await self.run(script):
                await asyncio.sleep(0.05)

        await asyncio.wait_for(wait(), MERCY)


@asynccontextmanager
async def browsing(url: str, folder: Path) -> AsyncIterator[Page]:
    """Open a page in a browser of its own, whose profile is in a folder."""
    chromium = program("chromium", package="chromium")
    process = await asyncio.create_subprocess_exec(
        *(chromium, *OPTIONS, f"--user-data-dir={folder}", url),
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await asyncio.wait_for(_port(folder), MERCY)
        async with connect(await _find(port, url), **NO_PROXY) as connection:
            yield Page(connection)
    finally:
        process.terminate()
        await process.wait()


async def _port(folder: Path) -> int:
    path = folder / "DevToolsActivePort"
    while not (path.exists() and path.read_text().count("\n")):
        await asyncio.sleep(0.05)
    return int(path.read_text().split()[0])


async def _find(port: int, url: str) -> str:
    """Return the address of the page in the browser."""
    async with httpx.AsyncClient() as client:
        while True:
            response = await client.get(f"http://127.0.0.1:{port}/json")
            for target in response.json():
                if target["url"].startswith(url):
                    address: str = target["webSocketDebuggerUrl"]
                    return address
            await asyncio.sleep(0.05)
