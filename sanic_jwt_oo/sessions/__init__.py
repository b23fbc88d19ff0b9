"""Sessions: refresh tokens in families that rotate, and can be revoked.

`model` says what a session is, `refresh_tokens` what its tokens look like,
`store` what keeps them, `feed` what a worker knows of revocations without
asking, `sessions` what an installation does with all that; every other module
is a store. Nothing here knows of requests.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .feed import RevocationFeed
from .memory import MemorySessionStore
from .model import (
    LATEST,
    Cursor,
    Outcome,
    Page,
    Session,
    Swap,
    UserId,
    is_session_id,
    new_session_id,
    shard_of,
    user_id_from,
    user_key,
)
from .refresh_tokens import RefreshToken
from .sessions import Sessions
from .store import SessionStore

if TYPE_CHECKING:
    from .redis import RedisSessionStore as RedisSessionStore
    from .sql import SQLSessionStore as SQLSessionStore

__all__ = [
    "LATEST",
    "Cursor",
    "MemorySessionStore",
    "Outcome",
    "Page",
    "RefreshToken",
    "RevocationFeed",
    "Session",
    "SessionStore",
    "Sessions",
    "Swap",
    "UserId",
    "is_session_id",
    "new_session_id",
    "shard_of",
    "user_id_from",
    "user_key",
]

# Stores that need an extra, and its name, which is that of the module too.
_EXTRAS = {
    "RedisSessionStore": "redis",
    "SQLSessionStore": "sql",
}


def __getattr__(name: str) -> Any:
    """Import a store that needs more than the package itself.

    Raises:
        ImportError: What it needs is not installed.
    """
    if name not in _EXTRAS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    extra = _EXTRAS[name]
    try:
        module = import_module(f".{extra}", __name__)
    except ModuleNotFoundError as exc:
        raise ImportError(
            f"{name} needs {exc.name}, from the extra {extra}: in a checkout "
            f"of sanic_jwt_oo, pip install '.[{extra}]'."
        ) from exc
    return getattr(module, name)
