"""Put faults into the package, and list those that no test notices.

A sample of mutants runs in copies of the tree, each against the tests nearest
to its module, up to the first failure.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from queue import SimpleQueue

from .operators import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
PACKAGE = "sanic_jwt_oo"
LEFT = (".git", ".venv*", ".tox", ".*cache", "__pycache__", "build", "dist")
SESSIONS = "tests/sessions/test_"
SECURITY = "tests/security"
NEAREST = {
    "sessions/memory*": (f"{SESSIONS}memory*", f"{SESSIONS}lifetimes*"),
    "sessions/sql/*": (f"{SESSIONS}[psl][oqi]*.py", f"{SESSIONS}cancel*"),
    "sessions/redis/*": (f"{SESSIONS}redis.py", f"{SESSIONS}[cl]*"),
    "sessions/*": (f"{SESSIONS}[cefil]*", SECURITY),
    "sockets/*": ("tests/sockets",),
    "tokens/*": ("tests/tokens", SECURITY),
    "keys/*": ("tests/keys", SECURITY),
    "settings/*": ("tests/settings", "tests/test_configuration.py"),
    "locations/*": ("tests/locations", SECURITY),
    "access/scopes*": (f"{SECURITY}/test_G*", "tests/test_decorators.py"),
    "login/accounts*": ("tests/test_throttling*", f"{SECURITY}/*limits*"),
    "login/throttling*": (f"{SECURITY}/*limits*",),
    "*": (SECURITY, "tests/test_[!t]*", "tests/regression"),
}
"""The tests nearest to a module; the first matching pattern applies."""


class BrokenTests(Exception):
    """The tests fail without a mutant, or there are none."""


class Copy:
    """A copy of a tree, with one mutant at a time."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(tree, folder, ignore=shutil.ignore_patterns(*LEFT))

    def seconds(self, tests: Sequence[str]) -> float:
        """Return how long the tests take without a mutant.

        Raises:
            BrokenTests: They fail.
        """
        begun, output = time.monotonic(), self.folder / "output"
        if self._run(tests, None, output) != 0:
            raise BrokenTests(output.read_text())
        return time.monotonic() - begun

    def judge(
        self, mutant: Mutant, tests: Sequence[str], seconds: float
    ) -> str:
        """Return the outcome for a mutant within a number of seconds."""
        module = self.folder / mutant.path
        module.write_text(mutant.mutated, encoding="utf-8")
        try:
            code = self._run(tests, seconds, Path(os.devnull))
        finally:
            module.write_text(mutant.source, encoding="utf-8")
        return {None: "timed out", 0: "survived"}.get(code, "killed")

    def _run(
        self, tests: Sequence[str], seconds: float | None, output: Path
    ) -> int | None:
        """Return the exit code of pytest, or `None` after so many seconds."""
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-m",
            "not long",
        ]
        with output.open("w") as file:
            process = subprocess.Popen(
                [*command, "-p", "no:cacheprovider", *tests],
                cwd=self.folder,
                # compiled code could be taken for another mutant
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "ALL": ""},
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def nearest_tests(path: str) -> tuple[str, ...]:
    """Return the tests nearest to a module, those of its name first."""
    name = path.removeprefix(f"{PACKAGE}/")
    patterns = next(NEAREST[p] for p in NEAREST if fnmatch(name, p))
    found = [
        str(test.relative_to(ROOT))
        for pattern in (f"tests/test_{Path(path).stem}.py", *patterns)
        for test in sorted(ROOT.glob(pattern))
    ]
    return tuple(dict.fromkeys(found))


def mutants(modules: Sequence[str]) -> list[Mutant]:
    """Return the mutants of the modules whose names begin so."""
    return [
        mutant
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
        if str(path.relative_to(ROOT / PACKAGE)).startswith((*modules,))
        for mutant in mutants_of(
            str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        )
    ]


def judged(
    chosen: Sequence[Mutant], folder: Path, ends: float
) -> dict[Mutant, str]:
    """Return the outcome for each mutant, in a copy for each processor."""
    copies: SimpleQueue[Copy] = SimpleQueue()
    workers = os.cpu_count() or 1
    for number in range(workers):
        copies.put(Copy(ROOT, folder / str(number)))

    @contextmanager
    def a_copy() -> Iterator[Copy]:
        copy = copies.get()
        try:
            yield copy
        finally:
            copies.put(copy)

    def limit(tests: tuple[str, ...]) -> float:
        with a_copy() as copy:
            return 30 + 3 * copy.seconds(tests)

    def judge(mutant: Mutant) -> str:
        tests = nearest_tests(mutant.path)
        if time.monotonic() > ends:
            return "not run"
        with a_copy() as copy:
            verdict = copy.judge(mutant, tests, limits[tests])
        print(f"{mutant.path}:{mutant.line}: {verdict}", flush=True)
        return verdict

    with ThreadPoolExecutor(workers) as pool:
        kinds = [*{nearest_tests(mutant.path) for mutant in chosen}]
        limits = dict(zip(kinds, pool.map(limit, kinds), strict=True))
        return dict(zip(chosen, pool.map(judge, chosen), strict=True))


def main() -> None:
    """Run a sample, and report what was not killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=[""])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=1800)
    given = parser.parse_args()
    ends = time.monotonic() + given.seconds
    every = mutants(given.modules)
    print(f"{given.count} of {len(every)} mutants, seed {given.seed}")
    chosen = random.Random(given.seed).sample(
        every, min(given.count, len(every))
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = judged(chosen, Path(folder), ends)
        except BrokenTests as exc:
            sys.exit(f"The tests fail without a mutant.\n{exc}")
    for mutant, verdict in found.items():
        if verdict in ("survived", "timed out"):
            print(f"\n{mutant.path}:{mutant.line} {verdict}")
            print(mutant.difference)
    totals = Counter(found.values()).items()
    print(
        "\n" + ", ".join(f"{number} {verdict}" for verdict, number in totals)
    )


if __name__ == "__main__":
    main()
