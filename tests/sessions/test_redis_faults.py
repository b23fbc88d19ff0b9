"""Acknowledged writes survive faults of a server or a worker."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from redis.asyncio.sentinel import Sentinel

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import Outcome, RedisSessionStore, Session
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken

from ..effort import MERCY, THOROUGH, sample
from .conformance import NOW, PATIENCE, begin, started, swap_of, until
from .crashes import assert_whole, following, kill_while_busy, revoked_in
from .servers import Cluster, Server, redis_server, say, wait_for
from .workers import Worker

pytestmark = pytest.mark.requirement("R1")


class Place:
    """One server or a cluster; all faults hit the same node."""

    def __init__(self, name: str, url: str, nodes: list[Server]) -> None:
        self.name = name
        self.url = url
        self.nodes = nodes

    def new_store(self) -> RedisSessionStore:
        return RedisSessionStore(
            self.url,
            cluster=self.name == "redis_cluster",
            feed_interval=0.1,
            timeout=PATIENCE,
        )

    def kill(self) -> None:
        self.nodes[-1].kill()

    async def restart(self) -> None:
        await asyncio.to_thread(self.nodes[-1].start)

    def cut(self, kind: str) -> None:
        """Close all connections of a kind."""
        for node in self.nodes:
            say(node, "CLIENT", "KILL", "TYPE", kind)


@pytest.fixture(params=sample(["redis", "redis_cluster"], "redis"))
def place(request):
    url = request.getfixturevalue(f"{request.param}_url")
    if request.param == "redis":
        nodes = [request.getfixturevalue("redis_node")]
    else:
        nodes = request.getfixturevalue("redis_nodes").nodes
    return Place(request.param, url, nodes)


@pytest.fixture
async def store(place):
    store = place.new_store()
    yield store
    await store.close()


@pytest.fixture
async def other(place):
    store = place.new_store()
    yield store
    await store.close()


@dataclass
class Load:
    """Logins, refreshes and logouts, and which were acknowledged."""

    store: RedisSessionStore
    started: set[str] = field(default_factory=set)
    living: dict[str, tuple[Session, RefreshToken]] = field(
        default_factory=dict
    )
    revoked: set[str] = field(default_factory=set)
    done: int = 0
    unavailable: int = 0
    others: list[BaseException] = field(default_factory=list)

    async def user(self, number: int) -> None:
        while True:
            try:
                await self._once(number)
                self.done += 1
            except SessionStoreUnavailable:
                self.unavailable += 1
                await asyncio.sleep(0.01)
            except Exception as exc:
                self.others.append(exc)
                return

    async def _once(self, number: int) -> None:
        session, token = begin(number)
        await self.store.start(session, token.digest)
        self.started.add(session.id)
        self.living[session.id] = session, token
        for _ in range(2):
            swap, successor = swap_of(token, NOW)
            # without a response it is unknown whether it was swapped
            del self.living[session.id]
            outcome = await self.store.swap(swap)
            assert outcome is Outcome.SWAPPED, outcome
            token = successor
            self.living[session.id] = session, token
        if random.random() < 0.5:
            del self.living[session.id]
            assert session.id in await self.store.revoke(session.id, NOW)
            self.revoked.add(session.id)

    async def more(self, number: int = 40) -> None:
        """Wait for some operations that succeed."""
        goal = self.done + number
        await until(lambda: self.done >= goal or self.others)

    async def check(self, store: RedisSessionStore) -> None:
        """Assert that everything acknowledged is in the store and the feed."""
        assert not self.others, self.others[0]
        assert self.living
        assert self.revoked
        for session_id, (_, token) in self.living.items():
            assert await store.get(session_id, NOW) is not None
            swap, _ = swap_of(token, NOW + 100)
            assert await store.swap(swap) is Outcome.SWAPPED
        for session_id in self.revoked:
            assert await store.is_revoked(session_id, None, NOW)
        gone = {
            session_id
            for session_id in self.started
            if await store.get(session_id, NOW) is None
        }
        async with following(store) as feed:
            assert {*feed.revoked} == gone


@asynccontextmanager
async def loaded(store, users=12):
    load = Load(store)
    tasks = [asyncio.create_task(load.user(n)) for n in range(users)]
    try:
        await load.more()
        yield load
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_killed_server_loses_nothing(place, store, other):
    async with following(other) as feed:
        async with loaded(store) as load:
            for _ in range(2):
                place.kill()
                failed = load.unavailable
                await until(
                    lambda: (
                        load.unavailable > failed + 20  # noqa: B023
                        and not feed.is_current
                    )
                )
                await place.restart()
                await load.more()
        await until(lambda: feed.is_current)
        await until(lambda: feed.revoked.keys() >= load.revoked)
    await load.check(store)


@pytest.mark.parametrize("kind", ["normal", "pubsub"])
async def test_dropped_connections_lose_nothing(place, store, other, kind):
    async with following(other) as feed:
        async with loaded(store) as load:
            for _ in range(10 if THOROUGH else 3):
                place.cut(kind)
                await load.more(10)
        await until(lambda: feed.revoked.keys() >= load.revoked)
        await until(lambda: feed.is_current)
    await load.check(other)


async def test_a_cancelled_operation_breaks_nothing(store):
    session, token = await started(store)
    for number in range(40):
        swap, token_after = swap_of(token, NOW, grace=1e6)
        task = asyncio.create_task(store.swap(swap))
        for _ in range(number):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert await store.swap(swap) in (Outcome.SWAPPED, Outcome.AGAIN)
        token = token_after
    assert await store.get(session.id, NOW) is not None


async def test_a_killed_worker_leaves_no_partial_step(place, store):
    chance = random.Random(7)
    for _ in range(4 if THOROUGH else 1):
        sessions = [await started(store, n) for n in range(24)]
        worker = await Worker.start(place.name, place.url)
        acknowledged = await kill_while_busy(worker, sessions, chance)
        revoked = await revoked_in(store)
        for session, token in sessions:
            await assert_whole(store, session, token, revoked, acknowledged)


@pytest.mark.long
async def test_sentinel_leads_to_the_promoted_server(tmp_path):
    servers = [redis_server(tmp_path / name) for name in ("first", "second")]
    first, second = servers
    second.command += ("--replicaof", "127.0.0.1", str(first.port))
    watching = sentinel(tmp_path / "sentinel", first.port)
    ways = Sentinel(
        [("127.0.0.1", watching.port)],
        socket_timeout=10,
        decode_responses=True,
    )
    store = RedisSessionStore(
        lambda: ways.master_for("mymaster"),
        feed_interval=0.1,
        timeout=PATIENCE,
    )
    try:
        for server in (*servers, watching):
            await asyncio.to_thread(server.start)
        sessions = [(await started(store, n))[0].id for n in range(10)]
        await store.revoke(sessions[0], NOW)
        async with following(store) as feed:
            await asyncio.to_thread(wait_for_replica, watching, *servers)
            first.kill()
            await until(lambda: not feed.is_current)
            await until(lambda: feed.is_current)
            await eventually(store.revoke, sessions[1], NOW)
            await until(lambda: sessions[1] in feed.revoked)
        gone = [
            await eventually(store.is_revoked, session_id, None, NOW)
            for session_id in sessions
        ]
        assert gone == [True, True, *[False] * 8]
    finally:
        await store.close()
        for client in ways.sentinels:
            await client.aclose()
        for server in (*servers, watching):
            server.stop()


async def eventually(call, *arguments):
    """Call a store again while Sentinel takes a slow server for a dead one."""
    ends = time.monotonic() + MERCY
    while True:
        try:
            return await call(*arguments)
        except SessionStoreUnavailable:
            if time.monotonic() > ends:
                raise


def sentinel(folder, port):
    """Return a Sentinel that watches the server on a port; not started."""
    folder.mkdir()
    settings = folder / "sentinel.conf"
    settings.write_text(
        f"sentinel monitor mymaster 127.0.0.1 {port} 1\n"
        "sentinel down-after-milliseconds mymaster 500\n"
        "sentinel failover-timeout mymaster 3000\n"
    )
    server = redis_server(folder)
    server.command = [
        *(server.command[0], str(settings), "--sentinel"),
        *("--port", str(server.port), "--bind", "127.0.0.1"),
    ]
    return server


def wait_for_replica(watching, first, second):
    """Wait until the second server is in sync and known."""
    wait_for(
        lambda: (
            b"slaves=1" in say(watching, "INFO")
            and b"master_link_status:up" in say(second, "INFO")
            and say(first, "DBSIZE") == say(second, "DBSIZE")
        ),
        "the replica",
    )


@pytest.mark.long
async def test_a_reader_finds_the_promoted_node(tmp_path):
    cluster = Cluster(tmp_path, node_timeout=2_000)
    stores = []
    try:
        await asyncio.to_thread(cluster.start)
        lost = cluster.nodes[1]
        replica = await asyncio.to_thread(cluster.add_replica, lost)
        url = f"redis://127.0.0.1:{cluster.nodes[0].port}"
        stores += [Place("redis_cluster", url, []).new_store() for _ in "rw"]
        reader, writer = stores
        sessions = [(await started(writer, n))[0].id for n in range(20)]
        await writer.revoke(sessions[0], NOW)
        async with following(reader) as feed:
            await asyncio.to_thread(
                wait_for,
                lambda: say(lost, "DBSIZE") == say(replica, "DBSIZE"),
                "the replica",
            )
            lost.kill()
            await until(lambda: not feed.is_current)
            await until(lambda: feed.is_current)
            for session_id in sessions:
                revoked = await reader.is_revoked(session_id, "token", NOW)
                assert revoked is (session_id in feed.revoked)
            await writer.revoke(sessions[1], NOW)
            await until(lambda: sessions[1] in feed.revoked)
    finally:
        for store in stores:
            await store.close()
        cluster.stop()
