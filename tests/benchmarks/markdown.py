"""Tables in Markdown, and the figures in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .figures import Series, median, quartiles


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, x)) + " |" for x in lines)


def number(value: float) -> str:
    """Return a figure with as many digits as it is good for."""
    if value >= 1000:
        return f"{value / 1000:,.1f} k"
    if value < 0.1:
        return f"{value:.2g}"
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


def spread(values: Series) -> str:
    """Return the median with the quartiles behind it."""
    low, high = quartiles(values)
    middle = number(median(values))
    if number(low) == number(high):
        return middle
    return f"{middle} ({number(low)} to {number(high)})"
