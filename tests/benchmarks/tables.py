"""The tables of the performance pages, each from the results of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import choosing
from .application import PACKAGES
from .figures import ALGORITHMS, Rates, added, median, ratio
from .goals import goals
from .markdown import number, spread, table

OURS = "ours"
ROUTES = ("protected", "protected, POST", "scoped", "user", "auth")
Results = dict[str, Any]


def goal_table(results: Results) -> str:
    """Return what was to be reached, and what was."""
    rows = []
    for goal in goals(results):
        word = "at most" if goal.at_most else "at least"
        bound = f"{word} {number(goal.bound)}"
        found = spread(goal.values)
        rows.append([goal.what, bound, found, "yes" if goal.reached else "no"])
    return table(["", "goal", "measured", "reached"], rows)


def rate_table(results: Results) -> str:
    """Return the ratios of guarded Sanic routes to open ones."""
    rates = Rates(results["rates"])
    rows = [
        [*_name(key), *_pair(rates, key), *_absolute(rates, key)]
        for key in _sorted(rates)
        if key[2] != "auth"
    ]
    heads = ["", "route", "algorithm", "warm", "cold", "open, requests/s"]
    return table(heads, rows)


def log_in_table(results: Results) -> str:
    """Return the ratios of log-ins to a route that echoes."""
    rates = Rates(results["rates"])
    rows = [
        [
            key[0],
            key[1],
            spread(rates.to_open(*key, "cold")),
            f"{median(rates.rate(*key, 'cold')):,.0f}",
        ]
        for key in _sorted(rates)
        if key[2] == "auth"
    ]
    return table(["", "algorithm", "to the echo", "log-ins/s"], rows)


def peer_table(results: Results) -> str:
    """Return the ratios of the peers, with what they ran on."""
    rates = Rates(results["rates"])
    versions = results["rates"]["peers"]
    rows = []
    for key in rates:
        if key[0] in versions:
            on = ", ".join(f"{n} {v}" for n, v in versions[key[0]].items())
            rows.append([on, *_pair(rates, key), *_absolute(rates, key)])
    return table(["", "warm", "cold", "open, requests/s"], rows)


def instruction_table(results: Results) -> str:
    """Return the instructions that a request takes, and a check adds."""
    found = results["instructions"]
    subjects = found["subjects"]
    rows = []
    for subject, counts in subjects.items():
        package, _, mode = subject.partition(":")
        more = "-"
        if mode.startswith(("warm", "cold", "log-in")):
            more = f"{median(added(found, package, mode)):,.0f}"
        apart = max(counts) - min(counts) if len(counts) > 1 else "-"
        count = f"{median(counts):,.0f}"
        commit = found["commits"][subject]
        rows.append([package, mode, count, more, apart, commit])
    heads = ["", "", "instructions", "added", "apart", "commit"]
    return table(heads, rows)


def step_table(results: Results) -> str:
    """Return microseconds and calls of a request in memory."""
    rows = []
    for algorithm, found in results["steps"]["requests"].items():
        spent, calls = found["microseconds"], found["calls"]
        rows.append([algorithm, *spent.values(), *map(round, calls.values())])
    heads = ["", "open, µs", "warm, µs", "cold, µs"]
    heads += ["open, calls", "warm, calls", "cold, calls"]
    return table(heads, rows)


def function_table(results: Results) -> str:
    """Return the functions that a check spends most of its time in."""
    found = results["steps"]["requests"]["HS256"]
    spent = found["microseconds"]
    rows = []
    for row in found["functions"]:
        cells = [f"`{row['function']}`"]
        for mode in ("warm", "cold"):
            share = row[mode]["share"]
            more = share * (spent[mode] - spent["open"])
            cells += [f"{row[mode]['calls']:g}", f"{more:.1f}"]
        rows.append(cells)
    heads = ["function", "warm, calls", "warm, µs", "cold, calls", "cold, µs"]
    return table(heads, rows)


def floor_table(results: Results) -> str:
    """Return what bare signatures cost, and what that leaves at best."""
    rates = Rates(results["rates"])
    rows = []
    for algorithm, cost in results["steps"]["floors"].items():
        row = [algorithm]
        for route, what in (("protected", "verify"), ("auth", "sign")):
            per_second = median(rates.rate(OURS, algorithm, route, "open"))
            least = 1e6 / per_second
            best = least / (least + cost[what])
            mode = median(rates.to_open(OURS, algorithm, route, "cold"))
            row += [number(cost[what]), number(best), number(mode)]
        rows.append(row)
    heads = ["", "verify, µs", "at best", "cold"]
    heads += ["sign, µs", "at best", "`POST /auth`"]
    return table(heads, rows)


def memory_table(results: Results) -> str:
    """Return the memory at some points on the way."""
    rows = []
    names = {"verifications": "verifications", "log_ins": "log-ins"}
    for what, name in names.items():
        found = results["memory"][what]
        curve = found["resident"]
        cells = [f"{found['count']:,} {name}", f"{found['distinct']:,}"]
        cells += [f"{curve[len(curve) * p // 100]:.1f}" for p in (1, 10, 50)]
        rows.append([*cells, f"{curve[-1]:.1f}", f"{found['seconds']:,} s"])
    heads = ["", "different", "after 1 %", "after 10 %", "after half"]
    return table([*heads, "at the end", "took"], rows)


def growth_table(results: Results) -> str:
    """Return what steps take with few sessions, and with more of something."""
    growth = results["growth"]
    rows = []
    for kind, found in growth["kinds"].items():
        for step, spent in found["steps"].items():
            few = spent["few"]
            more = [
                spread(ratio(spent[name], few))
                for name in spent
                if name != "few"
            ]
            rows.append([kind, step, f"{median(few):,.0f}", *more])
    many, revoked, crowd = (
        growth["contents"][name][what]
        for name, what in (
            ("many", "sessions"),
            ("revoked", "revoked"),
            ("crowd", "crowd"),
        )
    )
    heads = ["", "", "µs", f"{many:,} sessions", f"{revoked:,} revocations"]
    return table([*heads, f"a user with {crowd:,}"], rows)


def store_table(results: Results) -> str:
    """Return what steps take in a store, beside its driver alone."""
    rows = []
    for kind, steps in results["stores"]["kinds"].items():
        for step, found in steps.items():
            cells = [
                f"{median(found[name]):,.0f}" if name in found else "-"
                for name in ("ours", "bare", "engine")
            ]
            rows.append(
                [
                    *(kind, step, *cells),
                    spread(ratio(found["ours"], found["bare"])),
                ]
            )
            if step == "refresh" and "two calls" in found:
                two = found["two calls"]
                rows.append(
                    [
                        *(kind, f"{step}, the driver in two calls"),
                        *("", f"{median(two):,.0f}", "-"),
                        f"{spread(ratio(found['ours'], two))}",
                    ]
                )
    heads = ["", "", "store, µs", "driver, µs", "with an engine, µs", "ratio"]
    return table(heads, rows)


def crowd_table(results: Results) -> str:
    """Return what many clients at once get from a store and a driver."""
    rows = []
    for kind in results["stores"]["crowds"]:
        for part, who in (("crowds", "one"), ("workers", "two")):
            found = results["stores"][part][kind]
            row = [kind, who]
            for what, places in (("rate", 0), ("late", 1)):
                ours, bare = found["ours"][what], found["bare"][what]
                row += [f"{median(s):,.{places}f}" for s in (ours, bare)]
                row.append(spread(ratio(ours, bare)))
            rows.append(row)
    heads = ["", "processes", "store, operations/s", "driver", "ratio"]
    heads += ["store, 99 % within, ms", "driver", "ratio"]
    return table(heads, rows)


def version_table(results: Results) -> str:
    """Return what was measured with what; parts that agree share a column."""
    columns: dict[tuple[str, ...], list[str]] = {}
    for part, found in results.items():
        stamp = found["date"], found["commit"], *found["versions"].values()
        columns.setdefault(stamp, []).append(part)
    names = ["date", "commit", *next(iter(results.values()))["versions"]]
    heads = [", ".join(parts) for parts in columns.values()]
    rows = zip(names, *columns, strict=True)
    return table(["", *heads], rows)


def _name(key: tuple[str, str, str]) -> list[str]:
    server, algorithm, route = key
    names = {
        "protected, POST": "`protected`, `POST`",
        "user": "`protected`, `inject_user`",
    }
    return [server, names.get(route, f"`{route}`"), algorithm]


def _pair(rates: Rates, key: tuple[str, str, str]) -> Iterator[str]:
    for mode in ("warm", "cold"):
        yield spread(rates.to_open(*key, mode))


def _absolute(rates: Rates, key: tuple[str, str, str]) -> Iterator[str]:
    yield f"{median(rates.rate(*key, 'open')):,.0f}"


def _sorted(rates: Rates) -> list[tuple[str, str, str]]:
    """Return the routes of Sanic servers: by algorithm, route and package."""
    packages = [*PACKAGES]
    return sorted(
        (key for key in rates if key[0] in packages),
        key=lambda key: (
            ALGORITHMS.index(key[1]),
            ROUTES.index(key[2]),
            packages.index(key[0]),
        ),
    )


TABLES = {
    "goals": goal_table,
    "rates": rate_table,
    "log_ins": log_in_table,
    "peers": peer_table,
    "instructions": instruction_table,
    "steps": step_table,
    "functions": function_table,
    "floors": floor_table,
    "memory": memory_table,
    "growth": growth_table,
    "stores": store_table,
    "crowds": crowd_table,
    "checks": choosing.check_table,
    "sizes": choosing.size_table,
    "costs": choosing.cost_table,
    "limits": choosing.limit_table,
    "versions": version_table,
}
NEEDS = {
    "log_ins": {"rates"},
    "peers": {"rates"},
    "functions": {"steps"},
    "crowds": {"stores"},
    "floors": {"rates", "steps"},
    "checks": {"scale", "stores"},
    "sizes": {"scale"},
    "costs": {"scale"},
    "limits": {"scale"},
    "goals": set(),
    "versions": set(),
}


def available(results: Results) -> Iterator[str]:
    """Yield the tables that there are results for."""
    for name, make in TABLES.items():
        if NEEDS.get(name, {name}) <= results.keys():
            text = make(results)
            if text.count("\n") > 1:
                yield text
