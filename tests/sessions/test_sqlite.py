import pytest

from sanic_jwt_oo.sessions import SQLSessionStore

from .conformance import StoreConformance


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/sessions.db"


@pytest.fixture
async def store(url):
    store = SQLSessionStore(url, feed_interval=0.05)
    yield store
    await store.close()


@pytest.fixture
async def other(url):
    store = SQLSessionStore(url, feed_interval=0.05)
    yield store
    await store.close()


class TestSQLite(StoreConformance):
    pass
