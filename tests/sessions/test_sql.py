"""Behaviour of the SQL store beyond conformance, in either database."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from types import SimpleNamespace

import asyncpg
import pytest
from sqlalchemy import event, func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from sanic_jwt_oo import sessions as package
from sanic_jwt_oo.exceptions import (
    InvalidConfiguration,
    SessionStoreUnavailable,
)
from sanic_jwt_oo.sessions import Outcome, RevocationFeed, SQLSessionStore
from sanic_jwt_oo.sessions.sql import listening
from sanic_jwt_oo.sessions.sql.progress import Progress
from sanic_jwt_oo.sessions.sql.schema import (
    escape,
    metadata,
    revocations,
    sessions,
    unescape,
)
from sanic_jwt_oo.sessions.sql.statements import PURGE

from .conformance import (
    NOW,
    PATIENCE,
    ConfirmedFeed,
    begin,
    found,
    started,
    swap_of,
    until,
)
from .postgres import LOCKED


@pytest.fixture(params=["sqlite", "postgres"])
def name(request):
    return request.param


@pytest.fixture
async def engine(url):
    """An engine as an application may create it."""
    scheme, _, rest = url.partition("://")
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+asyncpg",
    }
    engine = create_async_engine(f"{drivers[scheme]}://{rest}")
    yield engine
    await engine.dispose()


async def count(engine, table):
    async with engine.connect() as connection:
        query = select(func.count()).select_from(table)
        return (await connection.execute(query)).scalar_one()


# --- where it is kept -------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file::memory:?uri=true",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite+aiosqlite:///:memory:",
    ],
)
def test_sqlite_in_memory_is_refused(url):
    with pytest.raises(InvalidConfiguration, match="MemorySessionStore"):
        SQLSessionStore(url)


@pytest.mark.parametrize(
    "url",
    ["sessions.db", "", "mysql://u:pass-word@h/d", "postgresql+psycopg://"],
)
def test_an_unsupported_url_is_refused(url):
    with pytest.raises(InvalidConfiguration, match="sqlite:///") as caught:
        SQLSessionStore(url)
    assert "pass-word" not in str(caught.value)


def test_an_invalid_url_is_not_in_the_error():
    with pytest.raises(InvalidConfiguration) as caught:
        SQLSessionStore("postgresql://shop:pass-word@host:port/shop")
    assert "pass-word" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "options", [{"timeout": 0}, {"feed_interval": 0}, {"feed_interval": 60}]
)
def test_invalid_options_are_refused(options):
    with pytest.raises(InvalidConfiguration, match=next(iter(options))):
        SQLSessionStore("sqlite:///sessions.db", **options)


def test_a_password_does_not_leak():
    url = "postgresql://shop:pass-word@host/shop?password=pass-word"
    assert repr(SQLSessionStore(url)) == (
        "SQLSessionStore(postgresql://host/shop)"
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql+asyncpg"])
def test_several_url_schemes_mean_postgresql(scheme):
    store = SQLSessionStore(f"{scheme}://host/shop?sslmode=require")
    assert repr(store) == "SQLSessionStore(postgresql://host/shop)"


async def test_an_engine_of_the_application_is_used_and_not_disposed(engine):
    store = SQLSessionStore(engine)
    _, token = await started(store)
    outcomes = await asyncio.gather(
        *(store.swap(swap_of(token, NOW)[0]) for _ in range(8))
    )
    assert len(outcomes) == 8
    await store.close()
    assert await count(engine, sessions) == 1


async def test_an_engine_with_its_own_begin_event_works(sqlite_url):
    engine = create_async_engine(
        sqlite_url.replace("sqlite", "sqlite+aiosqlite", 1)
    )

    @event.listens_for(engine.sync_engine, "begin")
    def begin_by_itself(connection):
        connection.exec_driver_sql("BEGIN")

    store = SQLSessionStore(engine)
    session, _ = await started(store)
    await store.revoke(session.id, NOW)
    assert await store.get(session.id, NOW) is None
    await store.close()
    await engine.dispose()


def test_an_engine_of_another_driver_is_refused():
    engine = create_async_engine("sqlite+aiosqlite://")
    with pytest.raises(InvalidConfiguration, match="MemorySessionStore"):
        SQLSessionStore(engine)


def test_a_missing_extra_is_named():
    code = (
        "import sys; sys.modules['sqlalchemy'] = None\n"
        "import sanic_jwt_oo.sessions\n"
        "try: sanic_jwt_oo.sessions.SQLSessionStore\n"
        "except ImportError as exc: print(exc)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pip install '.[sql]'" in told.stdout


def test_sqlalchemy_is_imported_only_when_needed():
    code = (
        "import sys, sanic_jwt_oo.sessions; print('sqlalchemy' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "False"


def test_an_unknown_store_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="NoSessionStore"):
        package.NoSessionStore  # noqa: B018


# --- tables and rows --------------------------------------------------------


async def test_many_processes_can_create_the_tables_together(url):
    stores = [SQLSessionStore(url, timeout=PATIENCE) for _ in range(6)]
    await asyncio.gather(*(store.open() for store in stores))
    await asyncio.gather(*(started(store) for store in stores))
    assert len(await stores[0].of_user("ada", NOW)) == 6
    for store in stores:
        await store.close()


async def test_dropped_tables_are_created_again(store, engine, monkeypatch):
    # which may run meanwhile
    monkeypatch.setattr(SQLSessionStore, "_purge_sometimes", lambda *_: None)
    await started(store)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.drop_all)
    with pytest.raises(SessionStoreUnavailable):
        await started(store)
    session, _ = await started(store)
    assert await store.get(session.id, NOW) == session


@pytest.mark.parametrize("text", ["", "a\0b", "\udcff", "🦊", '"\\u0041'])
async def test_any_text_is_stored(store, text):
    assert unescape(escape(text)) == text
    session, _ = await started(store, label=text)
    assert await store.get(session.id, NOW) == session
    assert await store.get(text, NOW) is None
    await store.revoke_token(text, NOW + 1, NOW)
    assert await store.is_revoked(None, text, NOW)


async def test_user_ids_can_be_long(store):
    session, _ = await started(store, "".join(map(chr, range(9000, 19000))))
    assert await store.of_user(session.user_id, NOW) == [session]


async def test_a_driver_error_is_unavailable(store):
    async def work(connection):
        raise asyncpg.InternalClientError("cannot switch to state 12")

    with pytest.raises(SessionStoreUnavailable):
        await store._database.read(work)


@pytest.fixture
def always_purging(monkeypatch):
    """Let every write remove expired rows."""
    monkeypatch.setattr("sanic_jwt_oo.sessions.sql.store._PURGE_INTERVAL", 1)


@pytest.mark.requirement("S3")
async def test_expired_rows_are_removed(store, engine, always_purging):
    for number in range(12):
        await started(store, number, expires=NOW + 1)
        await store.revoke_token(f"token-{number}", NOW + 1, NOW)
    await started(store, created=NOW + 99, expires=NOW + 999)
    await store.close()  # waits for what happens in the background
    assert await count(engine, sessions) == 1
    assert await count(engine, revocations) == 0


@pytest.mark.requirement("S3")
async def test_a_revocation_removes_expired_ones(
    store, engine, always_purging
):
    """Without sessions no login removes them."""
    for number in range(12):
        await store.revoke_token(f"token-{number}", NOW + 1, NOW)
    await store.revoke_token("later", NOW + 999, NOW + 99)
    await store.close()
    assert await count(engine, revocations) == 1


@pytest.mark.requirement("S3")
async def test_more_rows_are_removed_than_logins_leave_behind(
    store, engine, monkeypatch
):
    """One login in several removes rows, and only so many."""
    module = "sanic_jwt_oo.sessions.sql.store"
    monkeypatch.setattr(f"{module}._PURGE_INTERVAL", 4)
    monkeypatch.setattr(f"{module}._PURGE_LIMIT", 10)
    left = []
    for number in range(9):
        for _ in range(2):
            await started(store, number, expires=NOW + 1)
    for _ in range(2):
        await started(store, created=NOW + 99, expires=NOW + 999)
    await store.close()
    left.append(await count(engine, sessions))
    for _ in range(4):
        await started(store, created=NOW + 99, expires=NOW + 999)
    await store.close()
    left.append(await count(engine, sessions))
    # 18 expired and 2 living ones; the 21st write removes 10 of the former
    assert left == [20, 14]


async def test_a_login_does_not_wait_for_the_removal_of_rows(
    store, monkeypatch
):
    purging, going_on = asyncio.Event(), asyncio.Event()
    await store.open()
    connections = store._database.current
    execute = connections._execute

    async def wait_to_remove(statement, values):
        if statement in PURGE:
            purging.set()
            await going_on.wait()
        return await execute(statement, values)

    monkeypatch.setattr(connections, "_execute", wait_to_remove)
    session, _ = await started(store)
    await purging.wait()
    assert await store.get(session.id, NOW) == session
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    assert not closing.done()
    going_on.set()
    await closing


async def test_a_revocation_that_has_just_expired_is_kept(store, engine):
    await started(store, expires=NOW + 1)
    await started(store, created=NOW + 10)
    assert await count(engine, sessions) == 2


async def test_locked_expired_rows_are_removed_later(
    postgres_url, always_purging
):
    """Another transaction may hold the row."""
    store = SQLSessionStore(postgres_url, timeout=PATIENCE)
    await started(store, expires=NOW + 1)
    engine = create_async_engine(
        postgres_url.replace("postgresql", "postgresql+asyncpg", 1)
    )
    async with engine.begin() as busy:
        await busy.execute(select(sessions).with_for_update())
        await started(store, now=NOW + 99)
        await store.close()
        assert await count(engine, sessions) == 2
    await started(store, now=NOW + 99)
    await store.close()
    assert await count(engine, sessions) == 2
    await engine.dispose()


async def test_concurrent_logins_work_while_many_sessions_expire(store):
    await asyncio.gather(*(started(store, n, expires=NOW) for n in range(60)))
    later, _ = begin(now=NOW + 99)
    sessions = [begin(n, NOW + 99) for n in range(60)]
    await asyncio.gather(*(store.start(s, t.digest) for s, t in sessions))
    assert await store.get(later.id, NOW + 99) is None
    for session, _ in sessions:
        assert await store.get(session.id, NOW + 99) == session


async def test_an_integrity_error_is_raised(store):
    session, token = await started(store)
    with pytest.raises(IntegrityError) as caught:
        await store.start(session, token.digest)
    assert token.digest not in str(caught.value)
    assert await store.get(session.id, NOW) == session


@pytest.mark.requirement("R1")
async def test_sqlite_waits_for_the_disk_when_it_revokes(
    sqlite_url, monkeypatch
):
    monkeypatch.setattr(SQLSessionStore, "_purge_sometimes", lambda *_: None)
    store = SQLSessionStore(sqlite_url, timeout=PATIENCE)
    await store.open()
    connections = store._database.current
    committed = []

    def level(driver):
        return driver._conn.execute("PRAGMA synchronous").fetchone()[0]

    @event.listens_for(connections.engine.sync_engine, "commit")
    def before_commit(connection):
        committed.append(level(connection.connection.driver_connection))

    session, token = await started(store)
    await started(store, "bob")
    await store.swap(swap_of(token, NOW, 0)[0])
    assert committed == []
    assert [level(driver) for driver in connections._direct.idle] == [1]
    # reuse is found in a transaction, and ends the session in another
    await store.swap(swap_of(token, NOW, 0)[0])
    assert committed == [1, 2]
    assert await store.get(session.id, NOW) is None
    for end in (
        store.revoke_all("bob", NOW),
        store.revoke("nothing", NOW),
        store.revoke_token("token-1", NOW, NOW),
    ):
        await end
        assert committed.pop() == 2
    assert [level(driver) for driver in connections._direct.idle] == [1]
    await store.close()


# --- the feed ---------------------------------------------------------------


def progress_after(*numbers):
    progress = Progress(overlap=60)
    for number in numbers:
        progress.add(number, 0.0)
    return progress


@pytest.mark.parametrize(
    ("numbers", "floor"),
    [
        ([], 0),
        ([1, 2, 3], 3),
        ([2], 0),
        ([1, 3], 1),
        ([1, 3, 2], 3),
        ([1, 9, 5], 1),
        ([1, 9, 2], 2),
        ([1, 9, 8, 5, 2, 3, 4], 5),
        ([1, 9, 8, 5, 2, 3, 4, 6, 7], 9),
        ([1, 3, 3, 1], 1),
        ([1, 3, 5, 2], 3),
        ([1, 3, 5, 4], 1),
    ],
)
def test_progress_stops_before_a_number_that_was_skipped(numbers, floor):
    assert progress_after(*numbers).floor == floor


def test_progress_waits_for_late_sequence_numbers():
    progress = progress_after(1, 7)
    progress.settle(59.9)
    assert progress.floor == 1
    progress.add(9, 59.9)
    progress.settle(60.0)
    assert progress.floor == 7
    progress.settle(119.8)
    assert progress.floor == 7
    progress.settle(119.9)
    assert progress.floor == 9


def test_a_gap_that_is_half_filled_is_as_old_as_before():
    progress = progress_after(1, 7)
    progress.add(4, 50.0)
    progress.settle(60.0)
    assert progress.floor == 7


def test_progress_does_not_wait_for_what_was_committed_long_ago():
    progress = progress_after(3, 5, 7)
    progress.raise_floor(5)
    assert progress.floor == 5


@pytest.mark.requirement("R1")
async def test_the_staleness_bound_starts_before_the_read(store, monkeypatch):
    asked, read_page = [], listening._read_page

    def notice(*arguments):
        asked.append(time.monotonic())
        return read_page(*arguments)

    monkeypatch.setattr(listening, "_read_page", notice)
    feed = ConfirmedFeed(store.staleness)
    following = asyncio.create_task(feed.follow(store))
    try:
        await until(lambda: feed.moments)
        assert feed.moments[0] <= asked[0]
    finally:
        await feed.end(following)


@pytest.mark.requirement("R1")
async def test_a_feed_learns_revocations_that_have_just_expired(
    store, monkeypatch
):
    """A process with a slow clock may still accept the token."""
    clock = SimpleNamespace(time=lambda: NOW, monotonic=time.monotonic)
    monkeypatch.setattr("sanic_jwt_oo.sessions.sql.listening.time", clock)
    for late in (-30, 0, 30, 59.5, 60):
        await store.revoke_token(f"token{late}", NOW - late, NOW - 99)
    feed = RevocationFeed(PATIENCE)
    following = asyncio.create_task(feed.follow(store))
    try:
        await until(lambda: feed.is_current)
    finally:
        await feed.end(following)
    assert {*feed.revoked} == {"token-30", "token0", "token30", "token59.5"}


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("behind", [-99, 999])
async def test_a_row_that_commits_late_is_read(postgres_url, behind):
    """Whatever the clocks of processes that revoke meanwhile."""
    store = SQLSessionStore(postgres_url, feed_interval=0.05, timeout=PATIENCE)
    await store.open()
    engine = create_async_engine(
        postgres_url.replace("postgresql", "postgresql+asyncpg", 1)
    )
    feed = RevocationFeed(PATIENCE)
    following = asyncio.create_task(feed.follow(store))
    try:
        await until(lambda: feed.is_current)
        async with engine.connect() as late:
            row = {"revoked_id": "late", "revoked": NOW, "until": NOW + 999}
            await late.execute(insert(revocations).values(row))
            now = time.time() - behind
            await store.revoke_token("early", NOW + 999, now)
            await until(lambda: "early" in feed.revoked)
            assert "late" not in feed.revoked
            await late.commit()
        await until(lambda: "late" in feed.revoked)
    finally:
        await feed.end(following)
        await engine.dispose()
        await store.close()


async def test_a_long_log_is_read_in_pages(store, engine, monkeypatch):
    monkeypatch.setattr("sanic_jwt_oo.sessions.sql.listening._PAGE", 10)
    await store.open()
    now = time.time()
    ids = [f"token-{number}" for number in range(25)]
    rows = [
        {"revoked_id": i, "revoked": now - 999, "until": now + 999}
        for i in ids
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(revocations), rows)
    feed = RevocationFeed(PATIENCE)
    following = asyncio.create_task(feed.follow(store))
    try:
        await until(lambda: feed.is_current)
        assert {*feed.revoked} == {*ids}
        await store.revoke_token("another", now + 999, now)
        await until(lambda: "another" in feed.revoked)
    finally:
        await feed.end(following)


async def test_a_feed_outlives_a_store_that_closes(store):
    feed = RevocationFeed(PATIENCE)
    following = asyncio.create_task(feed.follow(store))
    try:
        await until(lambda: feed.is_current)
        await store.close()
        await until(lambda: not feed.is_current)
        await store.revoke_token("token-1", NOW + 999, NOW)
        await until(lambda: "token-1" in feed.revoked)
    finally:
        await feed.end(following)


# --- failures ---------------------------------------------------------------


def test_one_event_loop_after_another(url):
    store = SQLSessionStore(url, timeout=PATIENCE)

    async def use():
        session, token = await started(store)
        await asyncio.gather(
            *(store.swap(swap_of(token, NOW)[0]) for _ in range(10))
        )
        await store.close()
        return session.id

    first, second = asyncio.run(use()), asyncio.run(use())
    assert first != second


async def test_a_refused_connection_is_unavailable(unused_tcp_port, caplog):
    store = SQLSessionStore(
        f"postgresql://shop:pass-word@127.0.0.1:{unused_tcp_port}/shop"
    )
    for _ in range(3):
        with pytest.raises(SessionStoreUnavailable) as caught:
            await store.open()
    assert isinstance(caught.value.__cause__, OSError)
    assert len(caplog.records) == 1
    assert "pass-word" not in caplog.text
    await store.close()


async def test_a_wrong_password_does_not_leak(postgres, caplog):
    with_password = f"ALTER ROLE {LOCKED} PASSWORD 'right'"
    await postgres.execute(f"CREATE ROLE {LOCKED} LOGIN")
    await postgres.execute(with_password)
    url = postgres.url("postgres", LOCKED, "pass-word")
    store = SQLSessionStore(url)
    with pytest.raises(SessionStoreUnavailable):
        await store.open()
    assert LOCKED in caplog.text
    assert "pass-word" not in caplog.text
    await store.close()
    await postgres.execute(f"DROP ROLE {LOCKED}")


async def test_an_unknown_database_is_unavailable(postgres):
    store = SQLSessionStore(postgres.url("nowhere"))
    with pytest.raises(SessionStoreUnavailable):
        await store.get("x", NOW)
    await store.close()


async def test_a_file_that_cannot_be_created_is_unavailable(tmp_path):
    store = SQLSessionStore(f"sqlite:///{tmp_path}/no/sessions.db")
    with pytest.raises(SessionStoreUnavailable):
        await store.open()
    (tmp_path / "no").mkdir()
    await started(store)
    await store.close()


async def test_a_file_that_is_not_a_database_is_unavailable(tmp_path):
    (tmp_path / "sessions.db").write_bytes(b"no database" * 1000)
    store = SQLSessionStore(f"sqlite:///{tmp_path}/sessions.db")
    with pytest.raises(SessionStoreUnavailable):
        await store.open()
    await store.close()


@pytest.mark.requirement("R10")
async def test_a_swap_that_waited_for_a_lock_does_not_win_too(
    store, url, engine
):
    """The later swap has an earlier time than the one it waited for."""
    session, token = await started(store)
    other = SQLSessionStore(url, timeout=PATIENCE)
    await other.open()
    async with engine.connect() as holder:
        await holder.execute(text("UPDATE jwt_sessions SET label = 'x'"))
        waiting = [
            asyncio.create_task(
                (store, other)[i % 2].swap(swap_of(token, NOW - i, 0)[0])
            )
            for i in range(8)
        ]
        await asyncio.sleep(0)
        await holder.rollback()
    outcomes = await asyncio.gather(*waiting)
    assert outcomes.count(Outcome.SWAPPED) == 1
    assert outcomes.count(Outcome.AGAIN) == 0
    assert await store.get(session.id, NOW) is None
    await other.close()


async def test_waiting_for_a_lock_is_limited(store, url, engine):
    session, token = await started(store)
    hasty = SQLSessionStore(url, timeout=0.4)
    assert await found(hasty, session.id) == session
    async with engine.connect() as other:
        await other.execute(text("UPDATE jwt_sessions SET label = 'x'"))
        began = time.monotonic()
        with pytest.raises(SessionStoreUnavailable):
            await hasty.swap(swap_of(token, NOW)[0])
        assert time.monotonic() - began < PATIENCE / 2
        assert await found(hasty, session.id) == session
        await other.rollback()
    assert await store.swap(swap_of(token, NOW)[0]) is Outcome.SWAPPED
    await hasty.close()
