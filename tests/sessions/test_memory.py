import asyncio
from collections import Counter

import pytest

from sanic_jwt_oo.exceptions import InvalidConfiguration
from sanic_jwt_oo.sessions import MemorySessionStore, Outcome

from .conformance import NOW, StoreConformance, started, swap_of


@pytest.fixture
def store():
    return MemorySessionStore()


@pytest.fixture
def other(store):
    return store


class TestMemorySessionStore(StoreConformance):
    # one process has one clock
    test_a_slow_clock_finds_all_sessions = None


@pytest.mark.requirement("R2")
@pytest.mark.parametrize("grace", [10, 0])
async def test_one_of_fifty_concurrent_uses_is_the_first(store, grace):
    """For other stores, test_races.py does this with two processes."""
    for number in range(200):
        session, token = await started(store, number)
        swap, _ = swap_of(token, NOW, grace)
        outcomes = Counter(
            await asyncio.gather(*(store.swap(swap) for _ in range(50)))
        )
        assert outcomes[Outcome.SWAPPED] == 1
        assert outcomes[Outcome.AGAIN] == (49 if grace else 0)
        living = await store.get(session.id, NOW) is not None
        assert living is bool(grace)


async def test_a_full_store_evicts_the_least_recently_used_session():
    store = MemorySessionStore(maximum=3)
    sessions = [(await started(store, i))[0] for i in range(4)]
    found = [await store.get(session.id, NOW) for session in sessions]
    assert found == [None, *sessions[1:]]


@pytest.mark.parametrize("maximum", [0, -1])
def test_a_maximum_below_one_is_refused(maximum):
    with pytest.raises(InvalidConfiguration, match="maximum"):
        MemorySessionStore(maximum)


async def test_a_used_session_is_not_evicted_from_a_full_store():
    store = MemorySessionStore(maximum=2)
    begun = [await started(store, i) for i in range(2)]
    await store.swap(swap_of(begun[0][1], NOW + 1)[0])
    await started(store, 2)
    assert await store.get(begun[0][0].id, NOW + 1) is not None
    assert await store.get(begun[1][0].id, NOW + 1) is None


async def test_the_smallest_maximum_is_one_session():
    store = MemorySessionStore(maximum=1)
    first, second = [(await started(store, i))[0] for i in range(2)]
    assert await store.get(first.id, NOW) is None
    assert await store.get(second.id, NOW) == second


@pytest.mark.requirement("S3")
async def test_a_login_removes_expired_sessions():
    store = MemorySessionStore()
    for number in range(20):
        await started(store, number, expires=NOW + 1)
    for number in range(3):
        await started(store, number, now=NOW + 62)
    assert len(store._entries) == len(store._of_user) == 3


@pytest.mark.requirement("S3")
async def test_expired_entries_are_removed():
    store = MemorySessionStore()
    for number in range(20):
        await started(store, number, expires=NOW + 1)
        await store.revoke_token(f"token-{number}", NOW + 1, NOW)
    for number in range(3):
        await started(store, number, created=NOW + 62, expires=NOW + 99)
        await store.revoke_token(f"late-{number}", NOW + 99, NOW + 62)
    assert len(store._entries) == 3
    assert len(store._of_user) == 3
    assert len(store._revoked) == 3
