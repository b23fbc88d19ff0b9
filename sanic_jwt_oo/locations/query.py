"""The query string, off by default: addresses end up in logs (H6).

When a token has been read from it, the name of its argument is masked in
Sanic's access and error logs from then on.
"""

from __future__ import annotations

import logging
import re
from urllib.parse import unquote_plus

from ..configuration import Configuration
from ..exceptions import MissingAuthorizationQueryArg, SanicJWTException
from ..types import Request
from .base import KINDS, TokenKind, TokenLocation, missing_status


class QueryLocation(TokenLocation):
    """A query argument, whose name is a setting."""

    def read(
        self, request: Request, settings: Configuration, kind: TokenKind
    ) -> list[str]:
        """Return every value of the argument that is not empty."""
        name = argument_name(settings, kind)
        tokens = [value for value in request.args.getlist(name, []) if value]
        if tokens:
            _mask.start()
        return tokens

    def missing(
        self, request: Request, settings: Configuration, kind: TokenKind
    ) -> SanicJWTException:
        """Say that the argument is absent."""
        return MissingAuthorizationQueryArg(status_code=missing_status(kind))


def argument_name(settings: Configuration, kind: TokenKind) -> str:
    """Return the name of the argument for a kind of token."""
    if kind == "access":
        return settings.query_string_access_token_name
    return settings.query_string_refresh_token_name


def mask_in_logs(settings: Configuration) -> None:
    """Mask query tokens in what Sanic logs from now on."""
    _mask.start(*(argument_name(settings, kind) for kind in KINDS))


def came_in_query(request: Request, settings: Configuration) -> bool:
    """Tell whether the address of a request holds a token."""
    return settings.query_string_set and any(
        argument_name(settings, kind) in request.args for kind in KINDS
    )


class _TokenMask(logging.Filter):
    """Replaces query tokens in what Sanic logs about a request.

    Masked are the arguments of the names that installations have, and every
    value that has the form of a token, whatever its name.
    """

    _ARGUMENT = re.compile(r"([?&])([^=&#\s'\"]+)=([^&#\s'\"]+)")
    _TOKEN = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")

    def __init__(self) -> None:
        super().__init__()
        self._names: set[str] = set()

    def start(self, *names: str) -> None:
        """Mask from now on, also the arguments called `names`."""
        self._names.update(names)
        for logger in ("sanic.access", "sanic.error"):
            logging.getLogger(logger).addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place; every record passes."""
        request = getattr(record, "request", None)
        if isinstance(request, str):
            record.request = self._masked(request)
        if isinstance(record.args, tuple):
            record.args = tuple(
                self._masked(value) if isinstance(value, str) else value
                for value in record.args
            )
        return True

    def _masked(self, text: str) -> str:
        return self._ARGUMENT.sub(self._mask, text)

    def _mask(self, found: re.Match[str]) -> str:
        start, name, value = found.groups()
        if unquote_plus(name) in self._names or self._TOKEN.search(value):
            value = "***"
        return f"{start}{name}={value}"


_mask = _TokenMask()
