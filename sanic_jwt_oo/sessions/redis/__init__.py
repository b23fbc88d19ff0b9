"""Sessions in Redis or Valkey; needs the extra `redis`.

`scripts` is what runs on the server, `store` what calls it.
"""

from .store import RedisSessionStore

__all__ = ["RedisSessionStore"]
