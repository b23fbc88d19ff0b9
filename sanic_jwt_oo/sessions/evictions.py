"""The log lines about sessions that ended because there were too many."""

from __future__ import annotations

import logging

from .model import UserId

_logger = logging.getLogger("sanic_jwt_oo")

_INTERVAL = 3600.0
_REMEMBERED = 1_000


class EvictionLog:
    """Logs at most one line an hour for a user, in bounded memory.

    When more than `_REMEMBERED` users reach their limit within an hour, those
    that come last are not logged.
    """

    def __init__(self) -> None:
        self._logged: dict[UserId, float] = {}

    def note(self, user_id: UserId, limit: int | None, now: float) -> None:
        """Log that a session of a user has ended, unless it was just logged.

        Args:
            user_id: The user.
            limit: How many sessions the user may have.
            now: The time, in seconds since the epoch.
        """
        logged = self._logged
        while logged and now - next(iter(logged.values())) >= _INTERVAL:
            del logged[next(iter(logged))]
        if user_id in logged or len(logged) >= _REMEMBERED:
            return
        logged[user_id] = now
        _logger.warning(
            "User %r has logged in more than max_sessions = %s times; the "
            "sessions that were used least recently end.",
            user_id,
            limit,
        )
