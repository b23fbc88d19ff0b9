"""Decides which requests are accepted.

`gate` has the one order of checks. `policy` and `policies` have the settings
in force, `overrides` those of one block or decorator, `state` what is known
about a request. `users` finds its user, `authorization` and `scopes` decide
what it may do. `placement` refuses decorators that would guard nothing.
"""

from .authorization import Authorizer, Required
from .gate import TAKE_OVER, Gate, NotAccepted
from .overrides import (
    RouteSettings,
    innermost_override,
    overriding,
)
from .policies import Policies, check_without_store
from .policy import Policy
from .sending import EventSender
from .state import (
    STATE,
    CustomToken,
    NoToken,
    RequestState,
    in_charge,
    state_of,
)
from .user_keys import UserKeys
from .users import Users

__all__ = [
    "STATE",
    "TAKE_OVER",
    "Authorizer",
    "CustomToken",
    "EventSender",
    "Gate",
    "NoToken",
    "NotAccepted",
    "Policies",
    "Policy",
    "RequestState",
    "Required",
    "RouteSettings",
    "UserKeys",
    "Users",
    "check_without_store",
    "in_charge",
    "innermost_override",
    "overriding",
    "state_of",
]
