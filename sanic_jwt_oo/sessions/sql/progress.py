"""Which numbers of the log of revocations a feed has read.

A transaction takes the number of its row before it commits. A row may
therefore become visible after a row with a higher number, so each number that
was skipped is read again until no transaction can still use it.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import NamedTuple

OVERLAP = 60.0
"""For how many seconds after a number was skipped its row may appear."""

TRANSACTION_TIMEOUT = 15.0
"""The timeout of a transaction, in seconds; far less than `OVERLAP`."""


class _Gap(NamedTuple):
    """Numbers that were skipped; `seen` is when that was noticed."""

    first: int
    last: int
    seen: float


class Progress:
    """Tracks the numbers that were read, and where the next read begins.

    All times are those of `time.monotonic()`.

    Args:
        overlap: For how many seconds a skipped number may appear.
    """

    def __init__(self, overlap: float = OVERLAP) -> None:
        self._overlap = overlap
        self._highest = 0
        self._gaps: list[_Gap] = []

    @property
    def floor(self) -> int:
        """Every row up to this number was read; no more can appear."""
        return self._gaps[0].first - 1 if self._gaps else self._highest

    def add(self, number: int, moment: float) -> None:
        """Record a number that was read.

        Args:
            number: The number of a row.
            moment: When the row was received.
        """
        if number > self._highest:
            if number > self._highest + 1:
                gap = _Gap(self._highest + 1, number - 1, moment)
                self._gaps.append(gap)
            self._highest = number
            return
        place = bisect_right(self._gaps, number, key=itemgetter(0)) - 1
        if place >= 0 and number <= self._gaps[place].last:
            first, last, seen = self._gaps[place]
            parts = (
                _Gap(first, number - 1, seen),
                _Gap(number + 1, last, seen),
            )
            self._gaps[place : place + 1] = [
                part for part in parts if part.first <= part.last
            ]

    def settle(self, started: float) -> None:
        """Forget the gaps that a complete read has settled.

        A transaction that was in progress when a gap was noticed has been
        read by any read that starts `overlap` seconds later or more. Time in
        which no read completed does not count.

        Args:
            started: When the read began.
        """
        self._gaps = [
            gap for gap in self._gaps if started - gap.seen < self._overlap
        ]

    def raise_floor(self, floor: int) -> None:
        """Forget the gaps below a number that was committed long ago."""
        self._gaps = [gap for gap in self._gaps if gap.first > floor]
