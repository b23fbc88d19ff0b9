"""`RedisSessionStore` on a cluster of three nodes."""

import asyncio

import pytest

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import RedisSessionStore, RevocationFeed

from .conformance import NOW, StoreConformance, started, until
from .servers import Cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def prefix(request):
    return request.node.name


def store_on(cluster, prefix):
    url = f"redis://127.0.0.1:{cluster.nodes[0].port}"
    return RedisSessionStore(
        url, cluster=True, prefix=prefix, feed_interval=0.3
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


async def test_users_are_on_every_node(cluster, store):
    for number in range(60):
        await started(store, number)
    client = await store._connected()
    for node in client.get_primaries():
        assert await client.dbsize(target_nodes=node) > 0


async def test_a_node_that_crashes_comes_back_with_all_it_knew(
    cluster, store, other
):
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
        await asyncio.to_thread(wait_whole, cluster)
        await until(lambda: feed.is_current, 30)
        for session in gone[10:]:
            await store.revoke(session.id, NOW)
        for session in gone:
            assert await store.is_revoked(session.id, None, NOW)
        for session in kept:
            assert await store.get(session.id, NOW) == session
        ids = {session.id for session in gone}
        await until(lambda: feed.revoked.keys() >= ids)
    finally:
        following.cancel()


def wait_whole(cluster):
    from .servers import wait_for

    wait_for(cluster.is_whole, "the cluster")
