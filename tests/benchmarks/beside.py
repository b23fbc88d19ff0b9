"""Compare the speed of two trees of the package, request by request.

The same requests are sent through an application in memory, with the package
of this tree and with that of another one, in processes that take turns. Use
it to find the commit that made something slower:

`git worktree add ../before COMMIT`, then
`python -m tests.benchmarks.beside ../before cold log-in "warm scoped"`

Unlike instructions, times include what caches and branch prediction cost; the
ratio holds on a machine that is otherwise idle.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from . import ROOT
from .load import pinned

WARM_UP, BLOCK, COUNT = 200, 500, 10_200


async def measure(kind: str) -> float:
    """Return the microseconds of processor time that one request takes.

    Args:
        kind: As for `instructions`.
    """
    from .application import claims_of, make, request_of
    from .credentials import BODY, Pair, tokens
    from .inprocess import connect, post
    from .instructions import PATHS

    pair, path = Pair.make("HS256"), PATHS.get(kind, "/protected")
    if kind in ("log-in", "echo"):
        messages = [post(path, BODY)] * COUNT
    else:
        count = COUNT if kind == "cold" else 1
        made = tokens("HS256", pair, count, claims_of("ours"))
        messages = [request_of("ours", path, token, "GET") for token in made]
        messages *= COUNT // count
    times = []
    async with connect(make("ours", "HS256", pair)) as connection:
        for message in messages[:WARM_UP]:
            await connection.expect_ok(message)
        for first in range(WARM_UP, COUNT, BLOCK):
            started = time.process_time()
            for message in messages[first : first + BLOCK]:
                await connection.expect_ok(message)
            times.append((time.process_time() - started) / BLOCK * 1e6)
    return median(times)


def compare(trees: list[Path], kinds: list[str], rounds: int) -> None:
    """Print the time of each kind of request in each tree, and the ratio."""
    for kind in kinds:
        found: dict[Path, list[float]] = {tree: [] for tree in trees}
        for seed in range(rounds):
            for tree in trees:
                command = [sys.executable, "-m", __spec__.name]
                command += ["--one", str(tree), kind]
                with pinned(0):
                    output = subprocess.run(
                        command,
                        check=True,
                        capture_output=True,
                        text=True,
                        cwd=ROOT,
                        env={"PYTHONHASHSEED": str(seed)},
                    ).stdout
                found[tree].append(float(output.split()[-1]))
        times = {tree: median(values) for tree, values in found.items()}
        row = "  ".join(
            f"{tree}: {time:.2f} µs [{min(found[tree]):.2f} to "
            f"{max(found[tree]):.2f}]"
            for tree, time in times.items()
        )
        before, now = times[trees[0]], times[trees[-1]]
        print(f"{kind}: {row}  ratio {now / before:.3f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("kinds", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", action="store_true", help="of one tree only")
    arguments = parser.parse_args()
    if arguments.one:
        # the package of that tree, the applications of this one
        sys.path.insert(0, str(arguments.tree))
        import sanic_jwt_oo

        assert Path(sanic_jwt_oo.__file__).is_relative_to(arguments.tree)
        del sys.path[0]
        print(asyncio.run(measure(arguments.kinds[0])))
    else:
        trees = [arguments.tree.resolve(), ROOT.resolve()]
        compare(trees, arguments.kinds, arguments.rounds)
