"""Start real servers on free ports of this machine, and stop them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.effort import MERCY

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


Serve = Callable[..., str]


@contextmanager
def servers(
    folder: Path, place: Path = ROOT, **variables: str
) -> Iterator[Serve]:
    """Yield a function that runs a command with a free port for `{port}`.

    Args:
        folder: The directory of the servers' logs.
        place: The directory they run in.
        variables: Additional environment variables.
    """
    started: list[subprocess.Popen[Any]] = []
    # a Sanic server of another test leaves variables there
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SANIC_")
    }
    environment.update(variables, PYTHONPATH=str(ROOT))

    def run(*command: str) -> str:
        port = free_port()
        log = folder / f"{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    sys.executable,
                    *(part.format(port=port) for part in command),
                ],
                cwd=place,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(process)
        address = f"http://127.0.0.1:{port}"
        ends = time.monotonic() + MERCY
        while time.monotonic() < ends:
            assert process.poll() is None, log.read_text()
            try:
                httpx.get(address)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return address
        raise AssertionError(f"the server did not start: {log.read_text()}")

    try:
        yield run
    finally:
        for process in started:
            _end(process)


def _end(process: subprocess.Popen[Any]) -> None:
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(2)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Run a command once, with a free port for `{port}`."""
    with servers(tmp_path_factory.mktemp("servers")) as run:
        yield cache(run)
