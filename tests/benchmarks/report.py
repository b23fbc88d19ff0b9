"""Write `docs/performance.md` from the results and the text around them."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Any

from . import ROOT
from .credentials import DISTINCT
from .figures import ALGORITHMS, Rates, added, median
from .load import CONNECTIONS
from .memory import USUAL
from .steps import BATCHES
from .tables import TABLES, number

PAGE = ROOT / "docs" / "performance.md"
TEXT = Path(__file__).with_name("performance.md.in")


def render(results: dict[str, Any]) -> str:
    """Return the page for results that have every part."""
    values = {f"table_{n}": make(results) for n, make in TABLES.items()}
    return Template(TEXT.read_text()).substitute(values, **_facts(results))


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
        "bounded": number(warm("by hand, bounded")),
        "bounded_added": _thousands(counted, "by hand, bounded"),
        "warm_added": _thousands(counted, "ours"),
        **{
            f"both_{algorithm}": number(_both(rates, algorithm))
            for algorithm in ALGORITHMS
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
        "session_sizes": " and ".join(
            f"{found['octets']:,} bytes in {kind}"
            for kind, found in results["growth"]["kinds"].items()
        ),
        "session_versions": ", ".join(
            f"{name} {number}"
            for name, number in results["growth"]["with"].items()
        ),
    }


def _both(rates: Rates, algorithm: str) -> float:
    """Return the ratio of a check of a signature and a warm check in one."""
    key = algorithm, "protected"
    signature = median(rates.to_open("by hand, signature", *key, "cold"))
    warm = median(rates.to_open("ours", *key, "warm"))
    return 1 / (1 / signature + 1 / warm - 1)


def _rest(steps: dict[str, Any], algorithm: str) -> float:
    """Return what a cold check takes in memory besides its signature."""
    spent: dict[str, float] = steps["requests"][algorithm]["microseconds"]
    signature: float = steps["floors"][algorithm]["verify"]
    return spent["cold"] - spent["open"] - signature


def _thousands(counted: dict[str, Any], package: str) -> str:
    """Return how many thousand instructions a warm check adds."""
    return f"{median(added(counted, package, 'warm')) / 1000:.0f}"
