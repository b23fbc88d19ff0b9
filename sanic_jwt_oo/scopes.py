"""Parse and match scopes such as `user:read:write`; pure functions only.

A scope is a namespace, followed by colons and the actions it is limited to.
The rules are those of sanic-jwt: a held scope without actions grants all
actions of its namespace, a required scope without actions needs exactly that,
and `:read` requires the action in any namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from .configuration import TEXT_CLAIMS
from .types import Payload

_SINGLE_TYPES = (str, bytes, Mapping)
"""Iterable types that nevertheless count as one scope."""


class Scope(NamedTuple):
    """A parsed scope; equal to the tuple `(namespace, actions)`."""

    namespace: str
    actions: list[str]


def parse(scope: str) -> Scope:
    """Split `namespace:action:action` into its parts."""
    namespace, *actions = scope.split(":")
    return Scope(namespace, actions)


def named_scopes(value: Any) -> tuple[str, ...] | None:
    """Return the scopes in a value; `None` if the value is invalid.

    Args:
        value: One scope, or a list or tuple of scopes.
    """
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, (list, tuple)):
        return None
    for scope in value:
        if not isinstance(scope, str):
            return None
    return tuple(value)


def scope_claim(payload: Payload, names: tuple[str, ...]) -> Any:
    """Return the claim that contains the scopes.

    A space-separated string is split into a list (RFC 9068 section 2.2.3).

    Args:
        payload: The claims of a token.
        names: The possible names of the claim; the first one present is
            used.

    Returns:
        The value of the claim, which may be invalid; `None` if it is absent.
    """
    for name in names:
        if name in payload:
            claim = payload[name]
            if isinstance(claim, str) and name in TEXT_CLAIMS:
                return [word for word in claim.split(" ") if word]
            return claim
    return None


def listed_scopes(scopes: Any) -> list[Any]:
    """Return the result of `add_scopes_to_payload` as a list.

    Args:
        scopes: One scope, or any iterable of scopes; a set is sorted.
    """
    if isinstance(scopes, (set, frozenset)):
        return sorted(scopes, key=str)
    if isinstance(scopes, Iterable) and not isinstance(scopes, _SINGLE_TYPES):
        return [*scopes]
    return [scopes]


def held_scopes(claim: Any) -> tuple[str, ...] | None:
    """Validate the scopes claim of a token.

    Returns:
        The scopes; `None` if the claim is not a list of strings. A `None` in
        the list is ignored.
    """
    if not isinstance(claim, list):
        return None
    for scope in claim:
        if type(scope) is not str:
            return named_scopes(
                [scope for scope in claim if scope is not None]
            )
    return tuple(claim)


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
