"""Sessions in Redis or Valkey; requires the extra `redis`.

`scripts` contains the Lua scripts, `store` calls them, and `connections`
manages the clients.
"""

from .store import RedisSessionStore

__all__ = ["RedisSessionStore"]
