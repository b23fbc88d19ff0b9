"""Parse and match scopes such as `user:read:write`; pure functions only.

A scope is a namespace, followed by colons and the actions it is limited to.
The rules are those of sanic-jwt: a held scope without actions grants all
actions of its namespace, a required scope without actions needs exactly that,
and `:read` requires the action in any namespace.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Scope(NamedTuple):
    """A parsed scope; equal to the tuple `(namespace, actions)`."""

    namespace: str
    actions: list[str]


def parse(scope: str) -> Scope:
    """Split `namespace:action:action` into its parts."""
    namespace, *actions = scope.split(":")
    return Scope(namespace, actions)


def satisfies(
    held: Scope, required: Scope, *, all_actions: bool = True
) -> bool:
    """Return whether a held scope satisfies a required scope."""
    if required.namespace and required.namespace != held.namespace:
        return False
    if not required.actions:
        return not held.actions
    if not held.actions:
        return True
    matches = (action in held.actions for action in required.actions)
    return all(matches) if all_actions else any(matches)


@lru_cache(maxsize=1024)
def match_scopes(
    required: tuple[str, ...],
    held: tuple[str, ...],
    require_all: bool = True,
    all_actions: bool = True,
) -> bool:
    """Return whether held scopes satisfy the required scopes.

    Args:
        required: The required scopes.
        held: The scopes of a token.
        require_all: Whether all required scopes are needed, or any of them.
        all_actions: Whether all actions of a required scope are needed, or
            any of them.
    """
    parsed = [parse(scope) for scope in held]
    results = (
        any(
            satisfies(one, parse(scope), all_actions=all_actions)
            for one in parsed
        )
        for scope in required
    )
    return all(results) if require_all else any(results)
