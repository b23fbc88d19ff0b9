"""Variants of a valid token that a lenient reader takes for the same.

For a lenient reader, several base64url texts mean the same bytes; a strict
reader accepts one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
FOREIGN = ("=", "+", "/", ".", " ", "\n", "\t", "\0", "%", "~", "é", "\uff21")
"""Characters outside the alphabet; the last one is a full-width A."""

PUTS = ("", "A", "Q", "-", "_", *FOREIGN, "\ud800", "==", "..", "AAAA")

Change = tuple[int, int, str]
"""A position, from either end; how many characters to cut; what to insert."""


def changed(token: str, changes: Iterable[Change]) -> str:
    """Return a token with changes applied in turn."""
    for place, cut, put in changes:
        place %= len(token) + 1
        token = token[:place] + put + token[place + cut :]
    return token


def other_endings(token: str) -> Iterator[str]:
    """Yield tokens with another last character in one of the segments."""
    for number, segment in enumerate(token.split(".")):
        for letter in ALPHABET:
            if letter != segment[-1]:
                yield _replaced(token, number, segment[:-1] + letter)


def other_spellings(token: str) -> Iterator[str]:
    """Yield variants that a lenient reader takes for the same token."""
    for number, segment in enumerate(token.split(".")):
        padding = "=" * (-len(segment) % 4)
        for end in {padding or "====", "=", "==", "===", " ", "\n", "\r\n"}:
            yield _replaced(token, number, segment + end)
        for start in (" ", "\n", "\ufeff", "="):
            yield _replaced(token, number, start + segment)
        for place in (1, len(segment) // 2):
            for letter in FOREIGN:
                inserted = segment[:place] + letter + segment[place:]
                yield _replaced(token, number, inserted)
        standard = segment.replace("-", "+").replace("_", "/")
        if standard != segment:
            yield _replaced(token, number, standard)
        yield _replaced(token, number, segment + "A")
        yield _replaced(token, number, segment + "AAAA")
        yield _replaced(token, number, segment[:-1])
        yield _replaced(token, number, "")
    yield from ("." + token, token + ".", token + "..", token + ".A")
    yield from (token.replace(".", ".."), token.replace(".", "。"))
    yield from (f'"{token}"', f"Bearer {token}", f"{token} {token}")
    yield from (token.replace(".", ","), token.replace(".", "%2E"))
    yield from (token + "\0", "\0" + token, token.upper(), token.swapcase())


def _replaced(token: str, number: int, segment: str) -> str:
    segments = token.split(".")
    segments[number] = segment
    return ".".join(segments)
