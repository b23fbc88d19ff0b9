"""Limits: the sessions of a user, and the work of each step."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest
import redis.asyncio
from redis.asyncio.connection import AbstractConnection
from sanic import Sanic
from sqlalchemy import event

from sanic_jwt_oo.exceptions import InitializationFailure, InvalidConfiguration
from sanic_jwt_oo.sessions import (
    MemorySessionStore,
    Outcome,
    RevocationFeed,
)
from sanic_jwt_oo.sessions.evictions import EvictionLog

from ..examples.serving import served
from .conformance import NOW, PATIENCE, begin, started, swap_of, until
from .shop import Device, HeardShop, Shop, app_of, open_shop
from .workers import STORES

pytestmark = pytest.mark.requirement("R12")


class Steady(MemorySessionStore):
    """Waits before each step until a test continues it."""

    def __init__(self) -> None:
        super().__init__()
        self.step = 2
        self.going_on = asyncio.Event()
        self.waiting = 0

    async def _revoke(self, session_ids):
        async for ended in super()._revoke(session_ids):
            yield ended
            self.waiting += 1
            await self.going_on.wait()


async def log_in(client, times, username="ada", **headers) -> list[Device]:
    devices = [Device(client) for _ in range(times)]
    for device in devices:
        assert (await device.log_in(username, **headers)).status_code == 200
    return devices


# --- a limit for each user --------------------------------------------------


async def test_a_login_above_the_limit_ends_the_least_recently_used_session():
    auth = HeardShop(max_sessions=3)
    async with open_shop(auth) as client:
        devices = []
        for _ in range(3):
            auth.clock.time += 1
            devices += await log_in(client, 1)
        first, second, third = devices
        [bob] = await log_in(client, 1, "bob")
        auth.clock.time += 1
        await first.renew()
        [fourth] = await log_in(client, 1)
        assert await second.get("/feed") == 401
        assert await second.get("/store") == 401
        assert (await second.renew()).status_code == 401
        for device in (first, third, fourth, bob):
            assert await device.get("/store") == 200
        *_, evicted, login = [e for e in auth.events if "reject" not in e.name]
        assert (evicted.name, login.name) == ("session_evicted", "login")
        assert evicted.session.id == second.claims["sid"]
        assert evicted.session.user_id == "ada"
        assert evicted.request.path == "/auth"
        assert login.session_id == fourth.claims["sid"]


async def test_an_eviction_sends_a_signal():
    auth = Shop(max_sessions=1)
    app = app_of(auth)
    heard = []

    @app.signal("sanic_jwt_oo.auth.session_evicted")
    async def on_session_evicted(event, **context):
        heard.append(event.session.id)

    async with served(app) as client:
        first, _ = await log_in(client, 2)
        await until(lambda: heard)
    assert heard == [first.claims["sid"]]


async def test_the_default_limit_is_100_and_none_is_unlimited():
    auth, unbounded = Shop(), Shop(max_sessions=None)
    for number, shop in ((100, auth), (103, unbounded)):
        async with open_shop(shop) as client:
            await log_in(client, 103)
            assert len(await shop.sessions.list("ada")) == number


async def test_the_limit_can_depend_on_the_request():
    class ByRequest(Shop):
        class Configuration:
            def get_max_sessions(self, request):
                return None if request.headers.get("x-service") else 2

    auth = ByRequest()
    async with open_shop(auth) as client:
        await log_in(client, 4, **{"x-service": "1"})
        assert len(await auth.sessions.list("ada")) == 4
        await log_in(client, 1)
        assert len(await auth.sessions.list("ada")) == 2


async def test_refresh_tokens_kept_by_hooks_are_not_limited():
    class KeepsItself(HeardShop):
        def store_refresh_token(self, user_id, refresh_token):
            kept.append(refresh_token)

        def retrieve_refresh_token(self, user_id, refresh_token):
            return refresh_token if refresh_token in kept else None

    kept: list[str] = []
    auth = KeepsItself(
        max_sessions=1, session_store=None, refresh_token_enabled=True
    )
    app = Sanic("refresh-tokens-of-hooks")
    auth.install(app)
    async with served(app) as client:
        for device in await log_in(client, 3):
            response = await device.post(
                "/auth/refresh", json={"refresh_token": device.refresh}
            )
            assert response.status_code == 200
    assert {e.name for e in auth.events} == {"login", "refresh"}


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "100"])
def test_an_invalid_limit_is_refused(value):
    with pytest.raises(InvalidConfiguration, match="max_sessions"):
        app_of(Shop(max_sessions=value))


async def test_a_huge_limit_is_accepted(store):
    await started(store)
    session, token = begin()
    assert [*await store.start(session, token.digest, 10**30)] == []


async def test_evictions_are_logged_once_an_hour_per_user(caplog):
    auth = Shop(max_sessions=1)
    async with open_shop(auth) as client:
        caplog.set_level(logging.WARNING, "sanic_jwt_oo")
        caplog.clear()
        for name in ("ada", "bob"):
            await log_in(client, 4, name)
        assert [r.args for r in caplog.records] == [("ada", 1), ("bob", 1)]
        auth.clock.time += 3599
        await log_in(client, 2)
        assert len(caplog.records) == 2
        auth.clock.time += 1
        [device] = await log_in(client, 1)
        assert len(caplog.records) == 3
        assert device.refresh not in caplog.text


def test_the_eviction_log_is_bounded(caplog):
    log = EvictionLog()
    for number in range(5_000):
        for _ in range(2):
            log.note(number, 1, NOW)
    assert len(caplog.records) == len(log._logged) == 1_000
    log.note(4_999, 1, NOW + 3600)
    assert len(caplog.records) == 1_001
    assert len(log._logged) == 1


# --- pages ------------------------------------------------------------------


@pytest.fixture
async def shop():
    auth = Shop(max_sessions=None, session_endpoints_enabled=True)
    async with open_shop(auth) as client:
        yield auth, client


async def test_sessions_are_listed_in_pages(shop):
    auth, client = shop
    devices = []
    for _ in range(5):
        auth.clock.time += 0.25
        devices += await log_in(client, 1)
    found, after = [], None
    while True:
        query = {"limit": "2", **({"after": after} if after else {})}
        response = await client.get(
            "/auth/sessions", params=query, headers=devices[0].headers
        )
        assert response.status_code == 200
        body = response.json()
        assert len(body["sessions"]) <= 2
        found += body["sessions"]
        after = body["next"]
        if after is None:
            break
    expected = [device.claims["sid"] for device in devices[::-1]]
    assert [session["id"] for session in found] == expected
    assert [session["current"] for session in found] == [False] * 4 + [True]


async def test_a_page_has_at_most_100_sessions(shop):
    auth, client = shop
    [device] = await log_in(client, 1)
    for number in range(104):
        await started(auth.sessions.store, last_used=NOW + number)
    response = await client.get("/auth/sessions", headers=device.headers)
    assert len(response.json()["sessions"]) == 100
    query = {"after": response.json()["next"], "limit": "100"}
    response = await client.get(
        "/auth/sessions", params=query, headers=device.headers
    )
    assert len(response.json()["sessions"]) == 5
    assert response.json()["next"] is None


@pytest.mark.parametrize(("limit", "length"), [(0, 1), (-1, 1), (9, 3)])
async def test_the_limit_of_a_page_is_clamped_to_a_step(shop, limit, length):
    auth, _ = shop
    auth.sessions.store.step = 3
    for _ in range(5):
        await started(auth.sessions.store)
    page = await auth.sessions.page("ada", limit=limit)
    assert len(page.sessions) == length
    assert page.following is not None


PLACE = f"{NOW}-{'0' * 34}"


@pytest.mark.requirement("T18")
@pytest.mark.parametrize(
    "query",
    [
        *(f"limit={limit}" for limit in ("0", "101", "-1", "1.0", "1e1")),
        *("limit=x", "limit=+1", "limit=%D9%A1", "limit=%00", "limit=01"),
        f"limit={'9' * 5000}",
        "limit=1&limit=2",
        f"after={PLACE}&after={PLACE}",
        *(f"after={place}" for place in ("x", "-", "1-1", "%00", "%ff-%ff")),
        f"after=nan-{'0' * 34}",
        f"after=inf-{'0' * 34}",
        f"after=1e3-{'0' * 34}",
        f"after=-1.0-{'0' * 34}",
        f"after={'9' * 400}.0-{'0' * 34}",
        f"after=1.0-{'0' * 33}G",
        f"after=1.0-{'0' * 34}%0A",
        f"after=%D9%A1.0-{'0' * 34}",
        f"after=1.0-{'0' * 35}",
    ],
)
async def test_a_hostile_page_is_a_400(shop, query):
    _, client = shop
    [device] = await log_in(client, 1)
    response = await client.get(
        f"/auth/sessions?{query}", headers=device.headers
    )
    assert response.status_code == 400
    assert response.json()["exception"] == "InvalidRequest"
    anonymous = await client.get(f"/auth/sessions?{query}")
    assert anonymous.status_code == 401


async def test_a_cursor_of_another_user_reveals_none_of_their_sessions(shop):
    auth, client = shop
    [device] = await log_in(client, 1)
    theirs, _ = await started(auth.sessions.store, "bob", last_used=NOW + 9)
    response = await client.get(
        "/auth/sessions",
        params={"after": f"{NOW + 9}-{theirs.id}"},
        headers=device.headers,
    )
    found = [session["id"] for session in response.json()["sessions"]]
    assert found == [device.claims["sid"]]


@pytest.mark.requirement("T18")
@pytest.mark.parametrize(
    "session_id",
    ["0" * 34, "%00", "%ED%B0%80", "x" * 5000, "%7D:s:1", "0" * 33],
)
async def test_ending_one_session_does_not_list_all(shop, session_id):
    auth, client = shop
    [device] = await log_in(client, 1)

    async def page(*args):
        raise AssertionError("It lists all sessions to end one.")

    auth.sessions.store.page = page
    path = "/auth/sessions/"
    response = await client.delete(path + session_id, headers=device.headers)
    assert response.status_code == 404
    response = await client.delete(
        path + device.claims["sid"], headers=device.headers
    )
    assert response.status_code == 204
    assert await device.get("/store") == 401


async def test_user_ids_are_compared_with_their_type(shop):
    auth, client = shop
    auth.users["7"] = {"user_id": "7"}
    [device] = await log_in(client, 1, "7")
    other, _ = await started(auth.sessions.store, 7)
    path = f"/auth/sessions/{other.id}"
    response = await client.delete(path, headers=device.headers)
    assert response.status_code == 404
    assert await auth.sessions.get(other.id) == other


# --- ending many ------------------------------------------------------------


async def test_all_sessions_of_all_users_end_with_their_tokens(caplog):
    auth = Shop()
    async with open_shop(auth) as client:
        devices = await log_in(client, 3)
        devices += await log_in(client, 2, "bob")
        assert await auth.end_all_sessions() == 5
        for device in devices:
            assert await device.get("/feed") == 401
            assert await device.get("/store") == 401
            assert (await device.renew()).status_code == 401
        assert "Ended all 5 sessions of all users." in caplog.text
        [device] = await log_in(client, 1)
        assert await device.get("/feed") == 200
        assert await auth.end_all_sessions() == 1
        assert await auth.end_all_sessions() == 0


async def test_end_all_sessions_needs_a_store():
    with pytest.raises(InitializationFailure, match="session_store"):
        await Shop(session_store=None).end_all_sessions()


@asynccontextmanager
async def ending_sessions(everyone):
    """Give an application, and a task that has ended some of its sessions."""
    store = Steady()
    auth = Shop(session_store=store)
    async with open_shop(auth):
        for _ in range(7):
            await started(store)
        ending = asyncio.create_task(
            auth.end_all_sessions()
            if everyone
            else auth.sessions.revoke_all("ada")
        )
        await until(lambda: store.waiting)
        yield auth, ending


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("everyone", [True, False])
async def test_ending_all_sessions_completes_after_a_cancellation(everyone):
    """A client may disconnect while it logs out everywhere."""
    async with ending_sessions(everyone) as (auth, ending):
        store = auth.sessions.store
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
        closing = asyncio.create_task(auth.sessions.close())
        await asyncio.sleep(0)
        assert store._entries
        store.going_on.set()
        await closing
        assert not store._entries


@pytest.mark.parametrize("everyone", [True, False])
async def test_shutdown_does_not_wait_for_it_indefinitely(
    everyone, monkeypatch
):
    module = "sanic_jwt_oo.sessions.sessions"
    monkeypatch.setattr(f"{module}._SHUTDOWN_TIMEOUT", 0)
    async with ending_sessions(everyone) as (auth, ending):
        await auth.sessions.close()
        with pytest.raises(asyncio.CancelledError):
            await ending


# --- the size of a step -----------------------------------------------------


@pytest.fixture(params=STORES)
def name(request):
    return request.param


async def all_steps(store):
    """Do every operation on many sessions of one user."""
    await store.of_user("ada", NOW)
    session, token = begin(now=NOW + 1)
    await store.start(session, token.digest, 5)
    await store.revoke_all("ada", NOW)
    for _ in range(30):
        await started(store)
    async for ended in store.revoke_everyone(NOW):
        assert len(ended) <= store.step + 1
    await store.revoke_token("token-1", NOW + 9, NOW + 7 * 24 * 3600)


async def test_the_work_of_a_script_does_not_grow_with_the_sessions(redis_url):
    """The commands of each script are counted, not its time."""
    store = STORES["redis"](redis_url)
    run, largest = store._run, 0
    async with redis.asyncio.Redis.from_url(
        redis_url, decode_responses=True
    ) as raw:

        async def total():
            stats = await raw.info("commandstats")
            return sum(
                each["calls"]
                for name, each in stats.items()
                if name not in ("cmdstat_info", "cmdstat_hset")
            )

        async def counted(*args):
            nonlocal largest
            before = await total()
            response = await run(*args)
            largest = max(largest, await total() - before)
            return response

        store.step = 10
        sizes = []
        for many in (40, 400):
            largest = 0
            await asyncio.gather(*(started(store) for _ in range(many)))
            store._run = counted
            await all_steps(store)
            store._run = run
            sizes.append(largest)
    await store.close()
    # a cursor takes a few more commands, extending a key one
    assert abs(sizes[1] - sizes[0]) < 20


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
async def test_the_writes_of_a_transaction_do_not_grow_with_the_sessions(
    store,
):
    written: list[int] = []

    def before_cursor_execute(
        connection, cursor, statement, parameters, context, executemany
    ):
        if executemany:
            written.append(len(parameters))
        if statement.startswith("SELECT") and "WHERE" in statement:
            bounded = "LIMIT" in statement or "jwt_sessions.id <=" in statement
            assert bounded or "jwt_sessions.id IN" in statement, statement

    store.step = 10
    await asyncio.gather(*(started(store) for _ in range(60)))
    engine = store._database.current.engine.sync_engine
    event.listen(engine, "before_cursor_execute", before_cursor_execute)
    await all_steps(store)
    assert max(written) == 10
    # rows are deleted one by one, and with SQLite written to the log so
    tables = 1 if store._pushes else 2
    assert written.count(10) >= tables * 8


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
async def test_an_operation_is_one_statement(store, monkeypatch):
    """A limit of sessions, the atomic swap and the commit included."""
    statements: list[str] = []

    async def noted(statement, *others):
        statements.append(str(statement).split()[0])
        return await execute(statement, *others)

    def before_cursor_execute(connection, cursor, statement, *others):
        statements.append(f"SQLAlchemy: {statement}")

    await started(store)  # removes expired rows in the background
    await store.close()
    await store.open()
    connections = store._database.current
    execute = connections._direct.execute
    monkeypatch.setattr(connections._direct, "execute", noted)
    event.listen(
        connections.engine.sync_engine,
        "before_cursor_execute",
        before_cursor_execute,
    )
    for limit in (None, 100):
        session, token = begin()
        await store.start(session, token.digest, limit)
        assert await store.get(session.id, NOW) == session
        swap, _ = swap_of(token, NOW)
        assert await store.swap(swap) is Outcome.SWAPPED
        assert not await store.is_revoked(session.id, "token-1", NOW)
        assert statements == ["INSERT", "SELECT", "UPDATE", "SELECT"]
        statements.clear()


async def test_an_operation_is_one_message_to_redis(redis_url, monkeypatch):
    store = STORES["redis"](redis_url)
    _, token = await started(store)
    await store.swap(swap_of(token, NOW)[0])  # the server knows the scripts
    sent = []
    send = AbstractConnection.send_packed_command

    async def noted(self, *args, **options):
        sent.append(args)
        await send(self, *args, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", noted)
    session, token = begin()
    swap, _ = swap_of(token, NOW)
    for operation in (
        store.start(session, token.digest, 100),
        store.get(session.id, NOW),
        store.swap(swap),
        store.is_revoked(session.id, "token-1", NOW),
    ):
        await operation
        assert len(sent) == 1
        sent.clear()
    await store.close()


async def test_callers_of_redis_take_turns(redis_url):
    """One that comes back at once is not served before those that wait."""
    store = STORES["redis"](f"{redis_url}?max_connections=3&timeout=1")
    session, _ = await started(store)
    served: list[int] = []

    async def call_often(number):
        for _ in range(9):
            await store.get(session.id, NOW)
            served.append(number)

    await asyncio.gather(*(call_often(number) for number in range(20)))
    assert {*served[:30]} == {*range(20)}
    await store.close()


async def test_a_feed_reads_revocations_in_chunks(redis_url):
    store = STORES["redis"](redis_url)
    for _ in range(3):
        await asyncio.gather(*(started(store) for _ in range(1_000)))
    ended = await store.revoke_all("ada", NOW)
    assert len(ended) == 3_000
    sizes = []
    read = store._read

    async def noted(*calls):
        responses = await read(*calls)
        if calls[0][0] == "zscan":
            sizes.append(len(responses[0][1]))
        return responses

    store._read = noted
    feed = RevocationFeed(PATIENCE)
    await store._catch_up(feed, {})
    assert feed.revoked.keys() == ended.keys()
    assert max(sizes) < 2_000
    await store.close()
