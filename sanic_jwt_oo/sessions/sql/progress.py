"""How far a feed has read the log of revocations.

A transaction takes the number of its row before it commits. A row may
therefore become visible after a row with a higher number. So each poll reads
rows again that it already knows: from the lowest number that a transaction in
progress may have taken.
"""

from __future__ import annotations

from collections import deque

OVERLAP = 60.0
"""For how many seconds after a number was seen lower numbers may appear."""

TRANSACTION_TIMEOUT = 15.0
"""The timeout of a transaction, in seconds; far less than `OVERLAP`."""


class Progress:
    """Tracks the numbers that were read, and where the next poll begins.

    All times are those of `time.monotonic()`.

    Args:
        overlap: For how many seconds lower numbers may appear.

    Attributes:
        floor: Every row up to this number was read; no more can appear.
    """

    def __init__(self, overlap: float = OVERLAP) -> None:
        self.floor: int = 0
        self._overlap = overlap
        self._highest = 0
        self._seen: deque[tuple[float, int]] = deque()

    def raise_floor(self, floor: int) -> None:
        """Raise the floor to a number that was committed long ago."""
        self.floor = max(self.floor, floor)

    def advance(self, started: float, ended: float, highest: int) -> None:
        """Record a complete poll from `floor` on.

        A transaction that was in progress when a number was first seen has
        been read by any poll that starts `overlap` seconds later or more.
        Time in which no poll completed does not count.

        Args:
            started: When the query was sent.
            ended: When its result was received.
            highest: The highest number in the result.
        """
        while self._seen and started - self._seen[0][0] >= self._overlap:
            self.floor = max(self.floor, self._seen.popleft()[1])
        if highest > self._highest:
            self._highest = highest
            self._seen.append((ended, highest))
