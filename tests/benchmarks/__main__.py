"""Measure protected routes against the same route unprotected.

Requests per second over keep-alive connections, as ratios to the open route
of the same server, interleaved in one run; server and load on cores of their
own where the system lets us. Absolute figures mean nothing across machines.

    make bench                      # or: python -m tests.benchmarks
    make bench ARGS="--rounds 15"
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version

import jwt

from .server import SECRET

CONNECTIONS = 16
ROUTES = {
    "ours": ["by_hand", "protected", "scoped", "user"],
    "sanic-jwt 1.8": ["protected", "scoped", "user"],
}


def pin(core: int) -> None:
    """Keep this process on one core, if there are several."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


def start(package: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a server on a free port and wait for it."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    command = [sys.executable, "-m", f"{__package__}.server", package]
    process = subprocess.Popen(
        [*command, str(port)], preexec_fn=lambda: pin(0)
    )
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/open").close()
        except OSError:
            time.sleep(0.05)
        else:
            return process, port
    process.kill()
    raise SystemExit(f"The server for {package} did not start.")


async def load(port: int, route: str, token: str, requests: int) -> float:
    """Return the requests per second that a route answers."""
    message = (
        f"GET /{route} HTTP/1.1\r\nHost: bench\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    ).encode()

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(requests // CONNECTIONS):
            writer.write(message)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            await reader.readexactly(1)
        writer.close()
        await writer.wait_closed()

    started = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    return requests / (time.perf_counter() - started)


def measure(rounds: int, requests: int) -> None:
    """Measure, and print a table."""
    token = jwt.encode(
        {"user_id": 1, "scopes": ["a:b", "c"], "exp": time.time() + 3600},
        SECRET,
    )
    servers = {name: start(name.split()[0]) for name in ROUTES}
    ratios: dict[tuple[str, str], list[float]] = {}
    try:
        pin(1)
        for number in range(rounds + 1):
            for name, routes in ROUTES.items():
                port = servers[name][1]
                for route in routes:
                    base = asyncio.run(load(port, "open", token, requests))
                    rate = asyncio.run(load(port, route, token, requests))
                    if number:  # the first round warms up
                        key = (name, route)
                        ratios.setdefault(key, []).append(rate / base)
    finally:
        for process, _ in servers.values():
            process.terminate()
            process.wait()
    names = ("sanic", "pyjwt", "sanic-jwt")
    print(", ".join(f"{name} {version(name)}" for name in names))
    print("\n| server | route | median | from | to |\n|---|---|---|---|---|")
    for (name, route), values in ratios.items():
        middle = statistics.median(values)
        low, high = min(values), max(values)
        print(f"| {name} | {route} | {middle:.2f} | {low:.2f} | {high:.2f} |")


parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--rounds", type=int, default=7)
parser.add_argument("--requests", type=int, default=4000)
arguments = parser.parse_args()
measure(arguments.rounds, arguments.requests)
