"""Where the time of a check goes: by request, by call, by function.

Everything here runs in memory in this process, with the cache as it is by
default. Batches of each kind take turns, and the fastest counts: what else
the machine does can only slow one down.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import pstats
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from . import ROOT, floors
from .application import make
from .children import child, result
from .credentials import DISTINCT, Pair, Store
from .inprocess import Connection, connect, get
from .load import cores, pinned

KINDS = ("open", "warm", "cold")
BATCHES = 40
TOP = 12
BASES = sorted({*sysconfig.get_paths().values(), str(ROOT)}, key=len)[::-1]
Function = tuple[str, str]
Profile = dict[Function, tuple[float, float]]


class Requests:
    """Requests to an application, each kind in turn without end."""

    def __init__(self, connection: Connection, tokens: list[str]) -> None:
        self._connection = connection
        first = tokens[0]
        self._messages: dict[str, Iterator[bytes]] = {
            "open": cycle([get("/open", first)]),
            "warm": cycle([get("/protected", first)]),
            "cold": cycle([get("/protected", token) for token in tokens]),
        }

    async def send(self, kind: str, count: int) -> float:
        """Send some requests and return the microseconds that each took."""
        messages = [*islice(self._messages[kind], count)]
        started = time.perf_counter()
        for message in messages:
            await self._connection.expect_ok(message)
        return (time.perf_counter() - started) / count * 1e6

    async def profile(self, kind: str, count: int) -> Profile:
        """Return calls of, and microseconds in, each function a request."""
        profiler = cProfile.Profile()
        profiler.enable()
        await self.send(kind, count)
        profiler.disable()
        calls: Counter[Function] = Counter()
        spent: Counter[Function] = Counter()
        for place, row in pstats.Stats(profiler).stats.items():
            name = _name(*place)
            calls[name] += row[1] / count
            spent[name] += row[2] / count * 1e6
        return {name: (calls[name], spent[name]) for name in calls}


def _name(file: str, line: int, function: str) -> Function:
    """Return the module and the name of a function, without any folder."""
    if file == "~":
        return "", function.strip("<>")
    path = Path(file)
    for base in BASES:
        if path.is_relative_to(base):
            path = path.relative_to(base)
    if "site-packages" in path.parts:  # of an environment outside of the tree
        path = Path(*path.parts[path.parts.index("site-packages") + 1 :])
    return path.with_suffix("").as_posix().replace("/", "."), function


async def run(algorithm: str, directory: Path, count: int) -> dict[str, Any]:
    """Time and profile requests of each kind."""
    store = Store(directory)
    pair = Pair.read(store.keys(algorithm))
    tokens = store.tokens(algorithm, algorithm).read_text().split()
    batches: dict[str, list[float]] = {kind: [] for kind in KINDS}
    profiles: dict[str, list[Profile]] = {kind: [] for kind in KINDS}
    async with connect(make("ours", algorithm, pair)) as connection:
        requests = Requests(connection, tokens)
        await requests.send("cold", DISTINCT)  # the cache is full
        for _ in range(BATCHES):
            for kind in KINDS:
                batches[kind].append(await requests.send(kind, count))
        for _ in range(BATCHES):
            for kind in KINDS:
                await requests.send(kind, 10)
                profiles[kind].append(await requests.profile(kind, count))
    usual = {kind: _least(found) for kind, found in profiles.items()}
    found: dict[str, Any] = {
        "microseconds": {
            kind: round(min(values), 1) for kind, values in batches.items()
        },
        "calls": {
            kind: round(sum(calls for calls, _ in profile.values()), 1)
            for kind, profile in usual.items()
        },
    }
    if algorithm == "HS256":
        found["functions"] = [*_added(usual)]
    if algorithm == "ES256":
        # what a cold request is: one whose signature is checked
        found["signatures"] = {
            kind: round(_verifications(profile), 3)
            for kind, profile in usual.items()
        }
        if found["signatures"]["cold"] < 0.99:
            raise SystemExit("Cold tokens are cached: DISTINCT is too small.")
    return found


def _least(profiles: list[Profile]) -> Profile:
    """Return the least of several profiles, function by function."""
    names = {name for profile in profiles for name in profile}
    return {
        name: tuple(
            min(profile.get(name, (0, 0))[part] for profile in profiles)
            for part in (0, 1)
        )
        for name in names
    }


def _verifications(profile: Profile) -> float:
    """Return how often cryptography was asked about a signature of ES256."""
    return sum(
        calls
        for (_, name), (calls, _) in profile.items()
        if "ECPublicKey" in name
    )


def _added(profiles: dict[str, Profile]) -> Iterator[dict[str, Any]]:
    """Yield the functions that a check adds to the open route, most first."""
    more = {
        kind: {
            name: (calls - before[0], spent - before[1])
            for name, (calls, spent) in profiles[kind].items()
            for before in [profiles["open"].get(name, (0, 0))]
            if calls - before[0] > 0.01
        }
        for kind in ("warm", "cold")
    }
    totals = {
        k: sum(t for _, t in found.values()) for k, found in more.items()
    }

    def row(kind: str, name: Function) -> dict[str, float]:
        calls, spent = more[kind].get(name, (0, 0))
        share = max(0, spent / totals[kind])
        return {"calls": round(calls, 2), "share": round(share, 3)}

    rows = [
        {
            "function": ".".join(filter(None, name)),
            "warm": row("warm", name),
            "cold": row("cold", name),
        }
        for name in more["warm"] | more["cold"]
    ]
    rows.sort(key=lambda r: r["warm"]["share"] + r["cold"]["share"])
    yield from rows[: -TOP - 1 : -1]


def measure(directory: Path, count: int = 250) -> dict[str, Any]:
    """Measure each algorithm, on one core.

    Args:
        directory: Where keys and tokens are kept.
        count: Requests of each kind in a batch.
    """
    found: dict[str, Any] = {"requests": {}}
    with pinned(cores()[0]):
        for algorithm in floors.FLOORS:
            print(f"timing {algorithm} in memory", flush=True)
            arguments = algorithm, directory.resolve(), count
            with child(__spec__.name, *arguments) as process:
                found["requests"][algorithm] = result(process)
        found["floors"] = floors.measure()
    return found


if __name__ == "__main__":
    algorithm, store, count = sys.argv[1:]
    print(json.dumps(asyncio.run(run(algorithm, Path(store), int(count)))))
