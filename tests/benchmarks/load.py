"""Servers to measure, and wrk to measure them with, each on its own core."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
CONNECTIONS = 16
BEARER = {"Authorization": "Bearer {}"}
"""The headers of a request with a token; the braces are for the token."""
SCRIPT = Path(__file__).with_name("wrk.lua")


def cores() -> tuple[int, int]:
    """Return the core of the servers, and that of the load."""
    ours = sorted(os.sched_getaffinity(0))
    return ours[0], ours[1 % len(ours)]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Keep this process on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return sock.getsockname()[1]


def status(
    port: int,
    path: str,
    token: str | None = None,
    method: str = "GET",
    credentials: Mapping[str, str] = BEARER,
) -> int:
    """Return the status of the response to one request."""
    connection = HTTPConnection(HOST, port, timeout=10)
    headers = {
        name: value.replace("{}", token)
        for name, value in credentials.items()
        if token
    }
    try:
        connection.request(method, path, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@contextmanager
def serving(
    command: Sequence[str], port: int, **kwargs: Any
) -> Iterator[None]:
    """Run a server on the servers' core, from its first answer on."""
    core, _ = cores()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        **kwargs,
    )
    try:
        _wait(process, port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if status(port, "/open") == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"This server did not start: {process.args}")


@dataclass
class Series:
    """Tokens in a file, one a line, to use in turn.

    Args:
        path: The file.
        count: How many of them to use; all by default.
    """

    path: Path
    count: int = 0
    used: int = 0


@dataclass(frozen=True)
class Load:
    """Requests of one kind.

    Args:
        path: The route.
        tokens: What to send along; a run goes on where the last one ended.
        body: JSON to post.
        method: The method; that of a request with a body is POST.
        credentials: The headers that carry a token, with `{}` in its place.
    """

    path: str
    tokens: Series = field(default_factory=lambda: Series(Path("-")))
    body: str | None = None
    method: str = "GET"
    credentials: Mapping[str, str] = field(default_factory=lambda: BEARER)

    def arguments(self) -> list[object]:
        """Return what `wrk.lua` has to know."""
        method = self.method if self.body is None else "POST"
        tokens = self.tokens
        series = [tokens.path, tokens.count, tokens.used]
        headers = [f"{n}: {v}\n" for n, v in self.credentials.items()]
        return [method, self.path, *series, self.body or "-", "".join(headers)]


def run(
    port: int, loads: Mapping[str, Load], seconds: int
) -> dict[str, float]:
    """Have requests of several kinds take turns, many times a second.

    Args:
        port: The server's.
        loads: The kinds, by a name.
        seconds: How long, for each.

    Returns:
        How many requests were answered in a second of their turns.

    Raises:
        SystemExit: A request was not answered, or not with success.
    """
    _, core = cores()
    duration = seconds * len(loads)
    command = [
        *("taskset", "--cpu-list", core),
        *("wrk", "--threads", "1", "--connections", CONNECTIONS),
        *("--duration", f"{duration}s", "--timeout", "30s"),
        *("--script", SCRIPT, f"http://{HOST}:{port}", "--"),
    ]
    for load in loads.values():
        command += load.arguments()
    output = subprocess.run(
        [*map(str, command)],
        check=True,
        capture_output=True,
        text=True,
        timeout=duration + 60,
    ).stdout
    lines = [x.split() for x in output.splitlines() if x.startswith("RESULT")]
    rates = {}
    for (name, load), line in zip(loads.items(), lines, strict=True):
        requests, microseconds, failed = map(int, line[1:])
        if failed or not requests:
            raise SystemExit(f"{load} had {failed} failures:\n{output}")
        rates[name] = requests / microseconds * 1e6
        load.tokens.used += round(rates[name] * seconds) + CONNECTIONS
    return rates


def require_programs(*names: str) -> None:
    """Stop unless programs are there.

    Raises:
        SystemExit: One is missing; the message says how to get it.
    """
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise SystemExit(
            "Missing: " + ", ".join(missing) + ". On Debian: apt-get install "
            "wrk valgrind util-linux"
        )


def warn_if_busy() -> None:
    """Say so if other work would disturb what is measured."""
    busy, _, _ = os.getloadavg()
    if busy > 0.5:
        print(f"This machine is busy (load {busy:.1f}): expect noise.")
