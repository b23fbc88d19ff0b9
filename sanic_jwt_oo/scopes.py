"""Parse and match scopes such as `user:read:write`; pure functions only.

A scope is a namespace and, after colons, the actions it is limited to. The
rules are those of sanic-jwt: a scope held without actions grants all of its
namespace, a scope required without actions is granted by nothing less, and
`:read` asks for the action in any namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from .configuration import TEXT_CLAIMS
from .types import Payload

_ONE = (str, bytes, Mapping)
"""Types that can be gone over, and are one scope all the same."""


class Scope(NamedTuple):
    """A parsed scope; compares equal to a plain `(namespace, actions)`."""

    namespace: str
    actions: list[str]


def parse(scope: str) -> Scope:
    """Split `namespace:action:action` into its parts."""
    namespace, *actions = scope.split(":")
    return Scope(namespace, actions)


def named_scopes(value: Any) -> tuple[str, ...] | None:
    """Return the scopes that a value names, `None` if it is no such value.

    Args:
        value: One scope, or a list or tuple of them.
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
    """Return the claim with the scopes; of one string, the words.

    Args:
        payload: The claims of a token.
        names: Names of the claim; the first one that is there counts.
    """
    for name in names:
        if name in payload:
            claim = payload[name]
            if isinstance(claim, str) and name in TEXT_CLAIMS:
                return [word for word in claim.split(" ") if word]
            return claim
    return None


def listed_scopes(scopes: Any) -> list[Any]:
    """Return what `add_scopes_to_payload` returned as a list for a token.

    Args:
        scopes: One scope, or any iterable of them; a set is sorted.
    """
    if isinstance(scopes, (set, frozenset)):
        return sorted(scopes, key=str)
    if isinstance(scopes, Iterable) and not isinstance(scopes, _ONE):
        return [*scopes]
    return [scopes]


def held_scopes(claim: Any) -> tuple[str, ...] | None:
    """Read the scopes claim of a token.

    Returns:
        The scopes, or `None` if the claim is not a list of strings. A `None`
        in the list is passed over.
    """
    if not isinstance(claim, list):
        return None
    for scope in claim:
        if type(scope) is not str:
            return named_scopes([one for one in claim if one is not None])
    return tuple(claim)


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


@lru_cache(maxsize=1024)
def match_scopes(
    required: tuple[str, ...],
    held: tuple[str, ...],
    require_all: bool = True,
    all_actions: bool = True,
) -> bool:
    """Tell whether `held` scopes grant what is required.

    Args:
        required: Required scopes.
        held: Scopes of a token.
        require_all: Whether each of the required ones is needed, or any.
        all_actions: Whether each action of a required one is needed, or any.
    """
    mine = [parse(scope) for scope in held]
    verdicts = (
        any(grants(one, parse(scope), all_actions=all_actions) for one in mine)
        for scope in required
    )
    return all(verdicts) if require_all else any(verdicts)
