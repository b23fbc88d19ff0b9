"""What many workers and sessions ask of a store, from what was measured.

Arithmetic alone: the costs come from `scale`, the rest is assumed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

INTERVAL = 1.0
"""The `feed_interval` of a store, in seconds."""

ACCESS_LIFETIME = 15 * 60
"""For how many seconds an access token is valid, and its revocation kept."""

IDLE_LIFETIME = 7 * 24 * 3600
ACTIVE = 0.05
"""The part of the sessions that is in use at one time."""

POOL = 5
"""The connections of a worker that are in use, besides that of its feed."""

POSTGRESQL_CORES = 16
MAX_CONNECTIONS = 1_000
Results = dict[str, Any]


@dataclass(frozen=True)
class Setup:
    """An application.

    Args:
        workers: The processes that serve requests.
        sessions: The sessions that are stored.
        revocations: The revocations in a minute.
    """

    workers: int
    sessions: int
    revocations: int

    @property
    def revoked(self) -> float:
        """The revocations in a second."""
        return self.revocations / 60

    @property
    def kept(self) -> float:
        """The revocations that matter at one time."""
        return self.revoked * ACCESS_LIFETIME

    @property
    def rates(self) -> dict[str, float]:
        """The operations in a second; what ends is begun again."""
        return {
            "log-in": self.sessions / IDLE_LIFETIME + self.revoked,
            "refresh": self.sessions * ACTIVE / ACCESS_LIFETIME,
            "revocation": self.revoked,
        }


SETUPS = (
    Setup(10, 100_000, 100),
    Setup(100, 1_000_000, 1_000),
    Setup(1_000, 10_000_000, 10_000),
)
LARGE = SETUPS[-1]


@dataclass(frozen=True)
class Load:
    """What a setup asks of a kind of store.

    Args:
        requests: The cores that the requests of users take.
        sending: The cores that pushing to all workers takes.
        reading: The cores that the reads of all workers take.
        messages: The messages to workers in a second.
        reads: The reads of feeds in a second.
        octets: The memory of Redis, or the disk of PostgreSQL.
    """

    requests: float
    sending: float
    reading: float
    messages: float
    reads: float
    octets: float

    @property
    def cores(self) -> float:
        """All cores."""
        return self.requests + self.sending + self.reading


def load(costs: Results, setup: Setup, pause: float, pushed: bool) -> Load:
    """Return what a setup asks of a store.

    Args:
        costs: What `scale` has found for its kind.
        setup: The application.
        pause: The seconds between two reads of a feed.
        pushed: Whether revocations are pushed.
    """
    server, octets = costs["server"], costs["octets"]
    requests = sum(server[n] * rate for n, rate in setup.rates.items())
    messages = setup.revoked * setup.workers if pushed else 0.0
    reads = setup.workers / pause
    each = server["read" if pushed else "poll"]
    reading = reads * each
    if costs.get("more"):  # the log is read by number: all that is new in it
        reading += setup.revoked * setup.workers * server["row"]
    return Load(
        requests=requests / 1e6,
        sending=messages * server["push"] / 1e6,
        reading=reading / 1e6,
        messages=messages,
        reads=reads,
        octets=setup.sessions * octets["session"]
        + setup.kept * octets["revocation"],
    )


def loads(found: Results, setup: Setup) -> dict[str, Load]:
    """Return the load of each kind of store, with and without pushing."""
    redis, postgresql = (
        found["kinds"][kind] for kind in ("Redis", "PostgreSQL")
    )
    return {
        "Redis": load(redis, setup, INTERVAL, pushed=True),
        "PostgreSQL": load(postgresql, setup, 2 * INTERVAL, pushed=True),
        "PostgreSQL, listen=False": load(
            postgresql, setup, INTERVAL, pushed=False
        ),
    }


def worker_octets(found: Results, setup: Setup) -> float:
    """Return the memory of a feed; expired entries may double it."""
    octets: float = 2 * setup.kept * found["feed"]
    return octets


@dataclass(frozen=True)
class Limit:
    """What may run out first.

    Args:
        what: What it is.
        asked: How much of it is asked for.
        there: How much there is.
        unit: The unit of both.
    """

    what: str
    asked: float
    there: float
    unit: str

    @property
    def share(self) -> float:
        """The part that is in use; more than 1 is too much."""
        return self.asked / self.there


def limits(found: Results, setup: Setup) -> Iterator[Limit]:
    """Yield what may run out, the scarcest first."""
    each, more = loads(found, setup), found["kinds"]["PostgreSQL"]["more"]
    places = {
        "Redis: one core runs all commands": (each["Redis"].cores, 1, "cores"),
        "PostgreSQL: commits that notify, one after the other": (
            setup.revoked,
            more["pushed commits"],
            "a second",
        ),
        "PostgreSQL: cores": (
            each["PostgreSQL"].cores,
            POSTGRESQL_CORES,
            "cores",
        ),
        "PostgreSQL, `listen=False`: cores": (
            each["PostgreSQL, listen=False"].cores,
            POSTGRESQL_CORES,
            "cores",
        ),
        "PostgreSQL: connections": (
            setup.workers * (POOL + 1),
            MAX_CONNECTIONS,
            "connections",
        ),
    }
    every = [Limit(what, *rest) for what, rest in places.items()]
    yield from sorted(every, key=lambda limit: -limit.share)
