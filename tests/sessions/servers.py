"""Servers that tests start, and operations on them.

Without the program a test is skipped, or fails if `CI` is set: there, no test
is left out silently.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from ..effort import MERCY


def missing(reason: str) -> NoReturn:
    """Skip a test, or fail it if `CI` is set."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def program(*names: str, package: str) -> str:
    """Return the path of a program from a Debian package."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    missing(f"{names[0]} is missing: apt-get install {package}")


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + MERCY
    while not condition():
        assert time.monotonic() < deadline, f"waited too long for {what}"
        time.sleep(0.02)


class Server:
    """A process that listens on a port of this machine.

    Args:
        command: The command that starts it, always with the same data.
        port: The port.
        folder: The directory of its log.
    """

    def __init__(
        self, command: Sequence[str], port: int, folder: Path
    ) -> None:
        self.command = [*command]
        self.port = port
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it responds."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, cwd=self.folder
            )
        wait_for(self.answers, self.command[0])

    def answers(self) -> bool:
        """Whether it accepts connections."""
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """End it as a crash would."""
        self.signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> None:
        """Stop it and wait until it has ended."""
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGCONT)
            self.kill()


class RedisServer(Server):
    """A Redis server; it accepts connections before it has its data."""

    def answers(self) -> bool:
        """Whether it has loaded all its data."""
        return super().answers() and ask(self, "PING") == b"+PONG\r\n"


def redis_server(folder: Path, *options: str, port: int = 0) -> Server:
    """Return a server, not started, that persists acknowledged writes."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    path = program("redis-server", "valkey-server", package="redis-server")
    command = [
        path,
        *("--port", str(port), "--bind", "127.0.0.1"),
        *("--dir", str(folder), "--save", ""),
        *("--appendonly", "yes", "--appendfsync", "always"),
        *("--daemonize", "no", *options),
    ]
    return RedisServer(command, port, folder)


def say(server: Server, *words: str) -> bytes:
    """Send one command to a Redis server, and return its response."""
    response = ask(server, *words)
    assert not response.startswith(b"-"), response
    return response


def ask(server: Server, *words: str) -> bytes:
    """Send one command to a Redis server, and return its response or error."""
    text = f"{' '.join(words)}\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.port), 5) as link:
        link.sendall(text)
        link.shutdown(socket.SHUT_WR)
        response = b""
        while part := link.recv(65536):
            response += part
    return response


class Cluster:
    """Three Redis servers that share the slots.

    Args:
        folder: The directory of their data.
        node_timeout: After how many milliseconds of silence a node is down.
    """

    def __init__(self, folder: Path, node_timeout: int = 60_000) -> None:
        self.folder = folder
        self.node_timeout = node_timeout
        self.nodes: list[Server] = []

    def start(self) -> None:
        """Start the servers, and make a cluster of them."""
        for number in range(3):
            node = self._start_node()
            bounds = [16384 * number // 3, 16384 * (number + 1) // 3 - 1]
            self.command(node, "ADDSLOTSRANGE", *map(str, bounds))
            self.command(node, "SET-CONFIG-EPOCH", str(number + 1))
        for node in self.nodes[1:]:
            self.command(self.nodes[0], "MEET", "127.0.0.1", str(node.port))
        wait_for(self.is_whole, "the cluster")

    def add_replica(self, primary: Server) -> Server:
        """Start a server that takes over when the given one fails."""
        replica = self._start_node()
        self.command(replica, "MEET", "127.0.0.1", str(primary.port))
        wait_for(self.is_whole, "the cluster")
        name = self.command(primary, "MYID").split()[1].decode()
        self.command(replica, "REPLICATE", name)
        wait_for(
            lambda: b"master_link_status:up" in say(replica, "INFO"),
            "the replica",
        )
        return replica

    def _start_node(self) -> Server:
        node = redis_server(
            self.folder / str(len(self.nodes)),
            *("--cluster-enabled", "yes"),
            *("--cluster-node-timeout", str(self.node_timeout)),
            port=_free_cluster_port(),
        )
        node.start()
        self.nodes.append(node)
        return node

    def is_whole(self) -> bool:
        """Whether every node knows every slot."""
        known = f"cluster_known_nodes:{len(self.nodes)}".encode()
        return all(
            b"cluster_state:ok" in state and known in state
            for state in (self.command(node, "INFO") for node in self.nodes)
        )

    def command(self, node: Server, *words: str) -> bytes:
        """Send a `CLUSTER` command to a node."""
        return say(node, "CLUSTER", *words)

    def flush(self) -> None:
        """Delete all data."""
        for node in self.nodes:
            say(node, "FLUSHALL")

    def stop(self) -> None:
        """End the servers."""
        for node in self.nodes:
            node.stop()


def _free_cluster_port() -> int:
    """Return a free port; the port of the bus is higher by 10,000."""
    while True:
        port = free_port()
        if port < 55_000:
            return port
