"""Start real servers on free ports of this machine, and end them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Run a command with a free port in place of `{port}`."""
    started: list[subprocess.Popen[Any]] = []

    def run(*command: str) -> str:
        port = free_port()
        # a Sanic server that another test ran leaves notes to itself there
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SANIC_")
        }
        process = subprocess.Popen(
            [sys.executable, *(part.format(port=port) for part in command)],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        started.append(process)
        address = f"http://127.0.0.1:{port}"
        for _ in range(600):
            assert process.poll() is None, process.stdout.read().decode()
            try:
                httpx.get(address)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return address
        raise AssertionError("the server did not start")

    yield run
    for process in started:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
