"""The functions of `sanic_jwt.validators`, which compare scopes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import iscoroutine
from typing import Any

from ..access.scopes import parse, satisfies
from ..exceptions import InvalidConfiguration
from ..hooks import is_awaitable, resolve
from ..tokens import named_scopes
from ..types import MaybeAwaitable
from .utils import call


def normalize(scope: str) -> tuple[str, list[str]]:
    """Return the namespace of a scope and its actions."""
    namespace, actions = parse(scope)
    return namespace, actions


def validate_single_scope(
    required: str,
    user_scopes: Sequence[str | None] | None,
    require_all_actions: bool = True,
    override: Callable[..., Any] | None = None,
) -> bool:
    """Return whether the scopes of a user satisfy a required scope.

    Args:
        required: The required scope.
        user_scopes: The scopes of the user, a list. `None` in it is ignored.
        require_all_actions: Whether every action of the scope is needed.
        override: Decides instead; see `override_scope_validator`. It is not
            called for a user without scopes.

    Raises:
        InvalidConfiguration: `override` is async.
    """
    verdict = _judge(required, user_scopes, require_all_actions, override)
    if is_awaitable(verdict):
        if iscoroutine(verdict):
            verdict.close()
        raise InvalidConfiguration(
            "validate_single_scope() does not wait for an async override. "
            "Write await validate_scopes(...)."
        )
    return bool(verdict)


async def validate_scopes(
    request: Any,
    scopes: Any,
    user_scopes: Sequence[str | None] | None,
    override: Callable[..., Any] | None,
    destructure: Callable[..., Any] | None,
    require_all: bool = True,
    require_all_actions: bool = True,
    request_args: Sequence[Any] = (),
    request_kwargs: Mapping[str, Any] | None = None,
) -> bool:
    """Return whether the scopes of a user satisfy the required scopes.

    Args:
        request: The request.
        scopes: The required scopes, or a callable that returns them for a
            request and the parameters of its route.
        user_scopes: See `validate_single_scope`.
        override: See `validate_single_scope`; may be async.
        destructure: Returns the required scopes, rewritten.
        require_all: Whether every scope is needed, or any one of them.
        require_all_actions: See `validate_single_scope`.
        request_args: Positional parameters of the route.
        request_kwargs: Parameters of the route.
    """
    required = await call(destructure, scopes)
    required = await call(
        required, request, *request_args, **(request_kwargs or {})
    )
    if not isinstance(required, (list, tuple)):
        required = [required]
    for one in required:
        verdict = await resolve(
            _judge(one, user_scopes, require_all_actions, override)
        )
        if bool(verdict) is not require_all:
            return not require_all
    return require_all


def _judge(
    required: Any,
    user_scopes: Any,
    all_actions: bool,
    override: Callable[..., Any] | None,
) -> MaybeAwaitable[Any]:
    """Return the verdict on one scope; values of other types are refused."""
    if not isinstance(user_scopes, (list, tuple)):
        return False
    held = named_scopes([one for one in user_scopes if one is not None])
    if not held or not isinstance(required, str):
        return False
    parsed, wanted = [*map(parse, held)], parse(required)
    is_valid = any(
        satisfies(one, wanted, all_actions=all_actions) for one in parsed
    )
    if not callable(override):
        return is_valid
    verdict: MaybeAwaitable[Any]
    verdict = override(
        is_valid,
        normalize(required),
        [normalize(one) for one in held],
        all_actions,
    )
    return verdict
