"""The task that follows a store, and how it ends."""

from __future__ import annotations

import asyncio
import time

from sanic_jwt_oo.sessions import MemorySessionStore
from sanic_jwt_oo.sessions.sessions import Sessions

from .conformance import until


class Deaf(MemorySessionStore):
    """A store that loses cancellations.

    Args:
        error: What comes in the place of one; `None`: it goes on.
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


async def test_an_error_in_the_place_of_a_cancellation_ends_it_too():
    store = Deaf(ConnectionResetError())
    await close(store)
    assert store.lost == 1


async def test_a_cancellation_that_is_lost_is_made_again():
    store = Deaf(None)
    await close(store)
    assert store.lost == 2
