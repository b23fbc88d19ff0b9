"""What many clients at once get from a session store, and from its driver.

One process has a crowd of clients, or each of two, as with `--workers 2`. The
store and the driver take turns. `python -m tests.benchmarks.crowds KIND URL`
is one of two processes: it reads whose turn it is.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from statistics import quantiles
from typing import Any, TypeAlias

import uvloop

from sanic_jwt_oo.sessions import RedisSessionStore, SQLSessionStore

from .children import child
from .places import (
    BarePostgreSQL,
    BareSQLite,
    BareTwoCalls,
    Client,
    Ours,
    Pool,
)

CROWD, CHECKS, SPELL = 200, 4, 0.5
"""How many clients a process has; how many of their operations a refresh is
one of; for how many seconds they go on in each round."""
WORKERS = 2
Place: TypeAlias = Any
Figures: TypeAlias = dict[str, float]


def sqlite(url: str) -> dict[str, Place]:
    """Return the store and the driver on one file."""
    path = Path(url.removeprefix("sqlite:///"))
    return {"ours": Ours(SQLSessionStore(url)), "bare": BareSQLite(path)}


def postgresql(url: str) -> dict[str, Place]:
    """Return the store and the driver, with as many connections."""
    pool = Pool(lambda: BarePostgreSQL(url))
    return {"ours": Ours(SQLSessionStore(url)), "bare": pool}


def redis(url: str) -> dict[str, Place]:
    """Return the store and the driver, with as many connections."""
    return {
        "ours": Ours(RedisSessionStore(url)),
        "bare": BareTwoCalls(url, 50),
    }


PLACES: dict[str, Callable[[str], dict[str, Place]]] = {
    "SQLite": sqlite,
    "PostgreSQL": postgresql,
    "Redis": redis,
}


class Crowds:
    """The clients of a process, some of each place.

    Args:
        kind: The kind of store.
        url: The URL of its database.
    """

    def __init__(self, kind: str, url: str) -> None:
        self._places = PLACES[kind](url)
        self._clients = {
            name: [Client.new() for _ in range(CROWD)] for name in self._places
        }

    async def open(self) -> None:
        """Log the clients in."""
        for name, place in self._places.items():
            await place.open()
            for client in self._clients[name]:
                await place.log_in(client)

    async def turn(self, name: str) -> Figures:
        """Let the clients of a place use it for a while."""
        return await crowd(self._places[name], self._clients[name])

    async def close(self) -> None:
        for place in self._places.values():
            await place.close()


async def crowd(place: Place, clients: Sequence[Client]) -> Figures:
    """Let clients refresh and check at the same time, for a while.

    Returns:
        Operations in a second, and the 99th percentile of their times in
        milliseconds.
    """
    started = time.perf_counter()
    times: list[float] = []

    async def use(client: Client) -> None:
        before = time.perf_counter()
        for number in count():
            if number % CHECKS:
                await place.check(client)
            else:
                await place.refresh(client)
                client.renew()
            now = time.perf_counter()
            times.append(now - before)
            before = now
            if now - started > SPELL:
                return

    await asyncio.gather(*map(use, clients))
    rate = len(times) / (time.perf_counter() - started)
    late = quantiles(times, n=100)[-1]
    return {"rate": round(rate), "late": round(1000 * late, 2)}


def alone(kind: str, url: str, rounds: int) -> dict[str, Any]:
    """Return what one process gets, by place and round."""
    with _opened(kind, url) as turn:
        return _take_turns(lambda name: [turn(name)], rounds)


def together(kind: str, url: str, rounds: int) -> dict[str, Any]:
    """Return what two processes get at the same time, by place and round.

    Operations are added up; of the percentiles, it is the higher one.
    """
    with ExitStack() as stack:
        workers = [
            stack.enter_context(child(__spec__.name, kind, url))
            for _ in range(WORKERS)
        ]
        for worker in workers:
            _read(worker)  # its clients are logged in
        return _take_turns(lambda name: _ask(workers, name), rounds)


def _take_turns(
    turn: Callable[[str], Sequence[Figures]], rounds: int
) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: {"rate": [], "late": []} for name in ("ours", "bare")
    }
    for number in range(rounds + 1):
        for name, of_place in found.items():
            figures = turn(name)
            if number:  # the first round warms up
                rate = sum(each["rate"] for each in figures)
                of_place["rate"].append(rate)
                of_place["late"].append(max(each["late"] for each in figures))
    return found


def _ask(workers: Sequence[subprocess.Popen[str]], name: str) -> list[Figures]:
    """Let all workers take a turn at the same time."""
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(f"{name}\n")
        worker.stdin.flush()
    return [_read(worker) for worker in workers]


def _read(worker: subprocess.Popen[str]) -> Any:
    assert worker.stdout is not None
    line = worker.stdout.readline()
    if not line:
        raise SystemExit(f"{worker.args} failed.")
    return json.loads(line)


@contextmanager
def _opened(kind: str, url: str) -> Iterator[Callable[[str], Figures]]:
    loop = uvloop.new_event_loop()
    run = loop.run_until_complete
    crowds = Crowds(kind, url)
    run(crowds.open())
    try:
        yield lambda name: run(crowds.turn(name))
        run(crowds.close())
        run(loop.shutdown_asyncgens())
    finally:
        loop.close()


def main(kind: str, url: str) -> None:
    """Take turns as they are asked for, until the input ends."""
    with _opened(kind, url) as turn:
        print("{}", flush=True)
        for line in sys.stdin:
            print(json.dumps(turn(line.strip())), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
