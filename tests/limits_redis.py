"""A Redis server for login limits that several machines share."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sessions.servers import program, wait_for


class RedisServer:
    """A server on a free port of this machine, with a password."""

    password = "a-password-that-nobody-may-see"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Its URL, as the setting expects it."""
        return f"redis://:{self.password}@127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it, empty, and wait until it responds."""
        binary = shutil.which("redis-server")
        assert binary is not None
        self._process = subprocess.Popen(
            [
                binary,
                *("--port", str(self._port), "--bind", "127.0.0.1"),
                *("--requirepass", self.password),
                *("--save", "", "--appendonly", "no"),
                *("--dir", str(self._directory)),
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_for(self._answers, "redis-server")

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def stop(self) -> None:
        """Kill it, as a machine crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it accept connections and not respond."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A running Redis server; without the program the test is skipped."""
    program("redis-server", package="redis-server")
    server = RedisServer(tmp_path)
    yield server
    server.stop()
