"""Operations are atomic for a worker that is killed between any two steps."""

from __future__ import annotations

import pytest

from sanic_jwt_oo.sessions import Outcome

from ..effort import sample
from .conformance import KEY, NOW, begin, started, swap_of
from .crashes import revoked_in
from .steps import killed_at_each_step
from .workers import STORES

pytestmark = pytest.mark.requirement("R1")
STEPS = 24
"""More than any method has; a method with fewer completes from there on."""
EARLIER = NOW - 60


@pytest.fixture(params=sample(STORES, "sqlite", "redis"))
def name(request):
    return request.param


@pytest.fixture
async def store(store):
    await store.open()
    return store


async def all_killed(name, url, calls):
    """Return which calls completed, each killed at another step."""
    answered = await killed_at_each_step(name, url, calls)
    assert not answered[0]
    assert answered[-1]
    return answered


async def lives(store, token):
    swap, _ = swap_of(token, NOW)
    return await store.swap(swap) in (Outcome.SWAPPED, Outcome.AGAIN)


@pytest.mark.long
async def test_a_start_is_atomic(name, url, store):
    begun = [begin() for _ in range(STEPS)]
    calls = [("start", (session, token.digest)) for session, token in begun]
    answered = await all_killed(name, url, calls)
    listed = {session.id for session in await store.of_user("ada", NOW)}
    for (session, token), known in zip(begun, answered, strict=True):
        found = await store.get(session.id, NOW)
        assert found in ([session] if known else [session, None])
        assert (session.id in listed) is (found is not None)
        assert await lives(store, token) is (found is not None)


@pytest.mark.requirement("R12")
@pytest.mark.long
async def test_a_start_that_evicts_a_session_is_atomic(name, url, store):
    old = [await started(store, number) for number in range(STEPS)]
    new = [begin(number) for number in range(STEPS)]
    calls = [("start", (session, token.digest, 1)) for session, token in new]
    answered = await all_killed(name, url, calls)
    ended = await revoked_in(store)
    for (before, _), (after, _), known in zip(old, new, answered, strict=True):
        [found] = await store.of_user(before.user_id, NOW)
        assert found in ([after] if known else [after, before])
        assert (before.id in ended) is (found == after)


@pytest.mark.requirement("R2")
async def test_a_swap_is_atomic(name, url, store):
    begun = [await started(store) for _ in range(STEPS)]
    calls = [("swap", (swap_of(token, NOW)[0],)) for _, token in begun]
    answered = await all_killed(name, url, calls)
    for (_, token), known in zip(begun, answered, strict=True):
        swap, successor = swap_of(token, NOW)
        outcome = await store.swap(swap)
        assert outcome in (
            [Outcome.AGAIN] if known else [Outcome.AGAIN, Outcome.SWAPPED]
        )
        assert await lives(store, successor)


@pytest.mark.requirement("R3")
@pytest.mark.long
async def test_the_end_of_a_session_by_reuse_is_atomic(name, url, store):
    begun = [await started(store) for _ in range(STEPS)]
    for _, token in begun:
        await store.swap(swap_of(token, EARLIER)[0])
    calls = [("swap", (swap_of(token, NOW)[0],)) for _, token in begun]
    answered = await all_killed(name, url, calls)
    ended = await revoked_in(store)
    for (session, token), known in zip(begun, answered, strict=True):
        gone = await store.get(session.id, NOW) is None
        assert gone or not known
        assert (session.id in ended) is gone
        assert await lives(store, token.successor(KEY)) is not gone


@pytest.mark.parametrize("method", sample(["revoke", "revoke_all"], "revoke"))
async def test_the_revocation_of_a_session_is_atomic(name, url, store, method):
    begun = [await started(store, number) for number in range(STEPS)]
    calls = [
        (method, (s.id if method == "revoke" else s.user_id, NOW))
        for s, _ in begun
    ]
    answered = await all_killed(name, url, calls)
    ended = await revoked_in(store)
    for (session, token), known in zip(begun, answered, strict=True):
        gone = await store.get(session.id, NOW) is None
        assert gone or not known
        assert (session.id in ended) is gone
        assert await lives(store, token) is not gone


@pytest.mark.long
async def test_the_revocation_of_a_token_is_atomic(name, url, store):
    calls = [
        ("revoke_token", (f"token-{number}", NOW + 900, NOW))
        for number in range(STEPS)
    ]
    answered = await all_killed(name, url, calls)
    ended = await revoked_in(store)
    for (_, (token_id, *_)), known in zip(calls, answered, strict=True):
        gone = await store.is_revoked(None, token_id, NOW)
        assert gone or not known
        assert (token_id in ended) is gone
