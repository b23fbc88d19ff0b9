"""Masks tokens in what servers log about a request (H6, L3).

Four kinds of records could contain one: a URL with a token in its query
string; an error of the package websockets about an invalid header, which
quotes the whole value; a header of a handshake, which servers that use
websockets log at level DEBUG; and the scope of a request, which uvicorn logs
at level TRACE. Masking takes time in proportion to the length
of a record, because the client decides what is logged about its request.
"""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import unquote_plus

from websockets.exceptions import InvalidHeader

MASK = "***"
_ACCESS = ("sanic.access", "uvicorn.access")
_ERRORS = ("sanic.error", "sanic.websockets", "uvicorn.error", "uvicorn.asgi")
_HEADERS = frozenset({"authorization", "cookie", "sec-websocket-protocol"})
"""Headers that may contain a token."""
_SCOPES = ("http", "websocket")
"""The types of an ASGI scope."""
_HEADER = "< %s: %s"
"""How websockets logs a header of a request, its name and value."""
_ARGUMENT = re.compile(r"&?[^&# \n]+")
"""A query argument; the first one includes the URL in front of it."""
_TOKEN = re.compile(r"[\w-]{8}\.[\w-]{8,}\.[\w-]{8}")
"""A part of every token. It can match in one way only, in linear time."""


class LogMask(logging.Filter):
    """Masks tokens in log records; drops no record.

    It masks the query arguments that installations read tokens from, and all
    arguments that look like a token, whatever their name.
    """

    def __init__(self) -> None:
        super().__init__()
        self._names: set[str] = set()
        self._headers: set[str] = {*_HEADERS}

    def mask_headers(self, *names: str) -> None:
        """Mask headers, from now on, including those called `names`."""
        self._headers.update(name.lower() for name in names)
        for logger in _ERRORS:
            logging.getLogger(logger).addFilter(self)

    def mask_arguments(self, *names: str) -> None:
        """Mask query arguments too, including those called `names`."""
        self._names.update(names)
        for logger in (*_ACCESS, *_ERRORS):
            logging.getLogger(logger).addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record in place."""
        request = getattr(record, "request", None)
        if isinstance(request, str):
            record.request = self._masked(request)
        if isinstance(record.args, tuple):
            if record.msg == _HEADER and (
                str(record.args[0]).lower() in self._headers
            ):
                record.args = record.args[0], MASK
            record.args = tuple(map(self._masked_value, record.args))
        if isinstance(record.msg, str) and not record.args:
            record.msg = self._masked(record.msg)
        if record.exc_info:
            _mask_headers_of(record.exc_info[1])
        return True

    def _masked_value(self, value: Any) -> Any:
        if isinstance(value, dict) and value.get("type") in _SCOPES:
            query = value.get("query_string", b"").decode("latin-1")
            value = {**value, "query_string": self._masked(f"?{query}")[1:]}
            if value.get("subprotocols"):
                value["subprotocols"] = MASK
        return self._masked(value) if isinstance(value, str) else value

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
        in_query = argument.startswith("&") or "?" in argument[:start]
        if in_query and _TOKEN.search(unquote_plus(argument[start:])):
            return _masked_from(argument, start)
        return argument


def _masked_from(argument: str, start: int) -> str:
    """Mask a value, except for the closing quote of a quoted URL."""
    value = argument[start:]
    quote = value[-1] if value.endswith(("'", '"')) else ""
    return argument[:start] + (value and MASK + quote)


def _mask_headers_of(error: BaseException | None) -> None:
    """Mask the headers that an error, or one of its causes, quotes."""
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, InvalidHeader):
            error.value = MASK
            error.args = (error.name, MASK)
        error = error.__cause__ or error.__context__


LOG_MASK = LogMask()
