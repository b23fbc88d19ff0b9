"""Sessions: rotating refresh tokens that can be revoked.

`model` defines a session, `refresh_tokens` the format of its refresh tokens,
`store` the interface of a session store, `feed` the revocations that a worker
process knows without querying the store, and `sessions` the operations of
`auth.sessions`. The other modules are stores. Nothing here depends on a
request.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .feed import RevocationFeed
from .memory import MemorySessionStore
from .model import (
    Cursor,
    Outcome,
    Page,
    Session,
    Swap,
    UserId,
)
from .sessions import Sessions
from .store import SessionStore

if TYPE_CHECKING:
    from .redis import RedisSessionStore as RedisSessionStore
    from .sql import SQLSessionStore as SQLSessionStore

__all__ = [
    "Cursor",
    "MemorySessionStore",
    "Outcome",
    "Page",
    "RevocationFeed",
    "Session",
    "SessionStore",
    "Sessions",
    "Swap",
    "UserId",
]

# Stores with optional dependencies: the extra and the module share a name.
_EXTRAS = {
    "RedisSessionStore": "redis",
    "SQLSessionStore": "sql",
}


def __getattr__(name: str) -> Any:
    """Import a store with optional dependencies on first use.

    Raises:
        ImportError: The dependencies of the store are not installed.
    """
    if name not in _EXTRAS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    extra = _EXTRAS[name]
    try:
        module = import_module(f".{extra}", __name__)
    except ModuleNotFoundError as exc:
        raise ImportError(
            f"{name} requires {exc.name}. Install the extra {extra}: in a "
            f"checkout of sanic_jwt_oo, run pip install '.[{extra}]'."
        ) from exc
    return getattr(module, name)
