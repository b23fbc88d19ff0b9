"""Named tokens with one fault each, and unusual valid ones.

In the manner of Project Wycheproof, but signed on the spot. `every` is
what the tests and the fuzzer take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from . import ecdsa, eddsa, headers, hmacs, payloads, rsa
from .vector import Vector

FAMILIES: dict[str, Callable[[], Iterator[Vector]]] = {
    "ecdsa": ecdsa.vectors,
    "eddsa": eddsa.vectors,
    "headers": headers.vectors,
    "hmac": hmacs.vectors,
    "payloads": payloads.vectors,
    "rsa": rsa.vectors,
}


@cache
def of(family: str) -> tuple[Vector, ...]:
    """Return the vectors of a family, the same ones each time."""
    return tuple(FAMILIES[family]())


def every() -> Iterator[Vector]:
    """Yield the vectors of every family."""
    for family in FAMILIES:
        yield from of(family)
