"""Measure what checks and sessions cost, and write the performance pages.

    make bench                              # everything
    make bench ARGS="--parts rates --rounds 3 --only ours 'by hand'"
    make bench ARGS=--render                # write again what was measured

Without all parts, or with other than the usual numbers, tables are printed
and nothing is kept, unless `--write` says so.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from . import (
    ROOT,
    growth,
    instructions,
    memory,
    rates,
    report,
    results,
    scale,
    steps,
    stores,
    tables,
)
from .application import PACKAGES
from .credentials import WORKSHOP
from .load import require_programs, warn_if_busy
from .peers import PEERS

ROUNDS, SECONDS = 9, 1
PROGRAMS = ("wrk", "valgrind", "setarch", "taskset", "redis-server")


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="make bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    servers = [*PACKAGES, *(peer.name for peer in PEERS)]
    add = parser.add_argument
    add("--parts", nargs="+", choices=PARTS, help="measure these alone")
    add("--only", nargs="+", choices=servers, help="measure these alone")
    add("--rounds", type=int, default=ROUNDS, help="of the rates")
    add("--seconds", type=int, default=SECONDS, help="of each run")
    add("--scale", type=float, default=1, help="how much to store and watch")
    add("--write", action="store_true", help="keep the parts measured")
    add("--render", action="store_true", help="measure nothing")
    options = parser.parse_args()
    if options.write and options.only and options.parts != ["instructions"]:
        parser.error("--only is kept with --parts instructions alone.")
    return options


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "rates": lambda options: rates.measure(
        WORKSHOP, options.rounds, options.seconds, options.only or ()
    ),
    "instructions": lambda options: instructions.measure(options.only or ()),
    "steps": lambda _: steps.measure(WORKSHOP),
    "memory": lambda options: memory.measure(options.scale),
    "growth": lambda options: growth.measure(options.scale),
    "stores": lambda _: stores.measure(),
    "scale": lambda options: scale.measure(options.scale),
}


def main() -> None:
    """Measure, then keep and write, or print."""
    options = parse()
    if options.render:
        write(results.read())
        return
    require_programs(*PROGRAMS)
    warn_if_busy()
    usual = (options.rounds, options.seconds, options.scale)
    keeps = options.write or (
        usual == (ROUNDS, SECONDS, 1) and not (options.only or options.parts)
    )
    found: dict[str, Any] = {}
    for part in options.parts or PARTS:
        found[part] = results.stamp(PARTS[part](options))
        if keeps:
            results.keep(part, found[part])
    if keeps:
        write(results.read())
    else:
        print("", *tables.available(found), sep="\n\n")


def write(found: dict[str, Any]) -> None:
    """Write the pages and their pictures, once every part was measured."""
    missing = [part for part in PARTS if part not in found]
    if missing:
        print(f"still to be measured: {', '.join(missing)}", flush=True)
        return
    from . import plots

    plots.draw(found, results.FOLDER)
    for page, text in report.render(found).items():
        page.write_text(text)
        print(f"wrote {page.relative_to(ROOT)}", flush=True)


if __name__ == "__main__":
    main()
