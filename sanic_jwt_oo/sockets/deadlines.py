"""When each open socket has to be looked at again."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, TypeVar

_T = TypeVar("_T")
_SPARE = 64


class Deadlines(Generic[_T]):
    """The deadline of each of many things, and which are due.

    An entry whose deadline was changed stays until it is due, or until there
    are more of its kind than there are valid ones.
    """

    def __init__(self) -> None:
        self._times: dict[_T, tuple[float, int]] = {}
        self._heap: list[tuple[float, int, _T]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._times)

    def __contains__(self, thing: _T) -> bool:
        return thing in self._times

    def set(self, thing: _T, time: float) -> None:
        """Set the deadline of something, in place of an earlier one."""
        number = next(self._numbers)
        self._times[thing] = (time, number)
        heappush(self._heap, (time, number, thing))
        self._compact()

    def discard(self, thing: _T) -> None:
        """Remove something, if it has a deadline."""
        if self._times.pop(thing, None) is not None:
            self._compact()

    def earliest(self) -> float | None:
        """Return the first time at which something may be due."""
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[_T]:
        """Remove and return everything whose deadline has come."""
        found = []
        while self._heap and self._heap[0][0] <= now:
            time, number, thing = heappop(self._heap)
            if self._times.get(thing) == (time, number):
                del self._times[thing]
                found.append(thing)
        return found

    def _compact(self) -> None:
        """Drop entries that no longer count, once they are the majority."""
        if len(self._heap) > 2 * len(self._times) + _SPARE:
            self._heap = [
                (time, number, thing)
                for thing, (time, number) in self._times.items()
            ]
            heapify(self._heap)
