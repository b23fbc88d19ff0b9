"""W3: a logout at one server closes the sockets at another."""

from __future__ import annotations

import httpx
import pytest

from tests.servers.conftest import servers

from .living import closing, opened, respond

pytestmark = [pytest.mark.long, pytest.mark.requirement("W3")]

COMMAND = (
    *("-m", "sanic", "tests.sockets.program:app", "--single-process"),
    *("--host=127.0.0.1", "--port={port}", "--no-motd", "--no-access-logs"),
)


async def test_a_logout_at_one_server_closes_sockets_at_another(
    tmp_path, redis_url
):
    with servers(tmp_path, SESSIONS=redis_url) as run:
        here, there = run(*COMMAND), run(*COMMAND)
        async with httpx.AsyncClient(base_url=here) as client:
            tokens = [
                (await client.post("/auth", json={})).json()["access_token"]
                for _ in range(2)
            ]
            port = httpx.URL(there).port
            assert port is not None
            async with (
                opened(port, tokens[0]) as ws,
                opened(port, tokens[1]) as other,
            ):
                response = await client.post(
                    "/auth/logout",
                    headers={"Authorization": f"Bearer {tokens[0]}"},
                )
                assert response.status_code == 204
                assert await closing(ws) == (3000, "revoked")
                await respond(other)
