"""Compare payloads exactly, and alter them.

Both go as deep as JSON can be parsed, which is deeper than a function can
recurse.
"""

from __future__ import annotations

from typing import Any


def same(one: Any, other: Any) -> bool:
    """Whether two payloads are equal, with the same types and order."""
    pairs = [(one, other)]
    while pairs:
        left, right = pairs.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, dict):
            if [*left] != [*right]:
                return False
            pairs += zip(left.values(), right.values(), strict=True)
        elif isinstance(left, list):
            if len(left) != len(right):
                return False
            pairs += zip(left, right, strict=True)
        elif isinstance(left, float):
            if repr(left) != repr(right):
                return False
        elif left != right:
            return False
    return True


def spoil(payload: dict[str, Any]) -> None:
    """Change everything in a payload, in place, as an application might."""
    inside: list[Any] = [payload]
    while inside:
        part = inside.pop()
        if isinstance(part, dict):
            inside += part.values()
            for name in part:
                part[name] = "spoilt"
            part["admin"] = True
        elif isinstance(part, list):
            inside += part
            part[:] = ["spoilt"]
