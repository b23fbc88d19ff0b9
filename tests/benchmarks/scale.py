"""What each thing that many workers do costs a store, and each worker.

Processor time is counted in the processes of the servers, not on a clock, so
that it can be measured on a busy machine. `sizing` adds it up for any number
of workers. `python -m tests.benchmarks.scale FOLDER SCALE` measures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from timeit import repeat
from typing import Any

import asyncpg
import redis.asyncio

from sanic_jwt_oo.sessions import (
    RedisSessionStore,
    RevocationFeed,
    Session,
    SessionStore,
    SQLSessionStore,
)
from sanic_jwt_oo.sessions.model import new_session_id
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken
from sanic_jwt_oo.sessions.sql.listening import CHANNEL
from tests.sessions.postgres import Postgres, binaries
from tests.sessions.servers import Server, redis_server

from .children import child, result
from .figures import median
from .growth import NOW, Step, Turn, make

OPERATIONS, READS, ROWS, FEEDS, WRITERS = 500, 400, 10_000, 16, 32
SPELLS = 9
RARELY, OFTEN = 20.0, 0.005
PAUSE = 0.002
INSERT = (
    "INSERT INTO jwt_revocations (revoked_id, revoked, until) "
    "VALUES ($1, $2, $3)"
)
COMMITS = {
    "commits": INSERT,
    "pushed commits": f"WITH logged AS ({INSERT} RETURNING revoked_id) "
    f"SELECT pg_notify({CHANNEL}, revoked_id) FROM logged",
}
"""What many connections write at once; each waits for the disk."""

Costs = dict[str, float]


def processor_time(pid: int) -> float:
    """Return the processor time of a process so far, in seconds."""
    # the number of the clock of another process, as clock_getcpuclockid(3)
    return time.clock_gettime((~pid << 3) | 2)


class Redis:
    """A server of its own."""

    def __init__(self, folder: Path) -> None:
        self._server: Server = redis_server(
            folder / "redis", "--appendonly", "no"
        )
        self._server.start()
        self.url = f"redis://127.0.0.1:{self._server.port}"

    def store(self, interval: float, listen: bool = True) -> SessionStore:
        """Return a new store, as another worker has it."""
        return RedisSessionStore(self.url, feed_interval=interval, timeout=60)

    def used(self) -> float:
        """Return the processor time of the server, in seconds."""
        assert self._server.process is not None
        return processor_time(self._server.process.pid)

    async def octets(self, what: str) -> int:
        """Return the memory that all data takes."""
        async with redis.asyncio.Redis.from_url(self.url) as client:
            used: int = (await client.info("memory"))["used_memory_dataset"]
            return used

    async def more(self) -> Costs:
        """Return what is only known of this store."""
        return {}

    async def close(self) -> None:
        """End the server."""
        self._server.stop()


class PostgreSQL:
    """A server of its own; only `more` waits for its disk."""

    def __init__(self, folder: Path) -> None:
        programs = binaries()
        assert programs is not None
        self._server = Postgres(programs)
        self.url = self._server.url("postgres")

    def store(self, interval: float, listen: bool = True) -> SessionStore:
        """Return a new store, as another worker has it."""
        return SQLSessionStore(
            self.url, feed_interval=interval, timeout=60, listen=listen
        )

    def used(self) -> float:
        """Return the processor time of its processes, in seconds."""
        return sum(processor_time(pid) for pid in self._server._pids())

    async def octets(self, what: str) -> int:
        """Return the size of a table with its indexes."""
        table = f"jwt_{what}s"
        [row] = await self._server.execute(
            "SELECT pg_total_relation_size(CAST($1 AS regclass))", table
        )
        size: int = row[0]
        return size

    async def more(self) -> Costs:
        """Return the memory of a connection, and commits per second."""
        found = {"connection": await self._connection_octets()}
        await self._server.execute("ALTER SYSTEM SET fsync = on")
        await self._server.execute("SELECT pg_reload_conf()")
        links = [
            await asyncpg.connect(self.url, ssl=False) for _ in range(WRITERS)
        ]
        rates: dict[str, list[float]] = {name: [] for name in COMMITS}

        async def write(link: Any, statement: str) -> None:
            for _ in range(10):
                await link.execute(statement, new_session_id(1), NOW, NOW)

        for _ in range(SPELLS):
            for name, statement in COMMITS.items():
                started = time.perf_counter()
                await asyncio.gather(*(write(one, statement) for one in links))
                spent = time.perf_counter() - started
                rates[name].append(10 * WRITERS / spent)
        for link in links:
            await link.close()
        return found | {name: median(each) for name, each in rates.items()}

    async def _connection_octets(self) -> float:
        links = [
            await asyncpg.connect(self.url, ssl=False) for _ in range(FEEDS)
        ]
        for link in links:
            await link.fetch("SELECT * FROM jwt_revocations LIMIT 5000")
        sizes = [_proportional(link.get_server_pid()) for link in links]
        for link in links:
            await link.close()
        return sum(sizes) / len(sizes)

    async def close(self) -> None:
        """End the server."""
        self._server.close()


def _proportional(pid: int) -> int:
    """Return the memory of a process in bytes, its share of what is shared."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    [size] = [line.split()[1] for line in lines if line.startswith("Pss:")]
    return 1024 * int(size)


class Meter:
    """Processor time of a server and of this process.

    Args:
        place: The server.
    """

    def __init__(self, place: Redis | PostgreSQL) -> None:
        self._place = place
        self.server: Costs = {}
        self.worker: Costs = {}

    async def measure(
        self, name: str, times: int, work: Callable[[], Awaitable[None]]
    ) -> None:
        """Note what work takes, in microseconds for each of some times."""
        server, worker = self._place.used(), time.process_time()
        await work()
        self.server[name] = 1e6 * (self._place.used() - server) / times
        self.worker[name] = 1e6 * (time.process_time() - worker) / times


@asynccontextmanager
async def using(store: SessionStore) -> AsyncIterator[SessionStore]:
    """Open and close a store."""
    await store.open()
    try:
        yield store
    finally:
        await store.close()


class CountingFeed(RevocationFeed):
    """Counts how often it was confirmed."""

    confirmations = 0

    def confirm(self, moment: float) -> None:
        self.confirmations += 1
        super().confirm(moment)


@asynccontextmanager
async def following(
    stores: list[SessionStore],
) -> AsyncIterator[list[CountingFeed]]:
    """Yield the feeds of workers, all of them current; close the stores."""
    feeds = [CountingFeed(60) for _ in stores]
    tasks = [
        asyncio.create_task(feed.follow(store))
        for feed, store in zip(feeds, stores, strict=True)
    ]
    try:
        while not all(feed.is_current for feed in feeds):
            await asyncio.sleep(PAUSE)
        yield feeds
    finally:
        for feed, task, store in zip(feeds, tasks, stores, strict=True):
            await feed.end(task)
            await store.close()


async def revoke_tokens(store: SessionStore, count: int) -> None:
    """Revoke tokens that live for a while, with pauses."""
    for _ in range(count):
        await store.revoke_token(new_session_id(1), NOW + 9_999, NOW)


async def operations(
    place: Redis | PostgreSQL, meter: Meter, count: int
) -> None:
    """Measure what the requests of users cost."""
    made = [make(number) for number in range(count)]
    async with using(place.store(RARELY)) as store:
        turn = Turn(store)

        async def end(session: Session, _: RefreshToken) -> None:
            await store.revoke(session.id, NOW)

        for name, step in {**turn.steps, "revocation": end}.items():

            async def work(step: Step = step) -> None:
                for session, token in made:
                    await step(session, token)

            await meter.measure(name, count, work)


async def feeds(place: Redis | PostgreSQL, meter: Meter, count: int) -> None:
    """Measure what it costs to keep feeds up to date."""

    async def revoke() -> None:
        for _ in range(count):
            await revoke_tokens(writer, 1)
            await asyncio.sleep(PAUSE)  # the next is another notification

    async def read(name: str, listen: bool) -> None:
        async with following([place.store(OFTEN, listen)]) as (feed,):

            async def wait() -> None:
                enough = feed.confirmations + READS
                while feed.confirmations < enough:
                    await asyncio.sleep(10 * OFTEN)

            await meter.measure(name, READS, wait)

    async def read_all() -> None:
        stack = AsyncExitStack()

        async def wait() -> None:
            feeds = following([place.store(RARELY)])
            await stack.enter_async_context(feeds)

        async with stack:
            await meter.measure("row", ROWS, wait)

    async with using(place.store(RARELY)) as writer:
        await read("read", True)
        await read("poll", False)
        await meter.measure("alone", count, revoke)
        async with following([place.store(RARELY) for _ in range(FEEDS)]):
            await meter.measure("pushed", count, revoke)
        await asyncio.gather(
            *(revoke_tokens(writer, ROWS // 20) for _ in range(20))
        )
        await read_all()
    for costs in (meter.server, meter.worker):
        costs["push"] = (costs.pop("pushed") - costs.pop("alone")) / FEEDS


async def sizes(place: Redis | PostgreSQL, count: int) -> Costs:
    """Return what a session and a revocation take, in bytes."""
    found = {}
    async with using(place.store(RARELY)) as store:

        async def log_in(numbers: range) -> None:
            for number in numbers:
                session, token = make(number)
                await store.start(session, token.digest)

        async def fill_sessions() -> None:
            parts = (range(n, count, 20) for n in range(20))
            await asyncio.gather(*map(log_in, parts))

        async def fill_revocations() -> None:
            part = count // 20
            await asyncio.gather(
                *(revoke_tokens(store, part) for _ in range(20))
            )

        for name, fill in (
            ("session", fill_sessions),
            ("revocation", fill_revocations),
        ):
            before = await place.octets(name)
            await fill()
            found[name] = (await place.octets(name) - before) / count
    return found


def feed_octets(count: int = 100_000) -> float:
    """Return what a revocation takes in the feed of a worker, in bytes."""
    tracemalloc.start()
    feed = RevocationFeed(3)
    for number in range(count):
        feed.add({new_session_id(number): NOW + 9_999.5 + number})
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / count


def feed_check() -> float:
    """Return what a check with `feed` takes, in microseconds."""
    feed = RevocationFeed(60)
    feed.add({new_session_id(n): NOW + 9_999 for n in range(100_000)})
    feed.confirm(time.monotonic())
    places = {"feed": feed, "sid": new_session_id(1), "jti": "x" * 32}
    check = (
        "feed.is_current and sid not in feed.revoked "
        "and jti not in feed.revoked"
    )
    count = 100_000
    return min(repeat(check, globals=places, number=count)) * 1e6 / count


KINDS: dict[str, Callable[[Path], Redis | PostgreSQL]] = {
    "Redis": Redis,
    "PostgreSQL": PostgreSQL,
}


async def run(folder: Path, scale: float) -> dict[str, Any]:
    """Return the costs of each kind of store."""
    found: dict[str, Any] = {
        "feed": feed_octets(),
        "check": feed_check(),
        "kinds": {},
    }
    count = max(100, int(OPERATIONS * scale))
    for kind, begin in KINDS.items():
        place = begin(folder)
        try:
            meter = Meter(place)
            octets = await sizes(place, 5 * count)
            await operations(place, meter, count)
            await feeds(place, meter, count)
            found["kinds"][kind] = {
                "server": meter.server,
                "worker": meter.worker,
                "octets": octets,
                "more": await place.more(),
            }
        finally:
            await place.close()
    return found


def measure(scale: float) -> dict[str, Any]:
    """Measure in a process of its own."""
    print("measuring what many workers cost a store", flush=True)
    module = __spec__.name
    with (
        TemporaryDirectory() as folder,
        child(module, folder, scale) as process,
    ):
        found: dict[str, Any] = result(process)
        return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(Path(sys.argv[1]), float(sys.argv[2])))))
