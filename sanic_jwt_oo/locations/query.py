"""The query string, off by default: addresses end up in logs (H6).

When a token has been read from it, the name of its argument is masked in
Sanic's access and error logs from then on.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from ..configuration import Configuration
from ..exceptions import MissingAuthorizationQueryArg, SanicJWTException
from .base import KINDS, TokenKind, TokenLocation, missing_status

if TYPE_CHECKING:
    from sanic import Request


class QueryLocation(TokenLocation):
    """A query argument, whose name is a setting."""

    def is_enabled(self, settings: Configuration) -> bool:
        """Follow `query_string_set`."""
        return settings.query_string_set

    def is_strict(self, settings: Configuration) -> bool:
        """Follow `query_string_strict`."""
        return settings.query_string_strict

    def read(
        self, request: Request, settings: Configuration, kind: TokenKind
    ) -> list[str]:
        """Return every value of the argument that is not empty."""
        name = argument_name(settings, kind)
        tokens = [value for value in request.args.getlist(name, []) if value]
        if tokens:
            _mask.add(name)
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
    for kind in KINDS:
        _mask.add(argument_name(settings, kind))


def came_in_query(request: Request, settings: Configuration) -> bool:
    """Tell whether the address of a request holds a token."""
    return settings.query_string_set and any(
        argument_name(settings, kind) in request.args for kind in KINDS
    )


class _TokenMask(logging.Filter):
    """Replaces query tokens in what Sanic logs about a request."""

    def __init__(self) -> None:
        super().__init__()
        self._names: set[str] = set()
        self._pattern = re.compile("(?!)")

    def add(self, name: str) -> None:
        """Mask the argument called `name` from now on."""
        if name in self._names:
            return
        self._names.add(name)
        names = "|".join(map(re.escape, sorted(self._names)))
        self._pattern = re.compile(rf"([?&](?:{names})=)[^&#\s'\"]+")
        for logger in ("sanic.access", "sanic.error"):
            logging.getLogger(logger).addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place; every record passes."""
        request = getattr(record, "request", None)
        if isinstance(request, str):
            record.request = self._masked(request)
        if isinstance(record.args, tuple):
            record.args = tuple(
                self._masked(argument)
                if isinstance(argument, str)
                else argument
                for argument in record.args
            )
        return True

    def _masked(self, text: str) -> str:
        return self._pattern.sub(r"\1***", text)


_mask = _TokenMask()
