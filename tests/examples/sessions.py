"""What the examples of session stores have in common."""

import asyncio
import time

import httpx

KEY = {"X-API-Key": "ada-key"}


async def log_in(client: httpx.AsyncClient) -> dict[str, str]:
    response: dict[str, str] = (await client.post("/auth", headers=KEY)).json()
    return response


async def renew(client: httpx.AsyncClient, token: str) -> httpx.Response:
    body = {"refresh_token": token}
    return await client.post("/auth/refresh", json=body)


async def is_refused_in_time(
    client: httpx.AsyncClient, headers: dict[str, str], staleness: float
) -> bool:
    """Tell whether a token is refused before the bound of the feed is over."""
    ends = time.monotonic() + staleness
    while True:
        asked = time.monotonic()
        response = await client.get("/orders", headers=headers)
        if response.status_code != 200:
            return True
        if asked > ends:
            return False
        await asyncio.sleep(0.02)
