"""Memory over many verifications of many tokens, and over many log-ins.

Each runs in a process of its own, in memory, on tokens that are made on the
way and kept nowhere. `python -m tests.benchmarks.memory WHAT SCALE` is one of
them.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hmac import digest
from pathlib import Path
from typing import Any

from .application import make
from .children import child, result
from .credentials import FIRST_USER, SECRET, Pair, user_claims
from .inprocess import connect, get, post

VERIFICATIONS, DISTINCT, LOG_INS = 5_000_000, 1_000_000, 1_000_000
USUAL = 5_000
POINTS = 100


def resident() -> float:
    """Return the memory that this process has, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGESIZE") / 2**20, 2)


def _base64(octets: bytes) -> bytes:
    return urlsafe_b64encode(octets).rstrip(b"=")


def make_token(number: int) -> str:
    """Return one of the tokens; as those of `credentials`, but quickly."""
    payload = json.dumps(user_claims(number), separators=(",", ":"))
    text = HEADER + b"." + _base64(payload.encode())
    signature = digest(SECRET.encode(), text, "sha256")
    return (text + b"." + _base64(signature)).decode()


HEADER = _base64(b'{"alg":"HS256","typ":"JWT"}')


def verifications(count: int, distinct: int) -> Iterator[bytes]:
    """Yield requests: every token again and again, some of them often."""
    chance = random.Random(1)
    usual = min(USUAL, distinct)
    for number in range(count):
        often = number % 2
        which = chance.randrange(usual) if often else number // 2 % distinct
        yield get("/protected", make_token(which))


def log_ins(count: int) -> Iterator[bytes]:
    """Yield log-ins, each of another user."""
    for number in range(count):
        yield post("/auth", f'{{"user_id": {FIRST_USER + number}}}')


async def run(what: str, scale: float) -> dict[str, Any]:
    """Send requests and return the memory on the way.

    Args:
        what: `verifications` or `log_ins`.
        scale: How many, as a part of the full number.
    """
    if what == "verifications":
        count, distinct = int(VERIFICATIONS * scale), int(DISTINCT * scale)
        messages = verifications(count, distinct)
    else:
        count = distinct = int(LOG_INS * scale)
        messages = log_ins(count)
    app = make("ours", "HS256", Pair(SECRET, SECRET))
    curve = []
    started = time.monotonic()
    async with connect(app) as connection:
        for number, message in enumerate(messages):
            if number % (count // POINTS) == 0:
                curve.append(resident())
            await connection.expect_ok(message)
        curve.append(resident())
    return {
        "count": count,
        "distinct": distinct,
        "seconds": round(time.monotonic() - started),
        "resident": curve,
    }


def measure(scale: float) -> dict[str, Any]:
    """Run both at once and return their curves."""
    print("watching memory", flush=True)
    module = __spec__.name
    with (
        child(module, "verifications", scale) as first,
        child(module, "log_ins", scale) as second,
    ):
        return {"verifications": result(first), "log_ins": result(second)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(sys.argv[1], float(sys.argv[2])))))
