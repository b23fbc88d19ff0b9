import logging
from functools import partial

import argon2
import pytest
from sanic import Sanic

from .snippets import SECRET


@pytest.fixture(autouse=True)
def _shop(monkeypatch):
    """Allow pages to create their applications again, and set a secret."""
    monkeypatch.setattr(Sanic, "test_mode", True)
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    monkeypatch.delenv("SHOP_OVER_PLAIN_HTTP", raising=False)


@pytest.fixture(autouse=True)
def _log_level():
    """Undo what a page does to the level of the package's logger."""
    logger = logging.getLogger("sanic_jwt_oo")
    level = logger.level
    yield
    logger.setLevel(level)


@pytest.fixture
def client():
    """Return a function that makes a request to an application."""

    async def request(app, method, path, token=None, **kwargs):
        if token is not None:
            kwargs["headers"] = {"Authorization": f"Bearer {token}"}
        _, response = await getattr(app.asgi_client, method)(path, **kwargs)
        return response

    return request


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch):
    """Make argon2 as quick as possible; the pages keep its defaults."""
    quick = partial(
        argon2.PasswordHasher, time_cost=1, memory_cost=8, parallelism=1
    )
    monkeypatch.setattr(argon2, "PasswordHasher", quick)
