"""Two processes with one token: operations of every store are atomic."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import chain

import pytest

from sanic_jwt_oo.sessions import Outcome

from ..effort import THOROUGH, sample
from .conformance import NOW, begin, started, swap_of
from .workers import STORES, Worker

ROUNDS = 200 if THOROUGH else 10
"""How often a token is presented `AT_ONCE` times."""
AT_ONCE = 50
ABREAST = 4
"""How many rounds, each with its own session, run concurrently."""


@pytest.fixture(params=sample(STORES, "postgres", "redis", "sqlite"))
def name(request):
    return request.param


@pytest.fixture
async def store(store):
    await store.open()
    return store


@pytest.fixture
async def workers(name, url, store):
    workers = [await Worker.start(name, url) for _ in range(2)]
    yield workers
    for worker in workers:
        await worker.close()


async def repeat(play, rounds):
    """Run independent rounds, a few concurrently."""
    numbers = iter(range(rounds))

    async def lane():
        for number in numbers:
            await play(number)

    await asyncio.gather(*(lane() for _ in range(ABREAST)))


async def at_once(workers, swap, times=AT_ONCE):
    """Present one token many times, half of them in each process."""
    responses = await asyncio.gather(
        *(worker.swap(swap, times // 2) for worker in workers)
    )
    return Counter(response for each in responses for response in each)


@pytest.mark.requirement("R2")
async def test_within_the_grace_window_all_get_one_successor(store, workers):
    async def play(number):
        session, token = await started(store, number)
        swap, successor = swap_of(token, NOW)
        outcomes = await at_once(workers, swap)
        assert outcomes == {Outcome.SWAPPED: 1, Outcome.AGAIN: AT_ONCE - 1}
        following, _ = swap_of(successor, NOW)
        assert await store.swap(following) is Outcome.SWAPPED
        assert [s.id for s in await store.of_user(number, NOW)] == [session.id]

    await repeat(play, ROUNDS)


@pytest.mark.long
@pytest.mark.requirement("R3")
async def test_without_a_grace_window_concurrent_use_ends_the_session(
    store, workers
):
    async def play(number):
        session, token = await started(store, number)
        swap, successor = swap_of(token, NOW, 0)
        outcomes = await at_once(workers, swap)
        assert outcomes[Outcome.SWAPPED] == 1
        assert outcomes[Outcome.REUSED] == 1
        assert outcomes[Outcome.REFUSED] == AT_ONCE - 2
        assert await store.get(session.id, NOW) is None
        following, _ = swap_of(successor, NOW, 0)
        assert await store.swap(following) is Outcome.REFUSED

    await repeat(play, ROUNDS)


@pytest.mark.long
@pytest.mark.requirement("R10")
async def test_without_a_grace_window_one_use_succeeds_despite_slow_clocks(
    store, workers
):
    async def play(number):
        session, token = await started(store, number)
        outcomes = await asyncio.gather(
            *(
                workers[i % 2].swap(swap_of(token, NOW - i, 0)[0])
                for i in range(AT_ONCE)
            )
        )
        counted = Counter(chain(*outcomes))
        assert counted[Outcome.SWAPPED] == 1
        assert counted[Outcome.REUSED] == 1
        assert counted[Outcome.REFUSED] == AT_ONCE - 2
        assert await store.get(session.id, NOW) is None

    await repeat(play, ROUNDS)


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("method", sample(["revoke", "revoke_all"], "revoke"))
async def test_a_session_revoked_during_a_swap_is_ended(
    store, workers, method
):
    async def play(number):
        session, token = await started(store, number)
        swap, successor = swap_of(token, NOW)
        which = session.id if method == "revoke" else number
        first, second = workers[:: 1 if number % 2 else -1]
        outcomes, ended = await asyncio.gather(
            first.swap(swap, 5), second.call(method, which, NOW)
        )
        assert ended == [{session.id: session.access_until}]
        assert {*outcomes} <= {
            Outcome.SWAPPED,
            Outcome.AGAIN,
            Outcome.REFUSED,
        }
        following, _ = swap_of(successor, NOW)
        assert await store.swap(following) is Outcome.REFUSED
        assert await store.get(session.id, NOW) is None

    await repeat(play, ROUNDS // 5)


@pytest.mark.requirement("R1")
@pytest.mark.long
async def test_a_session_started_while_all_are_revoked_is_whole(
    store, workers
):
    async def play(number):
        before = [await started(store, number) for _ in range(3)]
        late, token = begin(number)
        _, ended = await asyncio.gather(
            workers[0].call("start", late, token.digest),
            workers[1].call("revoke_all", number, NOW),
        )
        assert ended[0].keys() >= {s.id for s, _ in before}
        living = {s.id for s in await store.of_user(number, NOW)}
        assert living == {late.id} - ended[0].keys()

    await repeat(play, ROUNDS // 5)


@pytest.mark.requirement("R3")
@pytest.mark.long
async def test_reuse_during_a_swap_of_the_successor_ends_the_session(
    store, workers
):
    async def play(number):
        session, token = await started(store, number)
        swap, second = swap_of(token, NOW - 60)
        assert await store.swap(swap) is Outcome.SWAPPED
        stolen, _ = swap_of(token, NOW)
        honest, third = swap_of(second, NOW)
        first, other = workers[:: 1 if number % 2 else -1]
        reused, swapped = await asyncio.gather(
            first.swap(stolen, 2), other.swap(honest, 2)
        )
        assert Counter(reused)[Outcome.REUSED] == 1
        assert {*swapped} <= {Outcome.SWAPPED, Outcome.AGAIN, Outcome.REFUSED}
        for token in (second, third):
            following, _ = swap_of(token, NOW)
            assert await store.swap(following) is Outcome.REFUSED
        assert await store.get(session.id, NOW) is None

    await repeat(play, ROUNDS // 5)


@pytest.mark.requirement("R1")
@pytest.mark.long
async def test_two_revocations_of_all_do_not_deadlock(store, workers):
    async def play(number):
        mine = {(await started(store, number))[0].id for _ in range(8)}
        responses = await asyncio.gather(
            *(w.call("revoke_all", number, NOW, times=3) for w in workers)
        )
        told = [*chain.from_iterable(chain(*responses))]
        assert sorted(told) == sorted(mine)
        assert await store.of_user(number, NOW) == []

    await repeat(play, ROUNDS // 10)


@pytest.mark.requirement("R12")
async def test_concurrent_logins_keep_to_the_limit(store, workers):
    async def play(number):
        old = {(await started(store, number))[0].id for _ in range(5)}
        sessions = [begin(number, NOW + i) for i in range(AT_ONCE)]
        responses = await asyncio.gather(
            *(
                workers[i % 2].call("start", session, token.digest, 5)
                for i, (session, token) in enumerate(sessions)
            )
        )
        ended = [*chain.from_iterable(chain(*responses))]
        assert len(ended) == len({*ended})
        living = {s.id for s in await store.of_user(number, NOW + 99)}
        everyone = old | {session.id for session, _ in sessions}
        assert living == everyone - {*ended}
        assert 5 <= len(living) <= 5 + AT_ONCE
        # the store of this process ends more at once than the workers
        session, token = begin(number, NOW + 99)
        await store.start(session, token.digest, 5)
        assert len(await store.of_user(number, NOW + 99)) == 5

    await repeat(play, max(1, ROUNDS // 10))


@pytest.mark.requirement("R12")
@pytest.mark.long
async def test_logins_that_evict_sessions_race_with_revoking_all(
    store, workers
):
    async def play(number):
        old = {(await started(store, number))[0].id for _ in range(8)}
        sessions = [begin(number, NOW + i) for i in range(10)]
        *responses, [revoked] = await asyncio.gather(
            *(
                workers[i % 2].call("start", session, token.digest, 2)
                for i, (session, token) in enumerate(sessions)
            ),
            workers[number % 2].call("revoke_all", number, NOW),
        )
        ended = [*chain.from_iterable(chain(*responses)), *revoked]
        assert len(ended) == len({*ended})
        assert {*ended} >= old
        living = {s.id for s in await store.of_user(number, NOW + 99)}
        everyone = old | {session.id for session, _ in sessions}
        assert living == everyone - {*ended}

    await repeat(play, ROUNDS // 5)
