"""How far a feed has read the log of revocations.

A transaction takes the number of its row before it commits. So a row may
become visible after one with a higher number has been read, and each poll has
to reach back behind what is known: to every number that may have been taken
by a transaction that is still under way.
"""

from __future__ import annotations

from collections import deque

OVERLAP = 60.0
"""For how many seconds after a number was seen, lower ones are waited for."""

WRITING = 15.0
"""How many seconds a transaction may take; far less than `OVERLAP`."""


class Progress:
    """What is read already, and where the next poll begins.

    All moments are of `time.monotonic()`.

    Args:
        overlap: For how many seconds numbers are waited for.

    Attributes:
        floor: Everything up to this number is known for good.
    """

    def __init__(self, overlap: float = OVERLAP) -> None:
        self.floor: int = 0
        self._overlap = overlap
        self._highest = 0
        self._seen: deque[tuple[float, int]] = deque()

    def begin(self, floor: int) -> None:
        """Learn up to which number everything was committed long ago."""
        self.floor = max(self.floor, floor)

    def advance(self, started: float, ended: float, highest: int) -> None:
        """Learn that a poll from `floor` on is complete.

        Whatever was under way when a number was first seen has been read
        once a poll that began `overlap` later is complete. The time that has
        passed does not count, if nothing was read meanwhile.

        Args:
            started: The moment before the query was sent.
            ended: The moment when its answer was there.
            highest: The highest number in it.
        """
        while self._seen and started - self._seen[0][0] >= self._overlap:
            self.floor = max(self.floor, self._seen.popleft()[1])
        if highest > self._highest:
            self._highest = highest
            self._seen.append((ended, highest))
