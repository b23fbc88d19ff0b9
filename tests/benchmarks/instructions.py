"""Instructions that a check or a log-in adds, counted by valgrind.

The same requests are sent through an application in memory, to its open and to
its guarded route, in processes of their own: some with 200 and some with 700
of them, so that the difference is 500 requests and nothing else. The figure
is the same each time and does not know how busy the machine is.

`python -m tests.benchmarks.instructions SUBJECT COUNT` is what is counted.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from hmac import compare_digest, digest
from typing import Any

import jwt

from . import ROOT
from .application import claims_of, make, request_of
from .credentials import BODY, WORKSHOP, Pair, Store, tokens
from .inprocess import connect, post
from .results import commit

FEW, MANY = 200, 700
# full before the requests that are counted, so that a cold one evicts another
FULL = {"token_cache_entries": 100}
SETTINGS = {
    "ours": FULL,
    "ours, sessions": FULL,
    "ours, sessions, cookies": FULL,
}
REPEATS = 2
# the others remember nothing: warm is as cold
COMPARED = {
    "ours": (
        *("open", "warm", "cold", "echo", "log-in"),
        *("warm scoped", "warm user", "cold RS256", "cold ES256"),
    ),
    "ours, no cache": ("open", "cold"),
    "ours, sessions": ("open", "warm", "cold"),
    "ours, sessions, cookies": ("open", "warm", "open POST", "warm POST"),
    "by hand": ("open", "cold", "echo", "log-in"),
    "by hand, remembering": ("open", "warm"),
    "by hand, minimal": ("open", "warm", "cold", "echo", "log-in"),
    "sanic-jwt": ("open", "cold", "echo", "log-in"),
}
PATHS = {
    "open": "/open",
    "open POST": "/open",
    "echo": "/echo",
    "log-in": "/auth",
    "warm scoped": "/scoped",
    "warm user": "/user",
}
HS256 = Pair.make("HS256")
KEPT = ("RS256", "ES256")
"""Algorithms whose keys and signatures are kept: each is a random one."""


async def run(package: str, kind: str, count: int) -> int:
    """Send requests and return how many were answered as they should be.

    Args:
        package: A key of `application.PACKAGES`.
        kind: `open`, or for the guarded route `warm` or `cold`; `log-in`, and
            `echo` for what that is compared with. A further word names the
            method, the route or the algorithm.
        count: How many requests.
    """
    path = PATHS.get(kind, "/protected")
    # as many are made, however many are sent
    _, _, variant = kind.partition(" ")
    method = "POST" if variant == "POST" else "GET"
    algorithm = variant if variant in KEPT else "HS256"
    if algorithm in KEPT:
        pair, made = kept(algorithm)
    else:
        pair = HS256
        made = [*tokens(algorithm, pair, MANY, claims_of(package))]
    messages = [request_of(package, path, token, method) for token in made]
    if kind.startswith("warm"):
        messages = messages[:1] * MANY
    elif kind in ("echo", "log-in"):
        messages = [post(path, BODY)] * MANY
    app = make(package, algorithm, pair, **SETTINGS.get(package, {}))
    async with connect(app) as connection:
        for message in messages[:count]:
            await connection.expect_ok(message)
    return count


def kept(algorithm: str) -> tuple[Pair, list[str]]:
    """Return the pair and the tokens of an algorithm that signs at random."""
    store = Store(WORKSHOP)
    name = f"{algorithm}-counted"
    made = store.tokens(name, algorithm, count=MANY).read_text().split()
    return Pair.read(store.keys(algorithm)), made


def decode(tokens: list[str]) -> None:
    """Decode tokens with nothing around it."""
    for token in tokens:
        jwt.decode(token, HS256.public, algorithms=["HS256"])


def verify(tokens: list[str]) -> None:
    """Check the signatures of tokens, and nothing else."""
    parts = [token.encode().rpartition(b".") for token in tokens]
    split = [(text, urlsafe_b64decode(last + b"=")) for text, _, last in parts]
    key = HS256.public.encode()
    for text, signature in split:
        compare_digest(digest(key, text, "sha256"), signature)


BARE = {"jwt.decode": decode, "signature": verify}


def measure(only: Collection[str] = ()) -> dict[str, Any]:
    """Count, on all cores, for each package and for the bare calls.

    Returns:
        The instructions of one request by subject, one figure a repetition.
    """
    subjects = [
        f"{package}:{kind}"
        for package, kinds in COMPARED.items()
        if not only or package in only
        for kind in kinds
    ]
    subjects += BARE
    for algorithm in KEPT:
        kept(algorithm)
    jobs = [subject for subject in subjects for _ in range(REPEATS)]
    print(f"counting instructions of {len(subjects)} subjects", flush=True)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        figures = pool.map(count_one, jobs)
    found: dict[str, Any] = {
        "few": FEW,
        "many": MANY,
        "subjects": {},
        "commits": dict.fromkeys(subjects, commit()),
    }
    for subject, figure in zip(jobs, figures, strict=True):
        found["subjects"].setdefault(subject, []).append(figure)
    for subject, counts in found["subjects"].items():
        if max(counts) - min(counts) > counts[0] / 1000:
            print(f"{subject} was counted as {counts}: has code changed?")
    return found


def count_one(subject: str) -> int:
    """Return the instructions of one request."""
    # once without, so that no module is compiled while it is counted
    _run(_command(subject, FEW))
    few, many = (_count(subject, count) for count in (FEW, MANY))
    return round((many - few) / (MANY - FEW))


def _command(subject: str, count: int) -> list[str]:
    return [sys.executable, "-m", __spec__.name, subject, str(count)]


def _count(subject: str, count: int) -> int:
    output = _run(
        [
            *("setarch", "--addr-no-randomize"),
            *("valgrind", "--tool=cachegrind", "--cache-sim=no"),
            *("--cachegrind-out-file=/dev/null", *_command(subject, count)),
        ]
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", output)
    if found is None:
        raise SystemExit(f"valgrind counted nothing:\n{output}")
    return int(found[1].replace(",", ""))


def _run(command: list[str]) -> str:
    process = subprocess.run(
        command,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0"},
    )
    if process.returncode:
        raise SystemExit(f"{command} failed:\n{process.stderr}")
    return process.stderr


if __name__ == "__main__":
    subject, count = sys.argv[1], int(sys.argv[2])
    gc.disable()
    if subject in BARE:
        made = [*tokens("HS256", HS256, MANY)]
        BARE[subject](made[:count])
    else:
        asyncio.run(run(*subject.split(":"), count))
