"""Requests per second of the guarded routes, beside the open ones.

All servers run at once, and rounds go over all routes, so that a slow spell
of the machine meets every one of them. The open route is measured between
the warm and the cold run of the guarded one, each ratio from neighbours.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .credentials import DISTINCT, FIRST_USER, Store
from .load import Load, Series, free_port, serving, status
from .peers import PEERS, surroundings

ISSUED = 50_000
BODY = f'{{"user_id": {FIRST_USER}}}'


@dataclass(frozen=True)
class Route:
    """A guarded route of a server.

    Args:
        server: A package of `application`, or the name of a peer.
        algorithm: What its tokens are signed with.
        route: Its path, without the slash.
    """

    server: str
    algorithm: str
    route: str


def _plan() -> Iterator[Route]:
    """Name the routes, those that are compared with each other together."""
    for server in (
        "by hand",
        "by hand, remembering",
        "by hand, bounded",
        "ours, no cache",
        "ours, function form",
    ):
        yield Route(server, "HS256", "protected")
    for route in ("user", "scoped", "protected"):
        yield Route("sanic-jwt", "HS256", route)
    for route in ("protected", "scoped", "user"):
        yield Route("ours", "HS256", route)
    yield Route("by hand, signature", "HS256", "protected")
    for algorithm in ("RS256", "ES256"):
        for server in ("by hand", "sanic-jwt", "by hand, signature", "ours"):
            yield Route(server, algorithm, "protected")
    for algorithm in ("HS256", "RS256", "ES256"):
        for server in ("by hand", "sanic-jwt", "ours"):
            yield Route(server, algorithm, "auth")
    for peer in PEERS:
        yield Route(peer.name, "HS256", "protected")


class Servers:
    """The servers that run, each started when it is first asked for."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.versions: dict[str, dict[str, str]] = {}
        self._directory = directory
        self._store = Store(directory)
        self._stack = stack
        self._peers = {peer.name: peer for peer in PEERS}
        self._ports: dict[tuple[str, str], tuple[int, Path]] = {}
        self._cold: dict[int, Series] = {}

    def find(self, server: str, algorithm: str) -> tuple[int, Path]:
        """Return the port of a server, and a file of its tokens."""
        key = server, algorithm
        if key not in self._ports:
            print(f"starting {server} with {algorithm}", flush=True)
            if server in self._peers:
                self._ports[key] = self._start_peer(server)
            else:
                self._ports[key] = self.start(server, algorithm)
        return self._ports[key]

    def start(self, package: str, algorithm: str) -> tuple[int, Path]:
        """Start one more server."""
        port = free_port()
        command = [sys.executable, "-m", f"{__package__}.server", package]
        command += [algorithm, str(self._store.keys(algorithm)), str(port)]
        tokens = self._store.tokens(algorithm, algorithm)
        self._stack.enter_context(serving(command, port))
        return port, tokens

    def _start_peer(self, name: str) -> tuple[int, Path]:
        peer = self._peers[name]
        home = peer.environment(self._directory)
        self.versions[name] = peer.versions(home)
        tokens = self._store.tokens(name, "HS256", peer.claims)
        port = free_port()
        command = peer.command(home, port)
        self._stack.enter_context(serving(command, port, env=surroundings()))
        return port, tokens

    def loads(self, route: Route) -> dict[str, Load]:
        """Return what to run for a route: warm, open and cold, in order.

        For a log-in: what it is compared with, and the log-in.

        Raises:
            SystemExit: The route does not guard what it should.
        """
        port, path = self.find(route.server, route.algorithm)
        warm = Series(path, 1)
        if route.route == "auth":
            return {
                "open": Load(port, "/echo", body=BODY),
                "cold": Load(port, "/auth", body=BODY),
            }
        target = f"/{route.route}"
        check_guard(port, target, path)
        cold = self._cold.setdefault(port, Series(path))
        return {
            "warm": Load(port, target, warm),
            "open": Load(port, "/open", warm),
            "cold": Load(port, target, cold),
        }


def check_guard(port: int, path: str, tokens: Path) -> None:
    """Stop unless a route takes a good token, and no request without.

    Raises:
        SystemExit: It does not.
    """
    with tokens.open() as lines:
        token = lines.readline().strip()
    found = [status(port, path), status(port, path, token)]
    if found != [401, 200]:
        raise SystemExit(f"{path} answers {found}, not [401, 200].")


class Issuing:
    """Verification on a fresh server, and on one that issued many tokens."""

    def __init__(self, servers: Servers) -> None:
        self.loads = {}
        for name in ("fresh", "after"):
            port, path = servers.start("ours", "HS256")
            if name == "after":
                self.issued = self._issue(port)
            self.loads["warm", name] = Load(
                port, "/protected", Series(path, 1)
            )
            self.loads["cold", name] = Load(port, "/protected", Series(path))

    @staticmethod
    def _issue(port: int) -> int:
        print(f"issuing {ISSUED:,} tokens", flush=True)
        load = Load(port, "/auth", body=BODY)
        issued = 0
        while issued < ISSUED:
            issued += load.run(2)[0]
        return issued


def measure(
    directory: Path, rounds: int, seconds: int, only: Collection[str] = ()
) -> dict[str, Any]:
    """Measure every route, round after round.

    Args:
        directory: Where keys, tokens and environments are kept.
        rounds: How often; one more, at first, is not counted.
        seconds: How long each run takes.
        only: The servers to measure; all by default.
    """
    with ExitStack() as stack:
        servers = Servers(directory, stack)
        routes = [r for r in _plan() if not only or r.server in only]
        loads = [servers.loads(route) for route in routes]
        rates = [{mode: [] for mode in one} for one in loads]
        issuing = Issuing(servers) if not only or "ours" in only else None
        after: dict[tuple[str, str], list[int]] = {}
        for number in range(rounds + 1):
            print(f"round {number} of {rounds}", flush=True)
            for one, found in zip(loads, rates, strict=True):
                for mode, load in one.items():
                    rate = round(load.run(seconds)[1])
                    if number:
                        found[mode].append(rate)
            for key, load in issuing.loads.items() if issuing else ():
                rate = round(load.run(seconds)[1])
                if number:
                    after.setdefault(key, []).append(rate)
    result = {
        "rounds": rounds,
        "seconds": seconds,
        "distinct": DISTINCT,
        "peers": servers.versions,
        "routes": [
            {**asdict(route), **found}
            for route, found in zip(routes, rates, strict=True)
        ],
    }
    if issuing:
        result["issued"] = {"tokens": issuing.issued}
        for (mode, name), values in after.items():
            result["issued"].setdefault(mode, {})[name] = values
    return result
