"""The functions of `sanic_jwt.cache`, which keep values for a request.

sanic-jwt keeps them on the asyncio task, which is that of a connection: the
next request on it sees them. Here they are on the request itself.
"""

from __future__ import annotations

from typing import Any

from sanic import Request
from sanic.exceptions import ServerError

from ..exceptions import InvalidConfiguration, LoopNotRunning
from .configuration import LegacyConfiguration

_REQUEST = "_request"
_ATTRIBUTE = "sanic_jwt_oo_cache"


def get_cached(value: Any) -> Any:
    """Return the value under a key, or `None`; `_request` is the request.

    Raises:
        LoopNotRunning: No request is being handled.
    """
    return _values().get(value)


def is_cached(value: Any) -> bool:
    """Return whether there is a value under a key.

    Raises:
        LoopNotRunning: No request is being handled.
    """
    return value in _values()


def to_cache(key: Any, value: Any) -> None:
    """Keep a value until the request ends.

    Raises:
        LoopNotRunning: No request is being handled.
        InvalidConfiguration: The key is the name of a setting.
    """
    values = _values()
    declared = LegacyConfiguration.declarations()
    if isinstance(key, str) and declared.canonical(key) in declared:
        raise InvalidConfiguration(
            f"to_cache() does not change the setting {key!r}. Write "
            f"with app.ctx.auth.override({key}=...), or give it to the "
            "decorator."
        )
    values[key] = value


def clear_cache() -> None:
    """Forget the values of this request.

    Raises:
        LoopNotRunning: No request is being handled.
    """
    _values().clear()


def _values() -> dict[Any, Any]:
    try:
        request = Request.get_current()
    except ServerError as exc:
        raise LoopNotRunning(
            "sanic_jwt_oo.cache keeps values on the request that is being "
            "handled, and there is none."
        ) from exc
    context: Any = request.ctx
    values: dict[Any, Any] | None = getattr(context, _ATTRIBUTE, None)
    if values is None:
        values = {_REQUEST: request}
        setattr(context, _ATTRIBUTE, values)
    return values
