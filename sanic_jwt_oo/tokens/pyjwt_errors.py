"""Errors that are those of PyJWT as well, for code that catches these."""

from __future__ import annotations

import jwt

from ..exceptions import ExpiredToken, InvalidToken


class _Expired(ExpiredToken, jwt.ExpiredSignatureError):
    """See `ExpiredToken`."""


class _NotDecoded(InvalidToken, jwt.DecodeError):
    """See `InvalidToken`; its signature was not verified."""


class _Invalid(InvalidToken, jwt.InvalidTokenError):
    """See `InvalidToken`."""


_Expired.__name__ = ExpiredToken.__name__  # which responses show
_NotDecoded.__name__ = _Invalid.__name__ = InvalidToken.__name__


def become_pyjwt_error(error: InvalidToken) -> None:
    """Make an error one that `except jwt.ExpiredSignatureError` catches.

    Those that PyJWT does not raise, such as that of a custom claim, stay as
    they are.

    Args:
        error: The error, which changes its class.
    """
    if type(error) is ExpiredToken:
        error.__class__ = _Expired
    elif type(error) is InvalidToken:
        error.__class__ = _NotDecoded if error.detail else _Invalid
