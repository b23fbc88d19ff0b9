"""Parse and match scopes such as `user:read:write`; pure functions only.

A scope is a namespace and, after colons, the actions it is limited to. The
rules are those of sanic-jwt: a scope held without actions grants all of its
namespace, a scope required without actions is granted by nothing less, and
`:read` asks for the action in any namespace.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class Scope(NamedTuple):
    """A parsed scope; compares equal to a plain `(namespace, actions)`."""

    namespace: str
    actions: list[str]


def parse(scope: str) -> Scope:
    """Split `namespace:action:action` into its parts."""
    namespace, *actions = scope.split(":")
    return Scope(namespace, actions)


def is_scopes(value: Any) -> bool:
    """Tell whether a value is one scope or several."""
    if isinstance(value, (list, tuple)):
        return all(isinstance(scope, str) for scope in value)
    return isinstance(value, str)


def held_scopes(claim: Any) -> list[Scope] | None:
    """Read the scopes claim of a token.

    Returns:
        The scopes, or `None` if the claim is not a list of strings. A `None`
        in the list is passed over.
    """
    if not isinstance(claim, list):
        return None
    named = [scope for scope in claim if scope is not None]
    if not all(isinstance(scope, str) for scope in named):
        return None
    return [parse(scope) for scope in named]


def grants(held: Scope, required: Scope, *, all_actions: bool = True) -> bool:
    """Tell whether one held scope gives what one required scope asks for."""
    if required.namespace and required.namespace != held.namespace:
        return False
    if not required.actions:
        return not held.actions
    if not held.actions:
        return True
    matches = (action in held.actions for action in required.actions)
    return all(matches) if all_actions else any(matches)


def match_scope(
    required: str,
    user_scopes: Sequence[str | None],
    *,
    require_all_actions: bool = True,
) -> bool:
    """Tell whether any of `user_scopes` grants `required`."""
    wanted = parse(required)
    return any(
        grants(parse(scope), wanted, all_actions=require_all_actions)
        for scope in user_scopes
        if scope is not None
    )
