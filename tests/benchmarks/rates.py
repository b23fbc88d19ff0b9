"""Requests per second of the guarded routes, beside the open ones.

All servers run at once, and rounds go over all routes. In each run the open
route and the guarded one, with warm and with cold tokens, take turns twenty
times a second.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .application import CLAIMS, claims_of
from .credentials import BODY, CSRF, DISTINCT, Store, other_claims
from .figures import MODES
from .load import (
    BEARER,
    Load,
    Series,
    free_port,
    run,
    serving,
    status,
)
from .peers import PEERS, surroundings

ISSUED = 50_000
POSTED = "protected, POST"
"""A route to which requests without a body are posted."""
COOKIE = {"Cookie": "__Host-access_token={}", "X-CSRF-Token": CSRF}
SLOW = 2_000
"""Requests a second, below which no turn is long enough to settle in."""


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
        "by hand, minimal",
        "ours, no cache",
        "ours, sessions",
        "by hand, cookies",
        "ours, sessions, cookies",
        "ours, function form",
    ):
        yield Route(server, "HS256", "protected")
    for server in ("by hand, cookies", "ours, sessions, cookies"):
        yield Route(server, "HS256", POSTED)
    for route in ("user", "scoped", "protected"):
        yield Route("sanic-jwt", "HS256", route)
    for route in ("protected", "scoped", "user"):
        yield Route("ours", "HS256", route)
    yield Route("by hand, signature", "HS256", "protected")
    for algorithm in ("RS256", "ES256"):
        for server in (
            "by hand",
            "sanic-jwt",
            "by hand, signature",
            "by hand, minimal",
            "ours",
        ):
            yield Route(server, algorithm, "protected")
    for algorithm in ("HS256", "RS256", "ES256"):
        for server in ("by hand", "sanic-jwt", "by hand, minimal", "ours"):
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
        self._others: dict[int, Series] = {}

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
        claims = claims_of(package)
        name = f"{algorithm}-sessions" if package in CLAIMS else algorithm
        tokens = self._store.tokens(name, algorithm, claims)
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

    def loads(self, route: Route) -> tuple[int, dict[str, Load]]:
        """Return the port of a server, and what takes turns there.

        For a log-in: what it is compared with, and the log-in. For a route
        that does more than to let in: `protected` as well, whose new tokens
        are others, so that no route finds what another one has left.

        Raises:
            SystemExit: The route does not guard what it should.
        """
        port, path = self.find(route.server, route.algorithm)
        if route.route == "auth":
            echo, log_in = Load("/echo", body=BODY), Load("/auth", body=BODY)
            return port, {"open": echo, "cold": log_in}
        name, _, method = route.route.partition(", ")
        target = f"/{name}"
        how: dict[str, Any] = {
            "method": method or "GET",
            "credentials": COOKIE if "cookies" in route.server else BEARER,
        }
        check_guard(port, target, path, how)
        cold = self._cold.setdefault(port, Series(path))
        loads = guarded(target, path, cold, **how)
        if name != "protected":
            name, claims = f"{route.algorithm}-others", other_claims
            others = self._store.tokens(name, route.algorithm, claims)
            cold = self._others.setdefault(port, Series(others))
            beside = guarded("/protected", path, cold)
            loads |= {f"protected, {m}": beside[m] for m in MODES}
        return port, loads


def guarded(
    path: str, tokens: Path, cold: Series, **how: Any
) -> dict[str, Load]:
    """Return what takes turns for a guarded route."""
    warm = Series(tokens, 1)
    return {
        "open": Load("/open", warm, **how),
        "warm": Load(path, warm, **how),
        "cold": Load(path, cold, **how),
    }


def check_guard(
    port: int, path: str, tokens: Path, how: dict[str, Any]
) -> None:
    """Stop unless a route takes a good token, and no request without.

    Raises:
        SystemExit: It does not.
    """
    with tokens.open() as lines:
        token = lines.readline().strip()
    found = [status(port, path, one, **how) for one in (None, token)]
    if found != [401, 200]:
        raise SystemExit(f"{path} answers {found}, not [401, 200].")


class Issuing:
    """Verification on a fresh server, and on one that issued many tokens."""

    def __init__(self, servers: Servers) -> None:
        self.loads: dict[str, tuple[int, dict[str, Load]]] = {}
        for name in ("fresh", "after"):
            port, path = servers.start("ours", "HS256")
            if name == "after":
                self.issued = self._issue(port)
            self.loads[name] = port, guarded("/protected", path, Series(path))

    @staticmethod
    def _issue(port: int) -> int:
        print(f"issuing {ISSUED:,} tokens", flush=True)
        issued = 0
        while issued < ISSUED:
            rates = run(port, {"auth": Load("/auth", body=BODY)}, 2)
            issued += round(rates["auth"] * 2)
        return issued


def _in_turns(
    loads: dict[str, Load], rates: dict[str, list[int]]
) -> Iterator[dict[str, Load]]:
    """Yield what can take turns, and then, one by one, what is too slow."""
    quick = {m: x for m, x in loads.items() if max(rates[m], default=0) > SLOW}
    if quick:
        yield quick
    for mode in loads.keys() - quick.keys():
        yield {mode: loads[mode]}


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
        rates = [{mode: [] for mode in one} for _, one in loads]
        issuing = Issuing(servers) if not only or "ours" in only else None
        issued = issuing.loads if issuing else {}
        after = {
            name: {mode: [] for mode in one}
            for name, (_, one) in issued.items()
        }
        for number in range(rounds + 1):
            print(f"round {number} of {rounds}", flush=True)
            for (port, one), found in zip(
                [*loads, *issued.values()],
                [*rates, *after.values()],
                strict=True,
            ):
                for some in _in_turns(one, found):
                    for mode, rate in run(port, some, seconds).items():
                        found[mode].append(round(rate))
        for found in (*rates, *after.values()):
            for values in found.values():
                del values[0]
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
        result["issued"] = {"tokens": issuing.issued, **after}
    return result
