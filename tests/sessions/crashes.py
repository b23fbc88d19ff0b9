"""A worker that is killed while it works, and the store that it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from random import Random

from sanic_jwt_oo.sessions import (
    Outcome,
    RevocationFeed,
    Session,
    SessionStore,
)
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken

from .conformance import KEY, NOW, PATIENCE, swap_of, until
from .workers import Worker

Started = tuple[Session, RefreshToken]


@asynccontextmanager
async def following(store: SessionStore) -> AsyncIterator[RevocationFeed]:
    """Give a feed that is up to date with the store."""
    feed = RevocationFeed(PATIENCE)
    task = asyncio.create_task(feed.follow(store))
    try:
        await until(lambda: feed.is_current)
        yield feed
    finally:
        await feed.end(task)


async def revoked_in(store: SessionStore) -> set[str]:
    """Return the ids that a feed learns from the store."""
    async with following(store) as feed:
        return {*feed.revoked}


async def kill_while_busy(
    worker: Worker, sessions: Sequence[Started], random: Random
) -> dict[str, str]:
    """Kill a worker while it swaps tokens and revokes every second session.

    Returns:
        The last method that the worker acknowledged for each session id.
    """
    acknowledged: dict[str, str] = {}

    async def use(session: Session, token: RefreshToken, revoke: bool) -> None:
        swap, _ = swap_of(token, NOW)
        await worker.call("swap", swap)
        acknowledged[session.id] = "swap"
        if revoke:
            await worker.call("revoke", session.id, NOW)
            acknowledged[session.id] = "revoke"

    tasks = [
        asyncio.create_task(use(session, token, bool(index % 2)))
        for index, (session, token) in enumerate(sessions)
    ]
    enough = random.randrange(len(sessions))
    await until(lambda: len(acknowledged) >= enough)
    worker.process.kill()
    await asyncio.gather(*tasks, return_exceptions=True)
    await worker.close()
    return acknowledged


async def assert_whole(
    store: SessionStore,
    session: Session,
    token: RefreshToken,
    revoked: Collection[str],
    acknowledged: dict[str, str],
) -> None:
    """Assert that a session is revoked everywhere or nowhere.

    One that is not revoked has exactly one current token, and what was
    acknowledged is done.
    """
    living = await store.get(session.id, NOW) is not None
    assert (session.id in revoked) is not living
    successor = token.successor(KEY)
    if not living:
        for each in (token, successor):
            assert await store.swap(swap_of(each, NOW)[0]) is Outcome.REFUSED
        return
    assert acknowledged.get(session.id) != "revoke"
    first = await store.swap(swap_of(token, NOW)[0])
    expected = {Outcome.AGAIN, Outcome.SWAPPED}
    if session.id in acknowledged:
        expected = {Outcome.AGAIN}
    assert first in expected
    assert await store.swap(swap_of(successor, NOW)[0]) is Outcome.SWAPPED
