"""The helpers of `sanic_jwt.utils`, for applications that call them.

Nothing in the package calls them, so replacing one changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ..exceptions import ProvidedPathNotFound
from ..hooks import resolve

_ASYMMETRIC = ("rs", "es", "ps", "ed")


def generate_token(n: int = 24, *args: Any, **kwargs: Any) -> str:
    """Return `n` random bytes in hexadecimal digits."""
    return secrets.token_hex(n)


def build_claim_iss(attr: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the issuer, which is the value of the setting."""
    return attr


def build_claim_aud(attr: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the audience, which is the value of the setting."""
    return attr


def build_claim_iat(attr: Any, *args: Any, **kwargs: Any) -> datetime | None:
    """Return the time in UTC, without a time zone; `None` if it is off."""
    return _now() if attr else None


def build_claim_nbf(
    attr: Any, config: Any, *args: Any, **kwargs: Any
) -> datetime | None:
    """Return the time from which a token is valid; see `build_claim_iat`.

    Args:
        attr: The setting `claim_nbf`.
        config: The settings, in their callable form.
        *args: No effect.
        **kwargs: No effect.
    """
    if not attr:
        return None
    seconds = config.leeway() + config.claim_nbf_delta()
    return _now() + timedelta(seconds=seconds)


def _now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)


async def call(fn: Callable[..., Any] | Any, *args: Any, **kwargs: Any) -> Any:
    """Return what a function returns, sync or async.

    Anything that cannot be called is returned as it is.
    """
    return await resolve(fn(*args, **kwargs) if callable(fn) else fn)


def load_file_or_str(path_or_str: Any) -> Any:
    """Return the text of a file; any other value as it is.

    Args:
        path_or_str: A `Path`, or a text that may be the path of a file.

    Raises:
        ProvidedPathNotFound: A `Path` is not that of a file.
    """
    if isinstance(path_or_str, Path):
        if not path_or_str.is_file():
            raise ProvidedPathNotFound()
        return path_or_str.read_text()
    if isinstance(path_or_str, str):
        try:
            path = Path(path_or_str)
            return path.read_text() if path.is_file() else path_or_str
        except (OSError, ValueError):  # too long for a path, or a zero byte
            return path_or_str
    return path_or_str


def algorithm_is_asymmetric(algorithm: str) -> bool:
    """Return whether an algorithm signs with a private key."""
    return algorithm.lower().startswith(_ASYMMETRIC)
