"""Which errors say that a database is not available."""

from __future__ import annotations

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)

_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
_UNDEFINED_TABLE = "42P01"
# shutting down, crashed, starting; serialization failure, deadlock
_ROLLED_BACK = ("57P01", "57P02", "57P03", "40001", "40P01")


class Unreachable(Exception):
    """There is no connection to be had."""


def is_failure(exc: Exception) -> bool:
    """Tell a failure of the database from a mistake of ours.

    Drivers raise more than their own errors: a connection that was lost
    while in use, or an engine whose connections belong to another event
    loop, shows as nearly anything.
    """
    if isinstance(exc, DBAPIError):
        state = getattr(exc.orig, "sqlstate", None)
        return not isinstance(exc, _OURS) or state == _UNDEFINED_TABLE
    return not isinstance(exc, (ImportError, TypeError))


def left_no_trace(exc: DBAPIError | OSError) -> bool:
    """Tell whether the transaction is over, and another may be tried."""
    if isinstance(exc, OSError):
        return not isinstance(exc, TimeoutError)
    state = getattr(exc.orig, "sqlstate", None)
    return exc.connection_invalidated or state in _ROLLED_BACK
