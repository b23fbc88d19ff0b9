"""The seeds of the fuzzer: tokens of the tests, and operations on them.

Keys of RSA are new in every process, so tokens under them are no seeds.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from itertools import cycle, islice

from tests.agreement import strategies, vectors
from tests.agreement.spoiling import PUTS
from tests.security import storm

from .scenario import BY_SECRET, RULES, SIGNED, TERMS, WRITTEN, Move, Scenario

LONGEST = 2000
"""Octets of a seed; longer ones only slow the fuzzer down."""

WORDS = (
    *strategies.CLAIMS,
    *strategies.FIELDS,
    *("HS256", "HS512", "ES256", "EdDSA", "JWT", "at+jwt", "one", "two"),
    *("1800000000", "1799999940", "1800000060", "1800000600", "1.8e9"),
    *("null", "true", "NaN", "Infinity", "1e999", "\\ud800", "\\u0061"),
    *('{"exp":1800000600,', '"aud":["a","b"],', '"iss":"i",', '"user_id":1,'),
)
"""What is worth putting into a header or payload as a whole."""


def seeds() -> Iterator[bytes]:
    """Yield seeds, each one once."""
    seen = set()
    moves = _rounds()
    for scenario in _scenarios():
        octets = scenario.with_moves(*next(moves)).write()
        if len(octets) <= LONGEST and octets not in seen:
            seen.add(octets)
            yield octets


def dictionary() -> Iterator[str]:
    """Yield the words, each one as a line of libFuzzer's dictionary."""
    for word in WORDS:
        quoted = word.replace("\\", "\\\\").replace('"', '\\"')
        yield f'"{quoted}"'


def _scenarios() -> Iterator[Scenario]:
    changes = cycle(_changes())
    for vector in vectors.every():
        if vector.terms in TERMS:
            first = TERMS.index(vector.terms)
            yield from _of_token(first, vector.token, next(changes))
    for number, token in enumerate(storm.tokens()):
        yield from _of_token(number % BY_SECRET, token, next(changes))


def _of_token(first: int, token: str, change: tuple) -> Iterator[Scenario]:
    """Yield parts of a token that the harness signs, or else the token."""
    try:
        header, payload = map(_octets_of, token.split(".")[:2])
        signed = Scenario(first, SIGNED, 1, header, payload, (change,))
        if signed.token() == token:
            yield signed
            return
    except ValueError:
        pass
    if token.isascii():
        yield Scenario(first, WRITTEN, 1, token.encode(), b"", (change,))


def _octets_of(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _changes() -> Iterator[tuple[int, int, str]]:
    for number, put in enumerate(PUTS):
        yield (-1, 1, put)
        yield (number * 7, number % 2, put)


def _rounds() -> Iterator[tuple[Move, ...]]:
    """Yield things to do, three at a time, over and over."""
    moves = cycle(
        Move(terms, rules, key, spoilt, shut, seconds)
        for seconds in (0, 60, -60, 1, 127)
        for shut in (False, True)
        for spoilt in (False, True)
        for key in (1, 2)
        for rules in range(len(RULES))
        for terms in range(len(TERMS))
    )
    while True:
        # a stride without common divisors meets every one of them
        yield tuple(next(islice(moves, 16, None)) for _ in range(3))
