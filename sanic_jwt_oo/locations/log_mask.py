"""Keep tokens out of what servers log about a request (requirements H6, L3).

Two kinds of records would show one: an address with a token in its query
string, and the error of the package websockets about a header that it cannot
take, which quotes the whole value. Masking takes time in proportion to the
length of a record: whoever sends a request decides what is logged of it.
"""

from __future__ import annotations

import logging
import re
from urllib.parse import unquote_plus

from websockets.exceptions import InvalidHeader

MASK = "***"
_ACCESS = ("sanic.access", "uvicorn.access")
_ERRORS = ("sanic.error", "sanic.websockets")
_ARGUMENT = re.compile(r"&?[^&# \n]+")
"""An argument; the first one of an address comes with what is before it."""
_TOKEN = re.compile(r"[\w-]{8}\.[\w-]{8,}\.[\w-]{8}")
"""What every token contains; no two ways to match, so one pass will do."""


class LogMask(logging.Filter):
    """Masks tokens in log records; every record passes.

    Masked are the query arguments with the names that installations have,
    and all that have the form of a token, whatever their name.
    """

    def __init__(self) -> None:
        super().__init__()
        self._names: set[str] = set()

    def mask_headers(self) -> None:
        """Mask headers that an error quotes, from now on."""
        for logger in _ERRORS:
            logging.getLogger(logger).addFilter(self)

    def mask_arguments(self, *names: str) -> None:
        """Mask query arguments too, also those called `names`."""
        self._names.update(names)
        for logger in (*_ACCESS, *_ERRORS):
            logging.getLogger(logger).addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place."""
        request = getattr(record, "request", None)
        if isinstance(request, str):
            record.request = self._masked(request)
        if isinstance(record.args, tuple):
            record.args = tuple(
                self._masked(value) if isinstance(value, str) else value
                for value in record.args
            )
        if isinstance(record.msg, str) and not record.args:
            record.msg = self._masked(record.msg)
        if record.exc_info:
            _mask_headers_of(record.exc_info[1])
        return True

    def _masked(self, text: str) -> str:
        return _ARGUMENT.sub(self._mask, text)

    def _mask(self, found: re.Match[str]) -> str:
        argument, end = found[0], 0
        for name in argument.split("=")[:-1]:
            end += len(name) + 1
            name = name.removeprefix("&").rpartition("?")[2]
            if unquote_plus(name) in self._names:
                return _masked_from(argument, end)
        start = argument.find("=") + 1
        asks = argument.startswith("&") or "?" in argument[:start]
        if asks and _TOKEN.search(unquote_plus(argument[start:])):
            return _masked_from(argument, start)
        return argument


def _masked_from(argument: str, start: int) -> str:
    """Mask a value, but for the quote that an address in quotes ends with."""
    value = argument[start:]
    quote = value[-1] if value.endswith(("'", '"')) else ""
    return argument[:start] + (value and MASK + quote)


def _mask_headers_of(error: BaseException | None) -> None:
    """Mask the headers that an error quotes, or one that led to it."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, InvalidHeader):
            error.value = MASK
            error.args = (error.name, MASK)
        error = error.__cause__ or error.__context__


LOG_MASK = LogMask()
