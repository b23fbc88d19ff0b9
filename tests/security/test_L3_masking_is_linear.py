"""L3: masking tokens in logs takes time proportional to the length.

A client decides what is logged of its request. 8 kB of `?` once blocked a
worker for a second.
"""

from __future__ import annotations

import logging
import math
import time

import pytest

from sanic_jwt_oo.locations.log_mask import LogMask

pytestmark = pytest.mark.requirement("L3")

SHORT, LONG = 2_000, 20_000  # characters; a quadratic mask takes 6 s for both
PATTERNS = {
    "question marks": "?",
    "ampersands": "&",
    "equals signs": "=",
    "both": "?=",
    "all three": "&?=",
    "names": "?a",
    "arguments": "&a=",
    "nested addresses": "?a=http://x/",
    "letters": "a",
    "letters of an argument": ("?x=", "a"),
    "segments": ("?x=", "aaaaaaaa."),
    "short segments": ("?x=", "a."),
    "dots": ("?x=", "."),
    "a token that goes on": ("?x=aaaaaaaa.", "a"),
    "two segments, over and over": ("?x=", "aaaaaaaa.aaaaaaaa,"),
    "per cent signs": "%",
    "encoded letters": ("?x=", "%61"),
    "quotes": ("?access_token=", "'"),
    "blanks": " ",
    "hashes": "#?",
}


def record_of(size, pattern):
    start, repeated = pattern if isinstance(pattern, tuple) else ("", pattern)
    text = start + repeated * (size // len(repeated))
    return {"args": (), "msg": text, "request": text}


def seconds(size, pattern):
    """The processor time that masking takes, in seconds."""
    mask = LogMask()
    mask._names = {"access_token", "refresh_token"}
    record = logging.makeLogRecord(record_of(size, pattern))
    start = time.thread_time()
    mask.filter(record)
    return time.thread_time() - start


@pytest.mark.parametrize("name", [*PATTERNS])
def test_masking_time_grows_linearly(name):
    pattern = PATTERNS[name]
    short = long = math.inf
    for _ in range(
        10
    ):  # interference makes a measurement longer, never shorter
        short = min(short, *(seconds(SHORT, pattern) for _ in range(5)))
        long = min(long, seconds(LONG, pattern))
        if long < 35 * short:  # 100 if it were quadratic
            return
        if long > 1:
            break  # certainly quadratic
    raise AssertionError(f"{long:.6f} s is {long / short:.0f} times as long")
