import pytest

from sanic_jwt_oo.sessions import SQLSessionStore

from .conformance import StoreConformance


@pytest.fixture
async def store(sqlite_url):
    store = SQLSessionStore(sqlite_url, feed_interval=0.05)
    yield store
    await store.close()


@pytest.fixture
async def other(sqlite_url):
    store = SQLSessionStore(sqlite_url, feed_interval=0.05)
    yield store
    await store.close()


class TestSQLite(StoreConformance):
    pass
