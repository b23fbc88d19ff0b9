"""Sessions: refresh tokens in families that rotate, and can be revoked.

`model` says what a session is, `refresh_tokens` what its tokens look like,
`store` what keeps them, `feed` what a worker knows of revocations without
asking, `sessions` what an installation does with all that; every other module
is a store. Nothing here knows of requests.
"""

from .feed import RevocationFeed
from .memory import MemorySessionStore
from .model import (
    Outcome,
    Session,
    Swap,
    UserId,
    new_session_id,
    shard_of,
    user_id_from,
    user_key,
)
from .refresh_tokens import RefreshToken
from .sessions import Sessions
from .store import SessionStore

__all__ = [
    "MemorySessionStore",
    "Outcome",
    "RefreshToken",
    "RevocationFeed",
    "Session",
    "SessionStore",
    "Sessions",
    "Swap",
    "UserId",
    "new_session_id",
    "shard_of",
    "user_id_from",
    "user_key",
]
