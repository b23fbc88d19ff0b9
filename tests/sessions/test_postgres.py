import pytest

from sanic_jwt_oo.sessions import SQLSessionStore

from .conformance import PATIENCE, StoreConformance


@pytest.fixture
async def store(postgres_url):
    store = SQLSessionStore(postgres_url, feed_interval=0.05, timeout=PATIENCE)
    yield store
    await store.close()


@pytest.fixture
async def other(postgres_url):
    store = SQLSessionStore(postgres_url, feed_interval=0.05, timeout=PATIENCE)
    yield store
    await store.close()


class TestPostgreSQL(StoreConformance):
    pass
