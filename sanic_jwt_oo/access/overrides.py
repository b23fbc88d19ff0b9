"""Settings that one block of code or one decorator overrides.

They are in a context variable, which other requests and tasks do not see, and
which is reset when the block ends, however it ends (S1, S2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, Any] = MappingProxyType({})


class RouteSettings(dict[str, Any]):
    """What the decorators of a route change, the same for every request.

    Attributes:
        policy: The policy under these settings, once it was needed.
        base: The policy that it was derived from.
    """

    policy: Any
    base: Any = None


class _Override:
    """What one block overrides, inside what its outer blocks do.

    A task that was started in the block, and outlives it, has a copy of the
    context; the override is no longer in force there.

    Attributes:
        owner: The installation.
        changes: The settings; `None` for the block of a guard, which hides
            the settings of all other decorators (X4).
        decorator: Identifies the decorator that has made it; `None`: the
            application has made it.
        outer: The next outer override.
        ended: Whether the block is over.
    """

    __slots__ = ("changes", "decorator", "ended", "outer", "owner")

    def __init__(
        self,
        owner: object,
        changes: Mapping[str, Any] | None,
        decorator: object,
        outer: _Override | None,
    ) -> None:
        self.owner = owner
        self.changes = changes
        self.decorator = decorator
        self.outer = outer
        self.ended = False

    def is_only(self, decorator: object) -> bool:
        """Return whether a decorator's is the only override in force."""
        return self.outer is None and self.decorator is decorator


_OVERRIDE: ContextVar[_Override | None] = ContextVar(
    "sanic_jwt_oo_override", default=None
)
innermost_override: Callable[[], _Override | None] = _OVERRIDE.get
"""Returns the innermost override in force; `None`: nothing is overridden."""


def overrides_of(owner: object) -> Mapping[str, Any]:
    """Return the settings of an installation that are overridden here."""
    changes = NOTHING
    guard: _Override | None = None
    override = innermost_override()
    while override is not None:
        if override.owner is owner and not override.ended:
            decorator = override.decorator
            if override.changes is None:
                guard = guard or override
            elif (
                guard is None
                or decorator is None
                or decorator is guard.decorator
            ):
                inner = changes
                changes = override.changes
                if inner:
                    changes = {**changes, **inner}
        override = override.outer
    return changes


@contextmanager
def overriding(
    owner: object,
    changes: Mapping[str, Any] | None,
    decorator: object = None,
) -> Iterator[None]:
    """Override settings of an installation inside the block only.

    Args:
        owner: The installation.
        changes: Settings that were checked; `None` hides those that other
            decorators than `decorator` override outside the block.
        decorator: Identifies a decorator; `None`: the application.
    """
    override = _Override(owner, changes, decorator, innermost_override())
    token = _OVERRIDE.set(override)
    try:
        yield
    finally:
        override.ended = True
        _OVERRIDE.reset(token)
