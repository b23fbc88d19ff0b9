"""Classifies errors: is the database unavailable, may one retry?"""

from __future__ import annotations

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)

_PROGRAMMING_ERRORS = (
    DataError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
_UNDEFINED_TABLE = "42P01"
# shutting down, crashed, starting; serialization failure, deadlock
_ROLLED_BACK = ("57P01", "57P02", "57P03", "40001", "40P01")


class Unreachable(Exception):
    """No connection can be opened."""


def is_failure(exc: Exception) -> bool:
    """Return whether an error is a failure of the database, not a bug.

    Drivers raise more than their own errors: a connection that is lost in
    use, or an engine whose connections belong to another event loop, may
    raise nearly anything.
    """
    if isinstance(exc, DBAPIError):
        state = getattr(exc.orig, "sqlstate", None)
        return (
            not isinstance(exc, _PROGRAMMING_ERRORS)
            or state == _UNDEFINED_TABLE
        )
    return not isinstance(exc, (ImportError, TypeError))


def may_retry(exc: DBAPIError | OSError) -> bool:
    """Return whether the transaction was rolled back and may be retried."""
    if isinstance(exc, OSError):
        return not isinstance(exc, TimeoutError)
    state = getattr(exc.orig, "sqlstate", None)
    return exc.connection_invalidated or state in _ROLLED_BACK
