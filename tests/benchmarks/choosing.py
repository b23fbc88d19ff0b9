"""The tables and figures for people who choose: a store, and how big it is."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from sanic_jwt_oo.sessions.model import SHARDS

from . import sizing
from .figures import Rates, median
from .markdown import number, table
from .sizing import LARGE, SETUPS

Results = dict[str, Any]
KINDS = ("SQLite", "PostgreSQL", "Redis")
COSTS = (
    *("log-in", "refresh", "check", "revocation"),
    *("read", "poll", "push", "row"),
)


def octets(count: float) -> str:
    """Return a size with its unit."""
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def costs(results: Results) -> Results:
    """Return what `scale` has found, with the sizes of many sessions."""
    found: Results = deepcopy(results["scale"])
    for kind, growth in results.get("growth", {}).get("kinds", {}).items():
        if kind in found["kinds"]:
            found["kinds"][kind]["octets"]["session"] = growth["octets"]
    return found


def check_table(results: Results) -> str:
    """Return what a check with `feed` and `store` costs."""
    kinds = costs(results)["kinds"]
    feed = results["scale"]["check"]
    million = f"{1 / feed:.0f} million"
    rows = [["`feed`", "all", f"{feed:.2g} µs", million, "none"]]
    for kind in KINDS:
        spent = median(results["stores"]["kinds"][kind]["check"]["ours"])
        cores = "-"
        if kind in kinds:
            cores = number(kinds[kind]["server"]["check"] / 100)
        row = [kind, f"{spent:,.0f} µs", f"{1e6 / spent:,.0f}", cores]
        rows.append(["`store`", *row])
    heads = ["", "store", "waits", "a worker at most, a second"]
    return table([*heads, "10,000 checks a second, cores"], rows)


def size_table(results: Results) -> str:
    """Return how big a store has to be."""
    rows = []
    for setup in SETUPS:
        loads = sizing.loads(costs(results), setup)
        rows.append(
            [
                f"{setup.workers:,}",
                f"{setup.sessions:,}",
                f"{setup.revocations:,}",
                octets(loads["Redis"].octets),
                number(loads["Redis"].cores),
                octets(loads["PostgreSQL"].octets),
                *(
                    number(loads[name].cores)
                    for name in ("PostgreSQL", "PostgreSQL, listen=False")
                ),
                octets(sizing.worker_octets(costs(results), setup)),
            ]
        )
    heads = ["workers", "sessions", "revocations a minute"]
    heads += ["Redis, memory", "Redis, cores", "PostgreSQL, disk"]
    heads += ["PostgreSQL, cores", "with `listen=False`, cores"]
    return table([*heads, "memory of a worker"], rows)


def cost_table(results: Results) -> str:
    """Return the processor time of each operation."""
    kinds = costs(results)["kinds"]
    rows = [
        [
            name,
            *(
                number(found[side][name])
                for found in kinds.values()
                for side in ("server", "worker")
            ),
        ]
        for name in COSTS
    ]
    heads = [
        f"{kind}, {side}" for kind in kinds for side in ("server", "worker")
    ]
    return table(["", *heads], rows)


def limit_table(results: Results) -> str:
    """Return what runs out first."""
    rows = [
        [
            limit.what,
            f"{number(limit.asked)} {limit.unit}",
            f"{number(limit.there)} {limit.unit}",
            f"{100 * limit.share:.0f} %",
        ]
        for limit in sizing.limits(costs(results), LARGE)
    ]
    return table(["", "asked for", "there is", "in use"], rows)


def facts(results: Results) -> dict[str, object]:
    """Return what the texts mention besides the tables."""
    rates, found = Rates(results["rates"]), costs(results)
    loads = sizing.loads(found, LARGE)
    postgresql = found["kinds"]["PostgreSQL"]
    worker, more = postgresql["worker"], postgresql["more"]
    received = worker["push"] + worker["row"]
    restart = LARGE.kept * LARGE.workers * postgresql["server"]["row"]

    def to_open(server: str, mode: str) -> str:
        key = server, "HS256", "protected"
        return number(median(rates.to_open(*key, mode)))

    checks = {
        kind: median(results["stores"]["kinds"][kind]["check"]["ours"])
        for kind in KINDS
    }
    quickest, slowest = min(checks.values()), max(checks.values())
    return {
        "ours_warm_ratio": to_open("ours", "warm"),
        "ours_cold_ratio": to_open("ours", "cold"),
        "theirs_warm_ratio": to_open("sanic-jwt", "warm"),
        "check_times": ", ".join(
            f"{spent:,.0f} µs with {kind}" for kind, spent in checks.items()
        ),
        "feed_time": f"{found['check']:.2g}",
        "store_time": f"{quickest:,.0f} to {slowest:,.0f}",
        "store_checks": f"{1e6 / slowest:,.0f} to {1e6 / quickest:,.0f}",
        "workers": f"{LARGE.workers:,}",
        "sessions": f"{LARGE.sessions:,}",
        "revocations": f"{LARGE.revocations:,}",
        "scale_date": found["date"],
        "scale_commit": found["commit"],
        "scale_processor": found["processor"],
        "lifetime": sizing.ACCESS_LIFETIME // 60,
        "active": f"{100 * sizing.ACTIVE:.0f} %",
        "messages": f"{loads['Redis'].messages:,.0f}",
        "received": f"{LARGE.revoked:.0f}",
        "worker_share": f"{LARGE.revoked * received / 1e4:.1f} %",
        "redis_reads": f"{loads['Redis'].reads:,.0f}",
        "pushed_reads": f"{loads['PostgreSQL'].reads:,.0f}",
        "polled_reads": f"{loads['PostgreSQL, listen=False'].reads:,.0f}",
        "redis_messages": number(loads["Redis"].sending),
        "redis_checks": number(loads["Redis"].reading),
        "redis_requests": number(loads["Redis"].requests),
        "shards": SHARDS,
        "pushed_commits": f"{more['pushed commits']:,.0f}",
        "commits": f"{more['commits']:,.0f}",
        "connection": f"{more['connection'] / 2**20:.1f}",
        "feed_octets": f"{found['feed']:.0f}",
        "kept": f"{LARGE.kept:,.0f}",
        "restart": f"{restart / 1e6:,.0f}",
    }
