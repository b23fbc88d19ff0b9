"""What open protected WebSockets cost, beside open ones of an open route.

A server in a process of its own holds them; this one is the clients, byte by
byte. `python -m tests.benchmarks.sockets [COUNT] [SECONDS]` measures.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from typing import Any

from sanic import Sanic

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.security.server import served

from . import ROOT
from .memory import resident

COUNT, SECONDS = 2_000, 30
_HANDSHAKE = """\
GET /{path} HTTP/1.1\r
Host: 127.0.0.1:{port}\r
Upgrade: websocket\r
Connection: Upgrade\r
Sec-WebSocket-Version: 13\r
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
Authorization: Bearer {token}\r
\r
"""


class Auth(JWTAuth[dict[str, Any]]):
    def authenticate(self, request: Any) -> None:
        """Refuse; tokens are issued by code."""

    def retrieve_user(self, payload: Any) -> Any:
        return payload


# --- the server -------------------------------------------------------------


async def wait(request: Any, ws: Any) -> None:
    """Wait for messages, of which there are none."""
    await ws.recv()


async def serve(count: int, seconds: float) -> None:
    """Serve sockets, and do what each line of the input says."""
    app = Sanic("sockets")
    app.config.WEBSOCKET_PING_INTERVAL = None  # which would be counted too
    store = MemorySessionStore()
    auth = Auth(secret="s" * 32, session_store=store).install(app)
    app.add_websocket_route(wait, "/open", name="open")
    app.add_websocket_route(auth.protected()(wait), "/protected")
    logins = [
        await auth.issue_tokens({"user_id": number}) for number in range(count)
    ]
    async with served(app) as server:
        tell(port=server.port, tokens=[one.access_token for one in logins])
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip() == "end":
                for one in logins[: count // 4]:
                    assert one.session_id is not None
                    await auth.sessions.revoke(one.session_id)
                continue
            gc.collect()
            memory, turns = resident(), count_turns()
            await asyncio.sleep(seconds if line.strip() == "idle" else 0)
            tell(memory=memory, turns=(turns() - 1) / seconds)


def count_turns() -> Any:
    """Begin to count the turns of the event loop; return what tells them."""
    loop: Any = asyncio.get_running_loop()
    counted, select = 0, loop._selector.select

    def counting(timeout: float | None) -> Any:
        nonlocal counted
        counted += 1
        return select(timeout)

    loop._selector.select = counting

    def stop() -> int:
        loop._selector.select = select
        return counted

    return stop


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


# --- the clients ------------------------------------------------------------


async def measure(path: str, count: int, seconds: float) -> dict[str, float]:
    """Open sockets of a route and return what they cost."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __spec__.name, "serve", str(count)),
        str(seconds),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**26,
    )
    assert server.stdin is not None
    assert server.stdout is not None

    async def ask(what: str) -> dict[str, float]:
        server.stdin.write(f"{what}\n".encode())
        line = await server.stdout.readline()
        answer: dict[str, float] = json.loads(line)
        return answer

    try:
        begun: Any = json.loads(await server.stdout.readline())
        before = await ask("memory")
        clients = [
            await connect(begun["port"], path, token)
            for token in begun["tokens"]
        ]
        found = await ask("idle")
        found["memory"] = (found["memory"] - before["memory"]) / count * 1024
        if path == "protected":
            started = time.monotonic()
            server.stdin.write(b"end\n")
            frames = [
                await reader.readexactly(4)
                for reader, _ in clients[: count // 4]
            ]
            found["end"] = time.monotonic() - started
            assert {frame[2:] for frame in frames} == {b"\x0b\xb8"}  # 3000
        for _, writer in clients:
            writer.close()
    finally:
        server.stdin.close()
        await server.wait()
    return found


async def connect(port: int, path: str, token: str) -> Any:
    """Open a socket."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    text = _HANDSHAKE.format(path=path, port=port, token=token)
    writer.write(text.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    return reader, writer


async def main(count: int = COUNT, seconds: float = SECONDS) -> None:
    """Print a table."""
    print(f"{count:,} sockets, {seconds:g} seconds")
    for path in ("open", "protected"):
        found = await measure(path, count, seconds)
        print(
            f"{path:9}: {found['memory']:6.1f} KiB each, "
            f"{found['turns']:.2f} turns of the event loop a second"
        )
    print(
        f"{count // 4} sessions ended: their sockets were closed "
        f"{found['end']:.2f} s later"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(int(sys.argv[2]), float(sys.argv[3])))
    else:
        asyncio.run(main(*map(int, sys.argv[1:])))
