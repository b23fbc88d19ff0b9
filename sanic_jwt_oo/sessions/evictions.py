"""Log records about sessions that were ended because of `max_sessions`."""

from __future__ import annotations

import logging

from .model import UserId

_logger = logging.getLogger("sanic_jwt_oo")

_INTERVAL = 3600.0
_MAX_USERS = 1_000


class EvictionLog:
    """Logs at most one warning per user and hour, in bounded memory.

    At most `_MAX_USERS` users are tracked. When more of them reach their
    limit within an hour, the rest are not logged.
    """

    def __init__(self) -> None:
        self._logged: dict[UserId, float] = {}

    def note(self, user_id: UserId, limit: int | None, now: float) -> None:
        """Log that sessions of a user were ended, unless logged recently.

        Args:
            user_id: The id of the user.
            limit: The setting `max_sessions`.
            now: The time, in seconds since the epoch.
        """
        logged = self._logged
        while logged and now - next(iter(logged.values())) >= _INTERVAL:
            del logged[next(iter(logged))]
        if user_id in logged or len(logged) >= _MAX_USERS:
            return
        logged[user_id] = now
        _logger.warning(
            "User %r exceeded max_sessions = %s; ended the least recently "
            "used sessions.",
            user_id,
            limit,
        )
