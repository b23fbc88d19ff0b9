"""The scopes in a token: which claim has them, and in which form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..configuration import TEXT_CLAIMS
from ..types import Payload

_SINGLE_TYPES = (str, bytes, Mapping)
"""Iterable types that nevertheless count as one scope."""


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
