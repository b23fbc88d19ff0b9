"""`RedisSessionStore` on one server."""

import asyncio
import json
import re
import signal
import time
import traceback
from itertools import count

import pytest
import redis.asyncio

from sanic_jwt_oo.exceptions import (
    InvalidConfiguration,
    SessionStoreUnavailable,
)
from sanic_jwt_oo.sessions import Outcome, RedisSessionStore, RevocationFeed
from sanic_jwt_oo.sessions.model import (
    REVOKED_FOR,
    SLACK,
    shard_of,
    user_key,
)

from ..effort import MERCY
from .conformance import (
    NOW,
    PATIENCE,
    ConfirmedFeed,
    StoreConformance,
    found,
    started,
    swap_of,
    until,
)
from .redis_wire import Wire
from .servers import redis_server

ADAS_SHARD = shard_of(user_key("ada"))


@pytest.fixture
def server(redis_node):
    return redis_node


@pytest.fixture
def url(redis_url):
    return redis_url


@pytest.fixture
async def raw(url):
    async with redis.asyncio.Redis.from_url(
        url, decode_responses=True
    ) as client:
        yield client


@pytest.fixture
async def store(url):
    store = RedisSessionStore(url, feed_interval=0.3, timeout=PATIENCE)
    yield store
    await store.close()


@pytest.fixture
async def other(url):
    store = RedisSessionStore(url, feed_interval=0.3, timeout=PATIENCE)
    yield store
    await store.close()


class TestRedisSessionStore(StoreConformance):
    pass


class TestClientOfTheApplication(StoreConformance):
    @pytest.fixture
    async def store(self, url):
        def client():
            return redis.asyncio.Redis.from_url(url, decode_responses=True)

        store = RedisSessionStore(client, feed_interval=0.3, timeout=PATIENCE)
        yield store
        await store.close()


async def everything(store):
    """Do every operation that leaves a key."""
    session, token = await started(store)
    swap, successor = swap_of(token, NOW)
    await store.swap(swap)
    _, token = await started(store)
    await store.swap(swap_of(token, NOW, 0)[0])
    await store.swap(swap_of(token, NOW, 0)[0])
    revoked, _ = await started(store, "bob")
    await store.revoke(revoked.id, NOW)
    await started(store, "eve")
    await store.revoke_all("eve", NOW)
    await store.revoke_token("token-1", NOW + 60, NOW)
    await started(store, "never seen again")
    return session, [token.text, successor.text]


@pytest.mark.requirement("S3")
async def test_every_key_has_an_expiry(store, raw):
    await everything(store)
    keys = await raw.keys("*")
    assert len(keys) > 5
    for key in keys:
        assert 0 < await raw.pttl(key) <= 30 * 24 * 3600 * 1000, key


async def test_keys_expire_when_they_are_no_longer_needed(store, raw):
    _, token = await started(store, expires=NOW + 100)
    await store.swap(swap_of(token, NOW)[0])
    [session], [index] = await raw.keys("*:s:*"), await raw.keys("*:u:*")
    for key in (session, index):
        assert await raw.ttl(key) > 6 * 24 * 3600, key
    for seconds in (100, 9_000, 100):
        await store.revoke_token("token-1", NOW + seconds, NOW)
    [revoked] = await raw.keys("*:revoked")
    [version] = await raw.keys("*:version")
    for key in (revoked, version):
        assert await raw.ttl(key) > 8_000, key


async def test_keys_of_a_session_share_a_hash_tag(store, raw):
    session, _ = await started(store)
    await store.revoke_token("token-1", NOW + 60, NOW)
    await store.revoke(session.id, NOW)
    another, _ = await started(store)
    tag = re.compile(r"sanic_jwt_oo:\{[0-3][0-9a-f]\}:")
    keys = await raw.keys("*")
    assert all(tag.match(key) for key in keys)
    mine = [key for key in keys if f"{{{another.id[:2]}}}" in key]
    assert len(mine) >= 4


@pytest.mark.requirement("R6")
async def test_no_token_is_stored(store, raw):
    _, tokens = await everything(store)
    kept = ""
    for key in await raw.keys("*"):
        kind = await raw.type(key)
        if kind == "hash":
            kept += str(await raw.hgetall(key))
        kept += key
    assert "'token'" in kept
    for token in tokens:
        assert token not in kept
        assert token[34:56] not in kept
        assert token[56:] not in kept


async def test_expired_sessions_are_not_listed(store, raw):
    first, token = await started(store, expires=NOW + 100)
    second, _ = await started(store, expires=NOW + 100)
    await store.swap(swap_of(token, NOW + 99)[0])
    [index] = await raw.keys("*:u:*")
    assert {*await raw.zrange(index, 0, -1)} == {first.id, second.id}
    await store.of_user("ada", NOW + 1000)
    assert await raw.zrange(index, 0, -1) == [first.id]
    third, _ = await started(store, now=NOW + 8 * 24 * 3600)
    assert await raw.zrange(index, 0, -1) == [third.id]


async def test_a_revocation_that_has_just_expired_is_kept(store, raw):
    await store.revoke_token("token", NOW + 1, NOW)
    [key] = await raw.keys("*:revoked")
    assert await raw.pttl(key) > 30_000
    numbers = (f"token-{number}" for number in count())
    beside = next(n for n in numbers if shard_of(n) == shard_of("token"))
    # a process with a fast clock
    await store.revoke_token(beside, NOW + 100, NOW + 5)
    assert await store.is_revoked(None, "token", NOW)
    await store.revoke_token(beside, NOW + 100, NOW + 61)
    assert await raw.zrange(key, 0, -1) == [beside]


@pytest.mark.requirement("R1")
async def test_a_version_expires_no_earlier_than_its_revocations(store, raw):
    """A new feed reads the revocations of a shard only if it has one."""
    await store.revoke_token("token", NOW + 100, NOW)
    [revoked] = await raw.keys("*:revoked")
    [version] = await raw.keys("*:version")
    ends = [await raw.pexpiretime(key) for key in (revoked, version)]
    assert ends[1] >= ends[0]


@pytest.mark.requirement("S3")
async def test_a_login_removes_expired_entries_from_every_index(store, raw):
    users = (str(number) for number in count())
    beside = next(n for n in users if shard_of(user_key(n)) == ADAS_SHARD)
    for _ in range(5):
        await started(store, expires=NOW + 100)
    theirs, _ = await started(store, beside, now=NOW + 161)
    [everyone] = await raw.keys("*:all")
    assert await raw.zrange(everyone, 0, -1) == [theirs.id]
    mine, _ = await started(store, now=NOW + 161)
    assert {*await raw.zrange(everyone, 0, -1)} == {theirs.id, mine.id}
    for index in ("u", "l"):
        keys = await raw.keys(f"*:{index}:*")
        assert [await raw.zcard(key) for key in keys] == [1, 1]


@pytest.mark.requirement("R12")
async def test_expired_entries_leave_an_index_in_chunks(store, raw):
    await started(store, now=NOW)
    [everyone] = await raw.keys("*:all")
    await raw.zadd(everyone, {f"over-{n}": NOW - 999 for n in range(1200)})
    sizes = []
    for _ in range(3):
        await started(store, now=NOW)
        sizes.append(await raw.zcard(everyone))
    assert sizes == [702, 203, 4]


@pytest.mark.requirement("R12")
async def test_sessions_evicted_by_the_server_do_not_block_revocation(
    store, raw
):
    """A server with another `maxmemory-policy` evicts keys."""
    store.step = 1
    for _ in range(4):
        await started(store)
    kept, _ = await started(store, expires=NOW + 8 * 24 * 3600)
    [everyone] = await raw.keys("*:all")
    lost = {*await raw.keys("*:s:*")} - {store._session_key(kept.id)}
    await raw.delete(*lost)
    ended = await asyncio.wait_for(store.revoke_all("ada", NOW), MERCY)
    assert [*ended] == [kept.id]
    assert await raw.keys("*:u:*") == []
    await raw.zadd(everyone, {"lost": NOW + 999, "lost too": NOW + 999})

    async def all_steps():
        return [step async for step in store.revoke_everyone(NOW) if step]

    assert await asyncio.wait_for(all_steps(), MERCY) == []
    assert not await raw.exists(everyone)


async def test_an_ended_session_leaves_no_key_for_long(store, raw):
    """Its tokens have expired, and feeds may still have to learn of it."""
    session, _ = await started(store, access_until=NOW - 60)
    await store.revoke(session.id, NOW)
    left = await raw.keys("*")
    assert len(left) == 2
    for key in left:
        assert 0 < await raw.ttl(key) <= REVOKED_FOR + SLACK


async def test_a_closed_store_has_no_connections(store, raw):
    [own] = [client["id"] for client in await raw.client_list()]
    await asyncio.gather(*(started(store, n) for n in range(5)))
    assert len(await raw.client_list()) > 1
    await store.close()
    ends = time.monotonic() + MERCY
    while {client["id"] for client in await raw.client_list()} != {own}:
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)


async def test_scripts_unknown_to_the_server_are_sent_again(store, raw):
    _, token = await started(store)
    await raw.script_flush()
    swap, successor = swap_of(token, NOW)
    assert await store.swap(swap) is Outcome.SWAPPED
    await raw.script_flush()
    assert await store.swap(swap_of(successor, NOW)[0]) is Outcome.SWAPPED


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    "url", ["http://:hunter2@127.0.0.1:1/0", "redis://:hunter2#@127.0.0.1/0"]
)
def test_a_password_does_not_leak(url):
    good = RedisSessionStore("redis://:hunter2@127.0.0.1:1/0")
    assert "hunter2" not in repr(good)
    with pytest.raises(InvalidConfiguration) as caught:
        RedisSessionStore(url)
    shown = traceback.format_exception(caught.value)
    # all but the line of this test that contains it
    assert "hunter2" not in "".join(shown[-1:])
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "options", [{"timeout": 0}, {"feed_interval": 0}, {"server": 1}]
)
def test_invalid_options_are_refused(options):
    with pytest.raises(InvalidConfiguration):
        RedisSessionStore(**{"server": "redis://127.0.0.1", **options})


async def test_a_client_that_does_not_decode_is_refused(url):
    store = RedisSessionStore(lambda: redis.asyncio.Redis.from_url(url))
    with pytest.raises(InvalidConfiguration, match="decode_responses"):
        await store.open()


@pytest.mark.requirement("I9")
async def test_a_missing_server_is_unavailable():
    store = RedisSessionStore("redis://:hunter2@127.0.0.1:1/0")
    for call in (
        store.get("0" * 34, NOW),
        store.of_user("ada", NOW),
        store.revoke("0" * 34, NOW),
        store.revoke_all("ada", NOW),
        store.revoke_token("token-1", NOW, NOW),
        store.is_revoked("0" * 34, "token-1", NOW),
        store.follow(RevocationFeed(1)),
        started(store),
    ):
        with pytest.raises(SessionStoreUnavailable) as caught:
            await call
        assert "hunter2" not in str(caught.value)
    await store.close()


@pytest.mark.requirement("I9")
async def test_a_server_that_refuses_to_write_is_unavailable(store, raw):
    session, _ = await started(store)
    await raw.config_set("maxmemory", "1")
    try:
        with pytest.raises(SessionStoreUnavailable):
            await started(store)
        assert await store.get(session.id, NOW) == session
        assert await store.of_user("ada", NOW) == [session]
    finally:
        await raw.config_set("maxmemory", "0")
    await started(store)


@pytest.mark.requirement("R1")
async def test_a_server_out_of_memory_still_revokes(store, other, raw):
    session, _ = await started(store)
    others = {(await started(store, "bob"))[0].id for _ in range(3)}
    reused, token = await started(store, "eve")
    await store.swap(swap_of(token, NOW, 0)[0])
    await raw.config_set("maxmemory", "1")
    try:
        assert await store.revoke(session.id, NOW)
        assert {*await store.revoke_all("bob", NOW)} == others
        assert await store.swap(swap_of(token, NOW, 0)[0]) is Outcome.REUSED
        await store.revoke_token("token-1", NOW + 60, NOW)
    finally:
        await raw.config_set("maxmemory", "0")
    feed = RevocationFeed(other.staleness)
    following = asyncio.create_task(feed.follow(other))
    try:
        await until(lambda: feed.is_current)
        assert {*feed.revoked} == {session.id, reused.id, "token-1", *others}
    finally:
        await feed.end(following)


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("by", ["url", "client"])
async def test_a_swap_whose_response_is_lost_is_not_reuse(server, store, by):
    _, token = await started(store)
    await store.swap(swap_of(token, NOW)[0])  # the server knows the script
    session, token = await started(store)
    async with Wire(server.port) as wire:
        url = f"redis://127.0.0.1:{wire.port}/0"

        def client():
            return redis.asyncio.Redis.from_url(
                url,
                decode_responses=True,
                retry=redis.asyncio.retry.Retry(redis.backoff.NoBackoff(), 3),
            )

        lossy = RedisSessionStore(url if by == "url" else client)
        assert await lossy.get(session.id, NOW) == session
        wire.cut_at = b"EVALSHA"
        with pytest.raises(SessionStoreUnavailable):
            await lossy.swap(swap_of(token, NOW, 0)[0])
        assert wire.cuts == 1
        await lossy.close()
    _, successor = swap_of(token, NOW)
    assert await store.swap(swap_of(successor, NOW)[0]) is Outcome.SWAPPED


@pytest.mark.long
@pytest.mark.requirement("I9")
async def test_many_callers_time_out_together(server, store, url):
    """One after the other, they would take four times as long.

    The timeout is long beside what 200 calls cost on a slow machine.
    """
    session, _ = await started(store)
    hasty = RedisSessionStore(url, timeout=8)
    assert await found(hasty, session.id) == session
    server.signal(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        with pytest.raises(SessionStoreUnavailable):
            await hasty.get(session.id, NOW)
        alone = time.monotonic() - begun
        responses = await asyncio.gather(
            *(hasty.get(session.id, NOW) for _ in range(200)),
            return_exceptions=True,
        )
        waited = time.monotonic() - begun - alone
    finally:
        server.signal(signal.SIGCONT)
    assert {type(response) for response in responses} == {
        SessionStoreUnavailable
    }
    assert waited < 3 * alone
    assert await found(hasty, session.id) == session
    await hasty.close()


@pytest.mark.requirement("I9")
async def test_the_timeout_applies_to_a_client_of_the_application(
    server, store, url, monkeypatch
):
    """The client may have no timeout of its own."""
    session, _ = await started(store)

    def client():
        return redis.asyncio.Redis.from_url(
            url, decode_responses=True, socket_timeout=None
        )

    hasty = RedisSessionStore(client)
    assert await hasty.get(session.id, NOW) == session
    server.signal(signal.SIGSTOP)
    monkeypatch.setattr(hasty._current, "_timeout", 0.2)
    try:
        with pytest.raises(SessionStoreUnavailable):
            await asyncio.wait_for(hasty.get(session.id, NOW), PATIENCE / 2)
    finally:
        server.signal(signal.SIGCONT)
        monkeypatch.undo()
    assert await hasty.get(session.id, NOW) == session
    await hasty.close()


@pytest.mark.requirement("I9")
async def test_a_server_that_hangs_is_unavailable_until_it_responds(
    server, store, url, monkeypatch
):
    session, _ = await started(store)
    hasty = RedisSessionStore(url, feed_interval=0.2)
    feed = RevocationFeed(PATIENCE)
    following = asyncio.create_task(feed.follow(hasty))
    await until(lambda: feed.is_current)
    server.signal(signal.SIGSTOP)
    monkeypatch.setattr(hasty._current, "_timeout", 0.2)
    try:
        with pytest.raises(SessionStoreUnavailable):
            await hasty.get(session.id, NOW)
        await until(lambda: not feed.is_current)
    finally:
        server.signal(signal.SIGCONT)
        monkeypatch.undo()
    assert await found(hasty, session.id) == session
    await until(lambda: feed.is_current)
    await feed.end(following)
    await hasty.close()


@pytest.mark.requirement("R1")
async def test_the_staleness_bound_starts_before_the_read(store):
    asked, read = [], store._read

    async def notice(*calls):
        asked.append(time.monotonic())
        return await read(*calls)

    store._read = notice
    feed = ConfirmedFeed(store.staleness)
    following = asyncio.create_task(feed.follow(store))
    try:
        await until(lambda: feed.moments)
        assert feed.moments[0] <= asked[0]
    finally:
        await feed.end(following)


async def test_a_disconnected_feed_catches_up(store, other, raw):
    feed = RevocationFeed(other.staleness)
    following = asyncio.create_task(feed.follow(other))
    try:
        await until(lambda: feed.is_current)
        for _ in range(5):
            session, _ = await started(store)
            await raw.client_kill_filter(_type="pubsub")
            await store.revoke(session.id, NOW)
            await until(lambda: session.id in feed.revoked)  # noqa: B023
            await until(lambda: feed.is_current)
    finally:
        await feed.end(following)


async def test_a_feed_recovers_from_a_lost_message(store, other, raw):
    feed = RevocationFeed(other.staleness)
    following = asyncio.create_task(feed.follow(other))
    try:
        await until(lambda: feed.is_current)
        session, _ = await started(store)
        later, _ = await started(store)
        # the first message is dropped, as if it were lost
        store._channel = "elsewhere"
        await store.revoke(session.id, NOW)
        store._channel = other._channel
        await store.revoke(later.id, NOW)
        await until(lambda: later.id in feed.revoked)
        await until(lambda: session.id in feed.revoked)
    finally:
        await feed.end(following)


async def test_a_long_list_of_revocations_is_read_in_chunks(
    store, other, monkeypatch
):
    revoked = {f"token-{number}" for number in range(9)}
    for token_id in revoked:
        await store.revoke_token(token_id, NOW + 100, NOW)
    read, lists = other._read, []

    async def counted(*calls):
        lists.append(sum(name == "zscan" for name, *_ in calls))
        return await read(*calls)

    monkeypatch.setattr(other, "_read", counted)
    feed = RevocationFeed(other.staleness)
    following = asyncio.create_task(feed.follow(other))
    try:
        await until(lambda: feed.is_current)
    finally:
        await feed.end(following)
    assert feed.revoked.keys() >= revoked
    # a server may be slow for each call, not for all of them together
    assert max(lists) == 1


async def test_messages_arrive_before_the_next_poll(url):
    store = RedisSessionStore(url, feed_interval=60, timeout=PATIENCE)
    looked, catch_up = [], store._catch_up

    async def noted(*args):
        looked.append(True)
        await catch_up(*args)

    store._catch_up = noted
    feed = RevocationFeed(store.staleness)
    following = asyncio.create_task(feed.follow(store))
    try:
        await until(lambda: feed.is_current)
        session, _ = await started(store)
        await store.revoke(session.id, NOW)
        await until(lambda: session.id in feed.revoked)
        assert looked == [True]
    finally:
        await feed.end(following)
        await store.close()


async def test_a_subscription_that_stops_responding_is_renewed(server, raw):
    async def subscribers():
        return {c["id"] for c in await raw.client_list(_type="pubsub")}

    async with Wire(server.port) as wire:
        url = f"redis://127.0.0.1:{wire.port}/0"
        store = RedisSessionStore(url, timeout=0.5, feed_interval=0.1)
        feed = RevocationFeed(store.staleness)
        following = asyncio.create_task(feed.follow(store))
        try:
            await until(lambda: feed.is_current)
            before = await subscribers()
            wire.hush()
            # all others are reopened
            await store._current.client().connection_pool.disconnect(False)
            ends = time.monotonic() + MERCY
            while not await subscribers() - before:
                assert time.monotonic() < ends, "It listens to nothing."
                await asyncio.sleep(0.02)
        finally:
            await feed.end(following)
            await store.close()


async def test_a_message_names_the_previous_version(store, raw):
    async with raw.pubsub() as messages:
        await messages.subscribe("sanic_jwt_oo:revoked")
        for token_id in ("token-1", "token-1"):
            await store.revoke_token(token_id, NOW + 60, NOW)
        heard = []
        while len(heard) < 2:
            message = await messages.get_message(
                ignore_subscribe_messages=True, timeout=PATIENCE
            )
            if message:
                heard.append(json.loads(message["data"]))
    first, second = heard
    assert first[1] == ""
    assert second[1] == first[2] != second[2]


async def test_a_cancelled_call_does_not_affect_others(server, store):
    sessions = [(await started(store, str(i)))[0] for i in range(20)]
    for turns in range(20):
        server.signal(signal.SIGSTOP)
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
            server.signal(signal.SIGCONT)
        found = await asyncio.gather(
            *(store.get(session.id, NOW) for session in sessions)
        )
        assert found == sessions
        await asyncio.gather(*calls, return_exceptions=True)


async def test_dropped_idle_connections_are_replaced_unnoticed(store, raw):
    sessions = await asyncio.gather(*(started(store, n) for n in range(9)))
    await raw.client_kill_filter(_type="normal")
    for session, token in sessions:
        assert await store.swap(swap_of(token, NOW)[0]) is Outcome.SWAPPED
        assert await store.get(session.id, NOW) is not None


def test_one_event_loop_after_another(server):
    store = RedisSessionStore(f"redis://127.0.0.1:{server.port}/0")

    async def once():
        session, _ = await started(store)
        assert await store.get(session.id, NOW) == session
        await store.close()

    for _ in range(3):
        asyncio.run(once())


async def test_the_application_can_make_the_client(url):
    def make():
        return redis.asyncio.Redis.from_url(url, decode_responses=True)

    store = RedisSessionStore(make, prefix="shop")
    session, _ = await started(store)
    assert await store.get(session.id, NOW) == session
    elsewhere = RedisSessionStore(url)
    assert await elsewhere.get(session.id, NOW) is None
    await store.close()
    await elsewhere.close()


async def test_a_restart_leaves_no_dead_connection(tmp_path):
    server = redis_server(tmp_path)
    store = RedisSessionStore(f"redis://127.0.0.1:{server.port}")

    async def many():
        await asyncio.gather(*(store.get("0" * 34, NOW) for _ in range(20)))

    try:
        server.start()
        await many()
        server.kill()
        with pytest.raises(SessionStoreUnavailable):
            await store.get("0" * 34, NOW)
        server.start()
        await many()
    finally:
        await store.close()
        server.stop()
