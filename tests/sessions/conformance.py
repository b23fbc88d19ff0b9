"""What every session store must do, whatever its database.

A test module derives from `StoreConformance`. Its fixture `store` is an empty
store; its fixture `other` is a second store on the same database, as another
process has it (for the memory store, the same object).
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace

import pytest

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import (
    Cursor,
    Outcome,
    RevocationFeed,
    Session,
    SessionStore,
    Swap,
)
from sanic_jwt_oo.sessions.model import new_session_id
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken

from ..effort import MERCY, PATIENCE

KEY = b"k" * 32
DAY = 24 * 3600
NOW = float(int(time.time())) + DAY
"""A time ahead of the clock.

Revocations that end after it are in the future, however long the tests take: a
feed reads the clock and leaves out expired ones.
"""


def begin(
    user_id: str | int = "ada", now: float = NOW, **changes: object
) -> tuple[Session, RefreshToken]:
    """Return a new session and its first token, without storing them."""
    session_id = new_session_id(user_id)
    token = RefreshToken.first(session_id)
    session = Session(
        id=session_id,
        user_id=user_id,
        label="Firefox",
        created=now,
        last_used=now,
        ends=now + 30 * DAY,
        expires=now + 7 * DAY,
        access_until=now + 900,
        family=token.family,
    )
    return replace(session, **changes), token  # type: ignore[arg-type]


def swap_of(
    token: RefreshToken,
    now: float,
    grace: float = 10,
    key: bytes = KEY,
    **changes: object,
) -> tuple[Swap, RefreshToken]:
    """Return the swap of a token at a time, and its successor."""
    successor = token.successor(key)
    swap = Swap(
        session_id=token.session_id,
        family=token.family,
        presented=token.digest,
        successor=successor.digest,
        now=now,
        grace=grace,
        expires=now + 7 * DAY,
        access_until=now + 900,
    )
    return replace(swap, **changes), successor  # type: ignore[arg-type]


async def started(
    store: SessionStore, user_id: str | int = "ada", **changes: object
) -> tuple[Session, RefreshToken]:
    session, token = begin(user_id, **changes)  # type: ignore[arg-type]
    await store.start(session, token.digest)
    return session, token


async def until(condition) -> None:
    """Wait for a condition that another task or process fulfils."""

    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.005)

    await asyncio.wait_for(wait(), MERCY)


async def found(
    store: SessionStore, session_id: str, now: float = NOW
) -> Session | None:
    """Ask a store with a short timeout until it has responded."""
    deadline = time.monotonic() + MERCY
    while True:
        try:
            return await store.get(session_id, now)
        except SessionStoreUnavailable:
            assert time.monotonic() < deadline


class ConfirmedFeed(RevocationFeed):
    """Records the times up to which the feed was complete."""

    def __init__(self, staleness: float) -> None:
        super().__init__(staleness)
        self.moments: list[float] = []

    def confirm(self, moment: float) -> None:
        super().confirm(moment)
        self.moments.append(moment)


class StoreConformance:
    """The tests; the module provides `store` and `other`."""

    # --- keeping and finding ------------------------------------------------

    async def test_a_session_is_returned_as_it_was_stored(self, store, other):
        session, _ = await started(store)
        assert await other.get(session.id, NOW) == session

    @pytest.mark.parametrize("user_id", ["ada", 7, "7", "Zoë 🦊", "a" * 300])
    async def test_user_ids_keep_their_type(self, store, other, user_id):
        session, _ = await started(store, user_id)
        found = await other.of_user(user_id, NOW)
        assert found == [session]
        assert type(found[0].user_id) is type(user_id)

    async def test_a_number_and_its_text_are_different_users(self, store):
        await started(store, 7)
        await started(store, "7")
        assert [s.user_id for s in await store.of_user(7, NOW)] == [7]
        assert [s.user_id for s in await store.of_user("7", NOW)] == ["7"]
        await store.revoke_all("7", NOW)
        assert [s.user_id for s in await store.of_user(7, NOW)] == [7]

    @pytest.mark.parametrize("label", ["", "Firefox 🦊", "x" * 255, "a\tb'\""])
    async def test_labels_are_stored(self, store, other, label):
        session, _ = await started(store, label=label)
        assert (await other.get(session.id, NOW)).label == label

    async def test_times_are_stored_to_the_millisecond(self, store, other):
        session, _ = await started(store, created=NOW + 0.125)
        found = await other.get(session.id, NOW)
        assert found.created == pytest.approx(NOW + 0.125, abs=1e-3)

    async def test_an_unknown_session_is_not_found(self, store):
        assert await store.get(new_session_id("ada"), NOW) is None
        assert await store.of_user("ada", NOW) == []

    @pytest.mark.requirement("R4")
    async def test_a_session_ends_when_it_expires(self, store):
        session, token = await started(store, expires=NOW + 100)
        assert await store.get(session.id, NOW + 99.9) is not None
        assert await store.get(session.id, NOW + 100) is None
        assert await store.of_user("ada", NOW + 100) == []
        assert await store.is_revoked(session.id, None, NOW + 100)
        swap, _ = swap_of(token, NOW + 100)
        assert await store.swap(swap) is Outcome.REFUSED

    async def test_sessions_of_a_user_are_sorted_by_last_use(self, store):
        first, _ = await started(store, created=NOW, last_used=NOW)
        second, _ = await started(store, created=NOW, last_used=NOW + 1)
        third, token = await started(store, created=NOW, last_used=NOW - 1)
        await started(store, "bob")
        await store.swap(swap_of(token, NOW + 2)[0])
        found = [s.id for s in await store.of_user("ada", NOW + 2)]
        assert found == [third.id, second.id, first.id]

    # --- swapping -----------------------------------------------------------

    async def test_the_current_token_is_swapped(self, store, other):
        session, token = await started(store)
        swap, successor = swap_of(token, NOW + 60)
        assert await store.swap(swap) is Outcome.SWAPPED
        assert await other.swap(swap_of(successor, NOW + 120)[0]) is (
            Outcome.SWAPPED
        )
        found = await other.get(session.id, NOW + 120)
        assert found == replace(
            session,
            last_used=NOW + 120,
            expires=NOW + 120 + 7 * DAY,
            access_until=NOW + 120 + 900,
        )

    @pytest.mark.requirement("R4")
    async def test_use_extends_a_session_up_to_its_absolute_end(self, store):
        session, token = await started(store, ends=NOW + 8 * DAY)
        assert await store.swap(swap_of(token, NOW + 6 * DAY)[0]) is (
            Outcome.SWAPPED
        )
        found = await store.get(session.id, NOW + 6 * DAY)
        assert found.expires == NOW + 8 * DAY
        assert await store.get(session.id, NOW + 8 * DAY) is None

    async def test_access_until_never_decreases(self, store):
        session, token = await started(store, access_until=NOW + 5000)
        await store.swap(swap_of(token, NOW + 1)[0])
        assert (await store.get(session.id, NOW + 1)).access_until == (
            NOW + 5000
        )

    @pytest.mark.requirement("R2")
    async def test_within_the_grace_window_the_successor_is_the_same(
        self, store, other
    ):
        session, token = await started(store)
        swap, successor = swap_of(token, NOW)
        assert await store.swap(swap) is Outcome.SWAPPED
        again, _ = swap_of(token, NOW + 9.9)
        assert await other.swap(again) is Outcome.AGAIN
        found = await store.get(session.id, NOW + 10)
        assert found.last_used == pytest.approx(NOW + 9.9, abs=1e-3)
        assert found.access_until == pytest.approx(NOW + 909.9, abs=1e-3)
        assert await store.swap(swap_of(successor, NOW + 11)[0]) is (
            Outcome.SWAPPED
        )

    @pytest.mark.requirement("R2")
    async def test_the_grace_window_does_not_move(self, store):
        _, token = await started(store)
        await store.swap(swap_of(token, NOW)[0])
        assert await store.swap(swap_of(token, NOW + 9)[0]) is Outcome.AGAIN
        assert await store.swap(swap_of(token, NOW + 10)[0]) is Outcome.REUSED

    @pytest.mark.requirement("R2")
    async def test_the_grace_window_may_be_shorter_than_a_second(self, store):
        _, token = await started(store)
        await store.swap(swap_of(token, NOW, 0.5)[0])
        for passed in (0, 0.25):
            swap, _ = swap_of(token, NOW + passed, 0.5)
            assert await store.swap(swap) is Outcome.AGAIN
        swap, _ = swap_of(token, NOW + 0.5, 0.5)
        assert await store.swap(swap) is Outcome.REUSED

    @pytest.mark.requirement("R3")
    async def test_reuse_after_the_grace_window_ends_the_family(
        self, store, other
    ):
        session, token = await started(store)
        swap, successor = swap_of(token, NOW)
        await store.swap(swap)
        assert await other.swap(swap_of(token, NOW + 10)[0]) is Outcome.REUSED
        assert await store.get(session.id, NOW + 10) is None
        assert await store.is_revoked(session.id, None, NOW + 10)
        assert await store.swap(swap_of(successor, NOW + 10)[0]) is (
            Outcome.REFUSED
        )

    @pytest.mark.requirement("R3")
    async def test_without_a_grace_window_every_reuse_ends_the_family(
        self, store
    ):
        session, token = await started(store)
        assert await store.swap(swap_of(token, NOW, 0)[0]) is Outcome.SWAPPED
        assert await store.swap(swap_of(token, NOW, 0)[0]) is Outcome.REUSED
        assert await store.get(session.id, NOW) is None

    @pytest.mark.requirement("R10")
    @pytest.mark.parametrize("behind", [0.001, 5, DAY])
    async def test_a_slow_clock_does_not_open_the_grace_window(
        self, store, other, behind
    ):
        session, token = await started(store)
        assert await store.swap(swap_of(token, NOW, 0)[0]) is Outcome.SWAPPED
        late, _ = swap_of(token, NOW - behind, 0)
        assert await other.swap(late) is Outcome.REUSED
        assert await store.get(session.id, NOW) is None

    @pytest.mark.requirement("R10")
    async def test_a_slow_clock_is_within_the_grace_window(self, store, other):
        _, token = await started(store)
        await store.swap(swap_of(token, NOW)[0])
        late, _ = swap_of(token, NOW - 60)
        assert await other.swap(late) is Outcome.AGAIN
        # and it does not keep the window open for the others
        assert await store.swap(swap_of(token, NOW + 10)[0]) is Outcome.REUSED

    @pytest.mark.requirement("R10")
    @pytest.mark.parametrize("again", [True, False])
    async def test_a_slow_clock_does_not_shorten_a_session(
        self, store, other, again
    ):
        session, token = await started(store)
        swap, successor = swap_of(token, NOW + 60)
        await store.swap(swap)
        before = await store.get(session.id, NOW)
        late, _ = swap_of(token if again else successor, NOW + 30)
        assert await other.swap(late) is (
            Outcome.AGAIN if again else Outcome.SWAPPED
        )
        assert await store.get(session.id, NOW) == before

    @pytest.mark.requirement("R10")
    async def test_with_clocks_that_disagree_one_use_succeeds(
        self, store, other
    ):
        session, token = await started(store)
        outcomes = await asyncio.gather(
            *(
                (store, other)[i % 2].swap(swap_of(token, NOW - i, 0)[0])
                for i in range(20)
            )
        )
        assert outcomes.count(Outcome.SWAPPED) == 1
        assert outcomes.count(Outcome.REUSED) == 1
        assert outcomes.count(Outcome.REFUSED) == 18
        assert await store.get(session.id, NOW) is None

    @pytest.mark.requirement("R10")
    async def test_a_revocation_is_kept_for_a_while_after_its_end(
        self, store, other
    ):
        """A process with a slow clock may still accept the token."""
        await store.revoke_token("token-1", NOW + 1, NOW)
        for number in range(20):
            await store.revoke_token(f"late-{number}", NOW + 99, NOW + 50)
        assert await other.is_revoked(None, "token-1", NOW)

    @pytest.mark.requirement("R3")
    async def test_an_older_token_is_reuse_within_the_grace_window_too(
        self, store
    ):
        session, token = await started(store)
        swap, second = swap_of(token, NOW)
        await store.swap(swap)
        await store.swap(swap_of(second, NOW + 1)[0])
        assert await store.swap(swap_of(token, NOW + 2)[0]) is Outcome.REUSED
        assert await store.get(session.id, NOW + 2) is None

    async def test_another_key_is_refused_within_the_grace_window(self, store):
        session, token = await started(store)
        swap, successor = swap_of(token, NOW)
        await store.swap(swap)
        other_key, _ = swap_of(token, NOW + 1, key=b"o" * 32)
        before = await store.get(session.id, NOW + 1)
        assert await store.swap(other_key) is Outcome.REFUSED
        assert await store.get(session.id, NOW + 1) == before
        assert await store.swap(swap_of(successor, NOW + 1)[0]) is (
            Outcome.SWAPPED
        )

    @pytest.mark.requirement("R3")
    async def test_a_forged_token_does_not_end_a_family(self, store):
        session, token = await started(store)
        made_up = RefreshToken.first(session.id)
        assert await store.swap(swap_of(made_up, NOW)[0]) is Outcome.REFUSED
        assert await store.get(session.id, NOW) == session
        assert await store.swap(swap_of(token, NOW)[0]) is Outcome.SWAPPED

    async def test_the_family_of_another_session_is_refused(self, store):
        session, token = await started(store)
        _, others = await started(store)
        mixed, _ = swap_of(others, NOW, session_id=session.id)
        assert await store.swap(mixed) is Outcome.REFUSED
        assert await store.swap(swap_of(token, NOW)[0]) is Outcome.SWAPPED

    # --- revoking -----------------------------------------------------------

    @pytest.mark.requirement("R1")
    async def test_a_revoked_session_is_not_found(self, store, other):
        session, token = await started(store)
        kept, _ = await started(store)
        assert not await other.is_revoked(session.id, None, NOW)
        ended = await store.revoke(session.id, NOW)
        assert ended == {session.id: NOW + 900}
        assert await other.get(session.id, NOW) is None
        assert await other.is_revoked(session.id, None, NOW)
        assert await other.swap(swap_of(token, NOW)[0]) is Outcome.REFUSED
        assert await other.of_user("ada", NOW) == [kept]
        assert await store.revoke(session.id, NOW) == {}

    async def test_revoking_what_does_not_exist_returns_nothing(self, store):
        assert await store.revoke(new_session_id("ada"), NOW) == {}
        assert await store.revoke_all("ada", NOW) == {}
        expired, _ = await started(store, expires=NOW + 10)
        assert await store.revoke(expired.id, NOW + 10) == {}
        assert await store.revoke_all("ada", NOW + 10) == {}

    @pytest.mark.requirement("R1")
    async def test_all_sessions_of_a_user_are_revoked(self, store, other):
        mine = [(await started(store))[0].id for _ in range(3)]
        theirs, _ = await started(store, "bob")
        ended = await store.revoke_all("ada", NOW)
        assert ended == dict.fromkeys(mine, NOW + 900)
        assert await other.of_user("ada", NOW) == []
        assert await other.of_user("bob", NOW) == [theirs]

    async def test_all_sessions_but_one_are_revoked(self, store):
        kept, token = await started(store)
        gone, _ = await started(store)
        ended = await store.revoke_all("ada", NOW, but=kept.id)
        assert [*ended] == [gone.id]
        assert await store.of_user("ada", NOW) == [kept]
        assert await store.swap(swap_of(token, NOW)[0]) is Outcome.SWAPPED

    async def test_a_user_can_log_in_after_all_sessions_are_revoked(
        self, store
    ):
        await started(store)
        await store.revoke_all("ada", NOW)
        session, _ = await started(store)
        assert await store.of_user("ada", NOW) == [session]

    @pytest.mark.requirement("R1")
    async def test_one_token_is_revoked_until_it_expires(self, store, other):
        session, _ = await started(store)
        await store.revoke_token("token-1", NOW + 100, NOW)
        assert await other.is_revoked(session.id, "token-1", NOW + 99)
        assert await other.is_revoked(None, "token-1", NOW + 99)
        assert not await other.is_revoked(session.id, "token-2", NOW + 99)
        assert not await other.is_revoked(None, "token-1", NOW + 100)

    @pytest.mark.requirement("R1")
    async def test_the_longer_of_two_revocations_counts(self, store, other):
        for seconds in (100, 900, 100):
            await store.revoke_token("token-1", NOW + seconds, NOW)
        assert await other.is_revoked(None, "token-1", NOW + 899)
        assert not await other.is_revoked(None, "token-1", NOW + 900)
        feed = RevocationFeed(PATIENCE)
        following = asyncio.create_task(feed.follow(other))
        try:
            await until(lambda: feed.is_current)
            assert feed.revoked["token-1"] == NOW + 900
        finally:
            await feed.end(following)

    # --- many sessions of a user --------------------------------------------

    @pytest.mark.requirement("R12")
    async def test_a_list_is_read_in_pages(self, store, other):
        """Several sessions have the same time at the end of a page."""
        times = [NOW + n // 4 for n in range(11)]
        ids = [
            (await started(store, last_used=moment))[0].id for moment in times
        ]
        await started(store, "bob")
        expected = sorted(zip(times, ids, strict=True), reverse=True)
        found, after = [], None
        while True:
            page = await other.page("ada", NOW, 3, after)
            assert len(page.sessions) <= 3
            found += [(s.last_used, s.id) for s in page.sessions]
            after = page.following
            if after is None:
                break
            assert Cursor.parse(str(after)) == after
        assert found == expected

    async def test_a_full_last_page_is_not_followed_by_another(self, store):
        for _ in range(4):
            await started(store)
        first = await store.page("ada", NOW, 2)
        last = await store.page("ada", NOW, 2, first.following)
        assert len(last.sessions) == 2
        assert last.following is None
        assert await store.page("bob", NOW, 2) == ([], None)

    async def test_a_page_can_begin_at_a_session_that_has_ended(self, store):
        begun = [await started(store, last_used=NOW + n) for n in range(5)]
        ids = [session.id for session, _ in begun[::-1]]
        page = await store.page("ada", NOW, 2)
        assert [s.id for s in page.sessions] == ids[:2]
        await store.revoke(ids[1], NOW)
        await store.swap(swap_of(begun[-3][1], NOW + 60)[0])
        page = await store.page("ada", NOW, 2, page.following)
        assert [s.id for s in page.sessions] == ids[3:]

    @pytest.mark.requirement("R12")
    async def test_expired_sessions_are_not_listed(self, store):
        store.step = 2
        for number in range(7):
            await started(store, expires=NOW + 10, last_used=NOW + number)
        kept, _ = await started(store, last_used=NOW - 1)
        assert await store.of_user("ada", NOW + 10) == [kept]
        assert await store.of_user("ada", NOW + 3600) == [kept]

    @pytest.mark.requirement("R12")
    async def test_above_the_limit_the_least_recently_used_session_ends(
        self, store, other
    ):
        begun = [
            (await started(store, last_used=NOW + n)) for n in (3, 1, 2, 4)
        ]
        await started(store, "bob")
        await store.swap(swap_of(begun[1][1], NOW + 9)[0])
        new, token = begin(now=NOW + 10)
        before = await store.get(begun[2][0].id, NOW + 10)
        ended = await other.start(new, token.digest, 4)
        assert [*ended] == [before]
        assert await store.get(before.id, NOW + 10) is None
        assert await store.is_revoked(before.id, None, NOW + 10)
        swap, _ = swap_of(begun[2][1], NOW + 10)
        assert await store.swap(swap) is Outcome.REFUSED
        assert [s.id for s in await store.of_user("ada", NOW + 10)] == [
            new.id,
            *(begun[n][0].id for n in (1, 3, 0)),
        ]
        assert len(await store.of_user("bob", NOW + 10)) == 1

    @pytest.mark.requirement("R12")
    async def test_up_to_the_limit_no_session_ends(self, store):
        over, _ = await started(store, expires=NOW + 5, last_used=NOW + 5)
        for number in range(3):
            await started(store, last_used=NOW + number)
        new, token = begin(now=NOW + 5)
        assert [*await store.start(new, token.digest, 4)] == []
        assert await store.get(over.id, NOW + 5) is None
        assert len(await store.of_user("ada", NOW + 5)) == 4

    @pytest.mark.requirement("R12")
    async def test_expired_sessions_do_not_count_towards_the_limit(
        self, store, other
    ):
        for number in range(3):
            await started(store, expires=NOW + 5, last_used=NOW - number)
        living = [
            (await started(store, last_used=NOW + n))[0] for n in (1, 2, 3)
        ]
        new, token = begin(now=NOW + 5)
        assert [*await other.start(new, token.digest, 3)] == living[:1]
        left = await store.of_user("ada", NOW + 5)
        assert left == [new, *living[:0:-1]]

    @pytest.mark.requirement("R10")
    @pytest.mark.requirement("R12")
    async def test_a_slow_clock_finds_all_sessions(self, store, other):
        """A login by a process with a fast clock hides none of them."""
        session, token = await started(store, expires=NOW + 10)
        ahead, _ = await started(other, now=NOW + 50)
        assert await other.of_user("ada", NOW + 50) == [ahead]
        assert await store.of_user("ada", NOW) == [ahead, session]
        ended = await store.revoke_all("ada", NOW)
        assert ended.keys() == {session.id, ahead.id}
        swap, _ = swap_of(token, NOW)
        assert await store.swap(swap) is Outcome.REFUSED

    @pytest.mark.requirement("R12")
    async def test_a_new_session_never_evicts_itself(self, store):
        """The clock of its process may be slow."""
        old = [(await started(store))[0] for _ in range(3)]
        new, token = begin(now=NOW - 60)
        ended = await store.start(new, token.digest, 1)
        assert {s.id for s in ended} == {s.id for s in old}
        assert await store.of_user("ada", NOW) == [new]

    @pytest.mark.requirement("R12")
    async def test_many_sessions_above_the_limit_end_in_steps(self, store):
        store.step = 3
        for number in range(8):
            await started(store, last_used=NOW + number)
        left = []
        for number in range(4):
            new, token = begin(now=NOW + 60 + number)
            ended = await store.start(new, token.digest, 2)
            assert len(ended) <= 3
            left.append(len(await store.of_user("ada", NOW)))
        assert left == [6, 4, 2, 2]

    @pytest.mark.requirement("R12")
    async def test_concurrent_logins_keep_to_the_limit(self, store, other):
        async def log_in(number):
            session, token = begin(now=NOW + number)
            place = (store, other)[number % 2]
            return await place.start(session, token.digest, 5)

        told = await asyncio.gather(*(log_in(n) for n in range(50)))
        ended = [session.id for each in told for session in each]
        assert len(ended) == len({*ended})
        left = await store.of_user("ada", NOW + 50)
        assert 5 <= len(left) == 50 - len(ended)
        ended = await log_in(60)
        left = await store.of_user("ada", NOW + 60)
        assert len(left) == 5
        assert left[0].last_used == NOW + 60

    @pytest.mark.requirement("R12")
    async def test_many_sessions_are_revoked_in_steps(self, store, other):
        store.step = 3
        ids = {(await started(store))[0].id for _ in range(10)}
        kept, token = await started(store, expires=NOW + 60)
        theirs, _ = await started(store, "bob")
        ended = await store.revoke_all("ada", NOW, but=kept.id)
        assert ended == dict.fromkeys(ids, NOW + 900)
        assert await other.of_user("ada", NOW) == [kept]
        assert await other.of_user("bob", NOW) == [theirs]
        assert await other.swap(swap_of(token, NOW)[0]) is Outcome.SWAPPED

    @pytest.mark.requirement("R3")
    @pytest.mark.requirement("R12")
    async def test_a_refresh_between_steps_does_not_save_a_session(
        self, store, other
    ):
        store.step = 2
        tokens = {}
        for number in range(9):
            session, token = await started(store, number % 2)
            tokens[session.id] = token
        ended = {}
        async for step in store.revoke_everyone(NOW):
            assert len(step) <= 3
            ended.update(step)
            for session_id in tokens.keys() - ended.keys():
                swap, tokens[session_id] = swap_of(
                    tokens[session_id], NOW + len(ended), access_until=NOW
                )
                assert await other.swap(swap) is Outcome.SWAPPED
        assert ended.keys() == tokens.keys()
        for token in tokens.values():
            swap, _ = swap_of(token, NOW + 60)
            assert await other.swap(swap) is Outcome.REFUSED

    @pytest.mark.requirement("R3")
    async def test_a_refresh_that_races_with_the_steps_does_not_save_a_session(
        self, store, other
    ):
        store.step = 1
        begun = [await started(store) for _ in range(6)]

        async def use(token):
            while True:
                swap, token = swap_of(token, NOW)
                if await other.swap(swap) is not Outcome.SWAPPED:
                    return token
                await asyncio.sleep(0)

        ended = {}

        async def end():
            ended.update(await store.revoke_all("ada", NOW))

        tokens = (
            await asyncio.gather(end(), *(use(token) for _, token in begun))
        )[1:]
        assert ended.keys() == {session.id for session, _ in begun}
        for token in tokens:
            swap, _ = swap_of(token, NOW)
            assert await other.swap(swap) is Outcome.REFUSED
        assert await store.of_user("ada", NOW) == []

    @pytest.mark.requirement("R12")
    async def test_all_sessions_of_all_users_end(self, store, other):
        ids = {(await started(store, n))[0].id for n in range(20)}
        # expired by this clock, but perhaps not by the clocks of others
        behind, _ = await started(store, created=NOW - 100, expires=NOW - 30)
        ids.add(behind.id)
        feed = RevocationFeed(PATIENCE)
        following = asyncio.create_task(feed.follow(other))
        try:
            await until(lambda: feed.is_current)
            ended = {}
            async for step in store.revoke_everyone(NOW):
                ended.update(step)
            assert ended == dict.fromkeys(ids, NOW + 900)
            await until(lambda: feed.revoked.keys() >= ids)
        finally:
            await feed.end(following)
        for number in range(20):
            assert await other.of_user(number, NOW) == []
        for session_id in ids:
            assert await other.is_revoked(session_id, None, NOW)
        session, _ = await started(store)
        assert await other.of_user("ada", NOW) == [session]

    @pytest.mark.requirement("R12")
    async def test_a_feed_learns_which_sessions_a_login_has_ended(
        self, store, other
    ):
        feed = RevocationFeed(PATIENCE)
        following = asyncio.create_task(feed.follow(other))
        try:
            await until(lambda: feed.is_current)
            old, _ = await started(store)
            new, token = begin()
            await store.start(new, token.digest, 1)
            await until(lambda: old.id in feed.revoked)
            assert feed.revoked[old.id] == NOW + 900
        finally:
            await feed.end(following)

    # --- concurrency --------------------------------------------------------

    @pytest.mark.requirement("R2")
    async def test_one_of_several_concurrent_uses_is_the_first(
        self, store, other
    ):
        _, token = await started(store)
        swap, successor = swap_of(token, NOW)
        outcomes = await asyncio.gather(
            *((store, other)[i % 2].swap(swap) for i in range(20))
        )
        assert outcomes.count(Outcome.SWAPPED) == 1
        assert outcomes.count(Outcome.AGAIN) == 19
        assert await store.swap(swap_of(successor, NOW + 1)[0]) is (
            Outcome.SWAPPED
        )

    @pytest.mark.requirement("R3")
    async def test_without_a_grace_window_one_use_succeeds(self, store, other):
        session, token = await started(store)
        swap, successor = swap_of(token, NOW, 0)
        outcomes = await asyncio.gather(
            *((store, other)[i % 2].swap(swap) for i in range(20))
        )
        assert outcomes.count(Outcome.SWAPPED) == 1
        assert outcomes.count(Outcome.REUSED) == 1
        assert await store.get(session.id, NOW) is None
        assert await store.swap(swap_of(successor, NOW)[0]) is Outcome.REFUSED

    @pytest.mark.requirement("R3")
    async def test_a_logout_leaves_no_valid_successor(self, store, other):
        for round_number in range(10):
            session, token = await started(store)
            swap, successor = swap_of(token, NOW)
            steps = [store.swap(swap), other.revoke(session.id, NOW)]
            if round_number % 2:
                steps.reverse()
            await asyncio.gather(*steps)
            assert await store.get(session.id, NOW) is None
            assert await store.swap(swap_of(successor, NOW)[0]) is (
                Outcome.REFUSED
            )

    # --- the feed -----------------------------------------------------------

    async def test_a_feed_learns_past_and_new_revocations(self, store, other):
        before, _ = await started(store)
        await store.revoke(before.id, NOW)
        await store.revoke_token("token-1", NOW + 900, NOW)
        feed = RevocationFeed(PATIENCE)
        following = asyncio.create_task(feed.follow(other))
        try:
            await until(lambda: feed.is_current)
            assert feed.revoked[before.id] == NOW + 900
            assert feed.revoked["token-1"] == NOW + 900
            after, _ = await started(store)
            await store.revoke(after.id, NOW)
            await until(lambda: after.id in feed.revoked)
            many = [(await started(store, "bob"))[0].id for _ in range(3)]
            await store.revoke_all("bob", NOW)
            await until(lambda: feed.revoked.keys() >= {*many})
            await store.revoke_token("token-2", NOW + 900, NOW)
            await until(lambda: "token-2" in feed.revoked)
            reused, token = await started(store)
            await store.swap(swap_of(token, NOW, 0)[0])
            await store.swap(swap_of(token, NOW, 0)[0])
            await until(lambda: reused.id in feed.revoked)
            assert feed.is_current
        finally:
            await feed.end(following)

    @pytest.mark.requirement("W3")
    async def test_a_feed_learns_of_a_session_that_outlived_its_tokens(
        self, store, other
    ):
        """A WebSocket may be open that lives with the session."""
        now = time.time()
        session, _ = await started(
            store, now=now - DAY, access_until=now - DAY + 900
        )
        await store.revoke(session.id, now)
        feed = RevocationFeed(PATIENCE)
        following = asyncio.create_task(feed.follow(other))
        try:
            await until(lambda: feed.is_current)
            assert session.id in feed.revoked
        finally:
            await feed.end(following)

    async def test_a_feed_stays_current(self, store, other):
        feed = ConfirmedFeed(other.staleness)
        following = asyncio.create_task(feed.follow(other))
        try:
            await until(lambda: feed.is_current)
            await until(
                lambda: (
                    len({*feed.moments}) > 3 or feed.moments[-1] == math.inf
                )
            )
        finally:
            await feed.end(following)

    # --- life of the store --------------------------------------------------

    async def test_a_closed_store_can_be_opened_again(self, store):
        session, _ = await started(store)
        await store.close()
        await store.open()
        if store.shared:
            assert await store.get(session.id, NOW) == session
        another, _ = await started(store)
        assert await store.get(another.id, NOW) == another
