"""What many workers ask of a store follows from what was measured."""

import pytest

from . import scale, sizing
from .sizing import Setup

EVERY = dict.fromkeys(
    ("log-in", "refresh", "revocation", "read", "poll", "push", "row"), 0.0
)
SMALL = Setup(workers=100, sessions=90_000, revocations=600)


def costs(more=None, **server):
    return {
        "server": EVERY | server,
        "octets": {"session": 1_000.0, "revocation": 100.0},
        "more": more or {},
    }


def test_each_revocation_goes_to_each_worker():
    load = sizing.load(costs(push=20.0), SMALL, 1, pushed=True)
    assert load.messages == 1_000
    assert load.sending == pytest.approx(0.02)


def test_a_feed_that_is_not_pushed_receives_no_messages():
    load = sizing.load(costs(push=20.0, poll=50.0), SMALL, 2, pushed=False)
    assert load.messages == 0
    assert load.reads == 50
    assert load.reading == pytest.approx(0.0025)


def test_each_worker_of_postgresql_reads_each_revocation():
    found = costs({"commits": 1.0}, row=2.0)
    load = sizing.load(found, SMALL, 1, pushed=True)
    assert load.reading == pytest.approx(0.002)


def test_active_sessions_are_refreshed():
    load = sizing.load(costs(refresh=100.0), SMALL, 1, pushed=True)
    assert load.requests == pytest.approx(5 * 100e-6)


def test_a_store_keeps_sessions_and_revocations():
    load = sizing.load(costs(), SMALL, 1, pushed=True)
    assert load.octets == 90_000 * 1_000 + 9_000 * 100


def test_the_scarcest_limit_comes_first():
    more = {"pushed commits": 5.0, "commits": 50.0}
    kinds = {"Redis": costs(), "PostgreSQL": costs(more)}
    first, *others = sizing.limits({"kinds": kinds, "feed": 100.0}, SMALL)
    assert "notify" in first.what
    assert first.share == 2
    assert all(limit.share <= 2 for limit in others)


def test_a_feed_counts_how_often_it_was_confirmed():
    feed = scale.CountingFeed(3)
    for moment in (900.0, 901.0):
        feed.confirm(moment)
    assert feed.confirmations == 2


@pytest.mark.long
@pytest.mark.parametrize("kind", scale.KINDS)
async def test_every_cost_is_measured(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(scale, "KINDS", {kind: scale.KINDS[kind]})
    monkeypatch.setattr(scale, "READS", 10)
    monkeypatch.setattr(scale, "ROWS", 200)
    monkeypatch.setattr(scale, "FEEDS", 2)
    found = (await scale.run(tmp_path, 0))["kinds"][kind]
    assert found["server"].keys() == EVERY.keys() | {"check"}
    assert found["octets"].keys() == {"session", "revocation"}
