"""`RedisSessionStore` on a cluster of three nodes."""

import asyncio
import random
import signal

import pytest
import redis.asyncio

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import (
    Outcome,
    RedisSessionStore,
    RevocationFeed,
)

from ..effort import sample
from .conformance import (
    NOW,
    PATIENCE,
    StoreConformance,
    started,
    swap_of,
    until,
)
from .redis_wire import Wire
from .servers import say, wait_for


@pytest.fixture
def cluster(redis_nodes):
    return redis_nodes


@pytest.fixture(autouse=True)
def whole(cluster):
    """Restore the nodes before each test."""
    wait_for(cluster.is_whole, "the cluster")


@pytest.fixture
def prefix(request):
    return request.node.name


def store_on(cluster, prefix):
    url = f"redis://127.0.0.1:{cluster.nodes[0].port}"
    return RedisSessionStore(
        url,
        cluster=True,
        prefix=prefix,
        feed_interval=0.3,
        timeout=PATIENCE,
    )


@pytest.fixture
async def store(cluster, prefix):
    store = store_on(cluster, prefix)
    yield store
    await store.close()


@pytest.fixture
async def other(cluster, prefix):
    store = store_on(cluster, prefix)
    yield store
    await store.close()


class TestRedisCluster(StoreConformance):
    pass


async def test_users_are_spread_over_the_nodes(cluster, store):
    for number in range(60):
        await started(store, number)
    client = await store._current.connected_client()
    for node in client.get_primaries():
        assert await client.dbsize(target_nodes=node) > 0


@pytest.mark.long
async def test_a_crashed_node_restarts_with_its_data(cluster, store, other):
    sessions = [(await started(store, number))[0] for number in range(40)]
    gone, kept = sessions[::2], sessions[1::2]
    feed = RevocationFeed(other.staleness)
    following = asyncio.create_task(feed.follow(other))
    try:
        await until(lambda: feed.is_current)
        for session in gone[:10]:
            await store.revoke(session.id, NOW)
        cluster.nodes[1].kill()
        await until(lambda: not feed.is_current)
        refused = 0
        for session in kept:
            try:
                assert await store.get(session.id, NOW) == session
            except SessionStoreUnavailable:
                refused += 1
        assert refused
        cluster.nodes[1].start()
        await asyncio.to_thread(wait_for, cluster.is_whole, "the cluster")
        await until(lambda: feed.is_current)
        for session in gone[10:]:
            await store.revoke(session.id, NOW)
        for session in gone:
            assert await store.is_revoked(session.id, None, NOW)
        for session in kept:
            assert await store.get(session.id, NOW) == session
        ids = {session.id for session in gone}
        await until(lambda: feed.revoked.keys() >= ids)
    finally:
        await feed.end(following)


@pytest.mark.requirement("R3")
async def test_a_swap_whose_response_is_lost_is_not_reuse(
    cluster, store, prefix
):
    _, token = await started(store)
    await store.swap(swap_of(token, NOW)[0])  # the server knows the script
    session, token = await started(store)
    async with (
        Wire(cluster.nodes[0].port) as first,
        Wire(cluster.nodes[1].port) as second,
        Wire(cluster.nodes[2].port) as third,
    ):
        wires = {
            node.port: wire
            for node, wire in zip(
                cluster.nodes, (first, second, third), strict=True
            )
        }

        def client():
            return redis.asyncio.RedisCluster(
                "127.0.0.1",
                first.port,
                decode_responses=True,
                address_remap=lambda at: (
                    at[0],
                    wires[at[1]].port if at[1] in wires else at[1],
                ),
            )

        lossy = RedisSessionStore(client, prefix=prefix, timeout=PATIENCE)
        assert await lossy.get(session.id, NOW) == session
        for wire in wires.values():
            wire.cut_at = b"EVALSHA"
        with pytest.raises(SessionStoreUnavailable):
            await lossy.swap(swap_of(token, NOW, 0)[0])
        assert sum(wire.cuts for wire in wires.values()) == 1
        await lossy.close()
    _, successor = swap_of(token, NOW)
    assert await store.swap(swap_of(successor, NOW)[0]) is Outcome.SWAPPED


async def test_a_cancelled_call_does_not_affect_others(cluster, store):
    sessions = [(await started(store, str(i)))[0] for i in range(20)]
    for turns in range(10):
        for node in cluster.nodes:
            node.signal(signal.SIGSTOP)
        try:
            calls = [
                asyncio.create_task(store.get(session.id, NOW))
                for session in sessions
            ]
            for _ in range(turns):
                await asyncio.sleep(0)
            for call in calls[::2]:
                call.cancel()
        finally:
            for node in cluster.nodes:
                node.signal(signal.SIGCONT)
        found = await asyncio.gather(
            *(store.get(session.id, NOW) for session in sessions)
        )
        assert found == sessions
        await asyncio.gather(*calls, return_exceptions=True)


@pytest.fixture
async def hasty(cluster, prefix):
    cluster.flush()
    url = f"redis://127.0.0.1:{cluster.nodes[0].port}"
    store = RedisSessionStore(url, cluster=True, prefix=prefix, timeout=0.2)
    yield store
    await store.close()


async def respond(call):
    """Return the result of a call, or `None` if it is unavailable."""
    try:
        return await call
    except SessionStoreUnavailable:
        return None


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("order", sample(range(3)))
async def test_migrating_keys_are_not_treated_as_missing(
    cluster, store, hasty, prefix, order
):
    tokens = dict([await started(store) for _ in range(6)])
    tokens = {session.id: token for session, token in tokens.items()}
    # a call without a response in time may still have been executed
    swaps = {session_id: {Outcome.SWAPPED} for session_id in tokens}
    perhaps_revoked = set()
    ended, _ = await started(store)
    await store.revoke(ended.id, NOW)
    with Move(cluster, f"{prefix}:{{{ended.id[:2]}}}:") as move:
        random.Random(order).shuffle(move.keys)
        for key in move.keys:
            move.one(key)
            found = await respond(hasty.of_user("ada", NOW))
            if found is not None:
                found = {session.id for session in found}
                assert (
                    tokens.keys() - perhaps_revoked <= found <= tokens.keys()
                )
            for session_id in [*tokens][:2]:
                revoked = hasty.is_revoked(session_id, "token", NOW)
                assert not await respond(revoked)
                swap, successor = swap_of(tokens[session_id], NOW)
                outcome = await respond(hasty.swap(swap))
                if outcome is None:
                    swaps[session_id].add(Outcome.AGAIN)
                    continue
                assert outcome in swaps[session_id]
                tokens[session_id] = successor
                swaps[session_id] = {Outcome.SWAPPED}
            if len(tokens) > 2:
                last = [*tokens][-1]
                revoked = await respond(hasty.revoke(last, NOW))
                if revoked is None:
                    perhaps_revoked = {last}
                    continue
                assert {last} - perhaps_revoked <= revoked.keys() <= {last}
                del tokens[last]
                perhaps_revoked = set()
    for session_id in perhaps_revoked:
        assert (await store.revoke(session_id, NOW)).keys() <= {session_id}
        del tokens[session_id]
    for session_id, token in tokens.items():
        swap, _ = swap_of(token, NOW)
        assert await store.swap(swap) in swaps[session_id], session_id
    assert (await store.revoke_all("ada", NOW)).keys() == tokens.keys()


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("everyone", [False, True])
async def test_revoking_all_includes_migrating_sessions(
    cluster, store, hasty, prefix, everyone
):
    async def revoke_all(store):
        if not everyone:
            return await store.revoke_all("ada", NOW)
        ended = {}
        async for step in store.revoke_everyone(NOW):
            ended.update(step)
        return ended

    sessions = [(await started(store))[0].id for _ in range(5)]
    await store.revoke(sessions.pop(), NOW)
    with Move(cluster, f"{prefix}:{{{sessions[0][:2]}}}:") as move:
        move.keys.sort(key=lambda key: ":s:" in key)
        for key in move.keys:
            move.one(key)
            if key != move.keys[-1]:
                assert await respond(revoke_all(hasty)) is None
        revoked = await revoke_all(store)
    assert revoked.keys() == {*sessions}


class Move:
    """The migration of a slot from its node to the next one."""

    def __init__(self, cluster, key):
        self.cluster = cluster
        response = cluster.command(cluster.nodes[0], "KEYSLOT", key)
        self.slot = response.decode().strip(":\r\n")
        source = next(
            number
            for number, node in enumerate(cluster.nodes)
            if self._has(node)
        )
        self.source = cluster.nodes[source]
        self.target = cluster.nodes[(source + 1) % 3]

    def _has(self, node):
        slots = self.cluster.command(node, "NODES").decode()
        [line] = [line for line in slots.splitlines() if "myself" in line]
        for part in line.split()[8:]:
            first, _, last = part.partition("-")
            if int(first) <= int(self.slot) <= int(last or first):
                return True
        return False

    def _name(self, node):
        return self.cluster.command(node, "MYID").split()[1].decode()

    def _set(self, node, *words):
        self.cluster.command(node, "SETSLOT", self.slot, *words)

    def __enter__(self):
        self._set(self.target, "IMPORTING", self._name(self.source))
        self._set(self.source, "MIGRATING", self._name(self.target))
        response = self.cluster.command(
            self.source, "GETKEYSINSLOT", self.slot, "1000"
        )
        self.keys = response.decode().split("\r\n")[2::2]
        return self

    def one(self, key):
        """Move a key, if it still exists."""
        port = str(self.target.port)
        say(self.source, "MIGRATE", "127.0.0.1", port, key, "0", "5000")

    def __exit__(self, *exc):
        for node in (self.target, self.source, *self.cluster.nodes):
            self._set(node, "NODE", self._name(self.target))
