"""What an application overrides: how it is declared, found and called.

`calls` knows how to call it, `kinds` which kinds of methods there are and
which of them an object has, `checks` finds names and parameters that cannot
work.
"""

from .calls import Callback, is_awaitable, resolve
from .kinds import (
    HookTable,
    Offer,
    StepTable,
    helper,
    hook,
    hooks_of,
    is_overridden,
    step,
    steps_of,
)

__all__ = [
    "Callback",
    "HookTable",
    "Offer",
    "StepTable",
    "helper",
    "hook",
    "hooks_of",
    "is_awaitable",
    "is_overridden",
    "resolve",
    "step",
    "steps_of",
]
