"""The performance pages, from the results and the text around them."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Any

from sanic_jwt_oo.sessions.sql.batches import MAX_STATEMENTS

from . import ROOT, choosing
from .credentials import DISTINCT
from .crowds import CHECKS
from .figures import ALGORITHMS, Rates, added, median, ratio
from .load import CONNECTIONS
from .markdown import number
from .memory import USUAL
from .rates import POSTED
from .steps import BATCHES
from .tables import TABLES

HERE, DOCS = Path(__file__).parent, ROOT / "docs"
PAGES = {
    HERE / "performance.md.in": DOCS / "performance.md",
    HERE / "measurements.md.in": DOCS / "performance" / "measurements.md",
    HERE / "scale.md.in": DOCS / "performance" / "scale.md",
}
BARE, MINIMAL = "by hand, signature", "by hand, minimal"
BY_COOKIE = "by hand, cookies"


def render(results: dict[str, Any]) -> dict[Path, str]:
    """Return each page for results that have every part."""
    values = {f"table_{n}": make(results) for n, make in TABLES.items()}
    values = {**values, **choosing.facts(results), **_facts(results)}
    return {
        page: Template(text.read_text()).substitute(values)
        for text, page in PAGES.items()
    }


def _facts(results: dict[str, Any]) -> dict[str, object]:
    """Return what the text mentions besides the tables."""
    measured = results["rates"]
    in_memory = results["steps"]["requests"]
    calls = in_memory["HS256"]["calls"]
    signatures = in_memory["ES256"]["signatures"]
    seconds = measured["seconds"]
    rates = Rates(measured)
    open_rate = rates.rate("ours", "HS256", "protected", "open")
    counted = results["instructions"]
    contents = results["growth"]["contents"]

    def warm(server: str) -> float:
        key = server, "HS256", "protected"
        return median(rates.to_open(*key, "warm"))

    spent = in_memory["HS256"]["microseconds"]
    instructions = median(counted["subjects"]["ours:open"])
    by_open = spent["open"] / instructions
    by_warm = (spent["warm"] - spent["open"]) / median(
        added(counted, "ours", "warm")
    )
    return {
        "date": measured["date"],
        "rates_commit": measured["commit"],
        "steps_commit": results["steps"]["commit"],
        "processor": measured["processor"],
        "other_core": "another" if measured["pinned"] else "the same",
        "connections": CONNECTIONS,
        "rounds": measured["rounds"],
        "seconds": "one second" if seconds == 1 else f"{seconds} seconds",
        "distinct": f"{DISTINCT:,}",
        "cold_signatures": f"{signatures['cold']:g}",
        "warm_signatures": f"{signatures['warm']:g}",
        "few": counted["few"],
        "many": counted["many"],
        "open_instructions": f"{instructions:,.0f}",
        "dearer": f"{by_warm / by_open:.1f}",
        "remembering": number(warm("by hand, remembering")),
        "minimal": number(warm(MINIMAL)),
        "cookie_get": number(warm(BY_COOKIE)),
        "cookie_post": number(
            median(rates.to_open(BY_COOKIE, "HS256", POSTED, "warm"))
        ),
        **{
            f"bare_{algorithm}": number(
                median(rates.to_open(BARE, algorithm, "protected", "cold"))
            )
            for algorithm in ALGORITHMS
        },
        **{
            f"{what}_{algorithm}": number(
                median(rates.to_open(MINIMAL, algorithm, route, "cold"))
            )
            for what, route in (("cold", "protected"), ("log_in", "auth"))
            for algorithm in ALGORITHMS
        },
        **{
            f"{who}_{mode.replace('-', '_')}": _thousands(counted, name, mode)
            for who, name in (("ours", "ours"), ("minimal", MINIMAL))
            for mode in ("warm", "cold", "log-in")
        },
        **{
            f"rest_{algorithm}": round(_rest(results["steps"], algorithm))
            for algorithm in ALGORITHMS
        },
        "open_memory": spent["open"],
        "open_server": round(1e6 / median(open_rate)),
        "warm_calls": round(calls["warm"] - calls["open"]),
        "cold_calls": round(calls["cold"] - calls["open"]),
        "batches": BATCHES,
        "usual": f"{USUAL:,}",
        "session_sizes": ", ".join(
            f"{found['octets']:,} bytes in {kind}"
            for kind, found in results["growth"]["kinds"].items()
        ),
        "few_sessions": f"{contents['few']['sessions']:,}",
        "many_sessions": f"{contents['many']['sessions']:,}",
        "one_user": f"{contents['crowd']['crowd']:,}",
        "session_versions": _versions(results["growth"]),
        "store_versions": _versions(results["stores"]),
        "session_limit": results["stores"]["limit"],
        "crowd": results["stores"]["crowd"],
        "checks": CHECKS,
        "batch": MAX_STATEMENTS,
        "pool": results["stores"]["connections"],
        "redis_two_calls": number(_two_calls(results["stores"])),
    }


def _two_calls(found: dict[str, Any]) -> float:
    """Return what two calls of Redis take, to one."""
    spent = found["kinds"]["Redis"]["refresh"]
    return median(ratio(spent["two calls"], spent["bare"]))


def _versions(found: dict[str, Any]) -> str:
    """Return what a part was measured with besides the usual packages."""
    return ", ".join(f"{name} {n}" for name, n in found["with"].items())


def _rest(steps: dict[str, Any], algorithm: str) -> float:
    """Return what a cold check takes in memory besides its signature."""
    spent: dict[str, float] = steps["requests"][algorithm]["microseconds"]
    signature: float = steps["floors"][algorithm]["verify"]
    return spent["cold"] - spent["open"] - signature


def _thousands(counted: dict[str, Any], package: str, mode: str) -> str:
    """Return how many thousand instructions a check or a log-in adds."""
    return f"{median(added(counted, package, mode)) / 1000:.0f}"
