"""What an application overrides: how it is declared, found and called.

`calls` calls it, `kinds` declares hooks and steps and finds those of an
object, `checks` refuses names and parameters that cannot work.
"""

from .calls import Callback, is_awaitable, resolve
from .kinds import (
    HookTable,
    Offer,
    StandIn,
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
    "StandIn",
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
