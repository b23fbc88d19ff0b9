"""Which requests are accepted: the way of a request with a token.

`gate` has the one order of checks, `policy` the settings in force and what
follows from them, `overrides` those of one block or decorator, `state` what
is known of a request, `users` its user, `authorization` and `scopes` what it
may do, `placement` decorators that would guard nothing.
"""

from .authorization import Authorizer, Required
from .gate import Gate
from .overrides import RouteSettings, innermost_override, overriding
from .policies import Policies
from .policy import Policy
from .sending import EventSender
from .state import STATE, RequestState, in_charge, state_of
from .user_keys import UserKeys
from .users import Users

__all__ = [
    "STATE",
    "Authorizer",
    "EventSender",
    "Gate",
    "Policies",
    "Policy",
    "RequestState",
    "Required",
    "RouteSettings",
    "UserKeys",
    "Users",
    "in_charge",
    "innermost_override",
    "overriding",
    "state_of",
]
