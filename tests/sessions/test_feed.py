"""What a process knows of revocations, and when it is up to date."""

import asyncio
import logging
import math
import time
from types import SimpleNamespace

import pytest

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import MemorySessionStore, RevocationFeed
from sanic_jwt_oo.sessions import feed as module
from sanic_jwt_oo.sessions.sessions import Sessions

from .conformance import NOW, until
from .shop import Device, Shop, open_shop

pytestmark = pytest.mark.requirement("R1")


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(passed=0.0)
    times = SimpleNamespace(
        monotonic=lambda: clock.passed, time=lambda: NOW + clock.passed
    )
    monkeypatch.setattr(module, "time", times)
    return clock


def test_a_new_feed_is_not_current(clock):
    assert not RevocationFeed(math.inf).is_current


def test_a_feed_is_current_up_to_its_bound(clock):
    feed = RevocationFeed(3)
    clock.passed = 5
    feed.confirm(4)
    clock.passed = 6.9
    assert feed.is_current
    clock.passed = 7
    assert not feed.is_current


def test_a_feed_that_is_lost_is_not_current(clock):
    feed = RevocationFeed(math.inf)
    feed.confirm(math.inf)
    assert feed.is_current
    feed.lose()
    assert not feed.is_current


@pytest.mark.parametrize("error", [SessionStoreUnavailable(), None])
async def test_a_feed_follows_again_after_its_store_stops(error):
    class Ending:
        begun = 0

        async def follow(self, feed):
            self.begun += 1
            feed.confirm(math.inf)
            await going_on.wait()
            going_on.clear()
            if error:
                raise error

    going_on, store, feed = asyncio.Event(), Ending(), RevocationFeed(60)
    following = asyncio.create_task(feed.follow(store))
    await until(lambda: feed.is_current)
    going_on.set()
    await until(lambda: not feed.is_current)
    await until(lambda: feed.is_current)
    assert store.begun == 2
    await feed.end(following)


def test_the_later_end_of_a_revocation_is_kept():
    feed = RevocationFeed(3)
    for moment in (NOW + 60, NOW + 900, NOW + 60):
        feed.add({"token-1": moment})
    assert feed.revoked == {"token-1": NOW + 900}


@pytest.mark.requirement("S3")
def test_only_expired_revocations_are_forgotten(clock):
    feed = RevocationFeed(3)
    for number in range(5_000):
        clock.passed = number
        feed.add({f"token-{number}": NOW + number + 100})
        assert f"token-{max(0, number - 99)}" in feed.revoked
    assert len(feed.revoked) < 2_000


@pytest.mark.requirement("R10")
def test_a_revocation_that_has_just_expired_is_kept(clock):
    """A process with a slow clock may still accept the token."""
    feed = RevocationFeed(3)
    feed.add({"over": NOW - 60, "over for a moment": NOW - 59})
    feed.add({f"token-{number}": NOW + 100 for number in range(1_000)})
    assert "over" not in feed.revoked
    assert "over for a moment" in feed.revoked


class Deaf(MemorySessionStore):
    """A store that loses cancellations.

    Args:
        error: The error raised instead; with `None` it continues.
    """

    def __init__(self, error):
        super().__init__()
        self.error = error
        self.lost = 0

    async def follow(self, feed):
        while True:
            try:
                await super().follow(feed)
            except asyncio.CancelledError:
                self.lost += 1
                if self.error is not None:
                    raise self.error from None
                if self.lost > 1:
                    raise


async def close(store):
    sessions = Sessions(store, b"key", time.time, 0)
    await sessions.open()
    await until(lambda: sessions.feed.is_current)
    await asyncio.wait_for(sessions.close(), 60)
    assert not sessions.feed.is_current


async def test_an_error_instead_of_a_cancellation_ends_the_feed():
    store = Deaf(ConnectionResetError())
    await close(store)
    assert store.lost == 1


async def test_a_lost_cancellation_is_repeated():
    store = Deaf(None)
    await close(store)
    assert store.lost == 2


async def test_closing_while_the_store_opens_leaves_no_task():
    class Late(MemorySessionStore):
        async def open(self):
            await opening.wait()

    opening = asyncio.Event()
    sessions = Sessions(Late(), b"key", time.time, 0)
    starting = asyncio.create_task(sessions.open())
    await asyncio.sleep(0)
    await sessions.close()
    opening.set()
    await starting
    assert asyncio.all_tasks() == {asyncio.current_task()}


class Slow(MemorySessionStore):
    """Confirms a feed at once, and sends its next message late.

    Other stores send revocations once in an interval.
    """

    async def follow(self, feed):
        feed.confirm(math.inf)
        await asyncio.Event().wait()


@pytest.fixture
async def shop():
    auth = Shop(session_store=Slow(), max_sessions=2, refresh_token_grace=0)
    async with open_shop(auth) as client:
        await until(lambda: auth.sessions.feed.is_current)
        device = Device(client)
        await device.log_in()
        assert await device.get("/feed") == 200
        yield auth, device


async def log_in_twice(auth, device):
    for _ in range(2):
        auth.clock.time += 1
        await Device(device.client).log_in()


async def use_a_token_twice(auth, device):
    for status in (200, 401):
        response = await device.client.post(
            "/auth/refresh", json={"refresh_token": device.refresh}
        )
        assert response.status_code == status


async def log_out_with_a_used_token(auth, device):
    used = device.refresh
    await device.renew()
    await device.client.post("/auth/logout", json={"refresh_token": used})


@pytest.mark.parametrize(
    "revoke",
    [
        log_in_twice,
        use_a_token_twice,
        log_out_with_a_used_token,
        lambda auth, device: device.post("/auth/logout"),
        lambda auth, device: device.post("/auth/logout/all"),
        lambda auth, device: auth.end_all_sessions(),
        lambda auth, device: auth.sessions.revoke_all("ada"),
        lambda auth, device: auth.sessions.revoke(device.claims["sid"]),
        lambda auth, device: auth.sessions.revoke_token(device.claims),
    ],
)
async def test_a_process_knows_its_own_revocations_at_once(shop, revoke):
    auth, device = shop
    await revoke(auth, device)
    assert auth.sessions.feed.is_current
    assert await device.get("/feed") == 401


async def test_an_outage_is_logged_once_with_its_cause(caplog):
    """A feed retries every two seconds; the log must not fill up."""

    class Down:
        asked = 0
        is_up = False

        async def follow(self, feed):
            self.asked += 1
            if self.is_up:
                feed.confirm(math.inf)
                self.is_up = False
                return
            raise SessionStoreUnavailable() from OSError("port 6379 is closed")

    store, feed = Down(), RevocationFeed(60)
    with caplog.at_level(logging.WARNING, "sanic_jwt_oo"):
        following = asyncio.create_task(feed.follow(store))
        await until(lambda: store.asked > 2)
        (line,) = caplog.messages
        assert "Down" in line
        assert "port 6379 is closed" in line
        store.is_up = True
        asked = store.asked
        await until(lambda: store.asked > asked + 2)
        assert len(caplog.messages) == 2
    await feed.end(following)
