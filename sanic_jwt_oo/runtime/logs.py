"""The logger of the package, and the log record of a refused request.

The whole package uses one logger, `sanic_jwt_oo`. Sanic configures only its
own loggers, so records without a handler in the application are passed to
the handlers of `sanic.root`.
"""

from __future__ import annotations

import inspect
import logging
import warnings
from itertools import takewhile
from traceback import walk_stack

from sanic import Request
from sanic.exceptions import SanicException

from ..exceptions import SanicJWTException
from .sanic_internals import repeats_main_process

logger: logging.Logger = logging.getLogger("sanic_jwt_oo")
_INSIDE = ("sanic", "sanic_jwt_oo")
_sanic = logging.getLogger("sanic.root")


class _ToSanic(logging.Handler):
    """Passes a record to Sanic's logger if it has no other handler.

    This is decided for each record, so it does not matter whether logging is
    configured before or after this package is imported.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Pass the record on, unless the application handles it."""
        current: logging.Logger | None = logging.getLogger(record.name)
        while current is not None:
            if not current.propagate or any(
                h is not self for h in current.handlers
            ):
                break  # configured by the application
            current = current.parent
        else:
            # A level set for this package overrides that of Sanic.
            if logger.level or _sanic.isEnabledFor(record.levelno):
                _sanic.handle(record)


_to_sanic = _ToSanic()


def attach() -> None:
    """Add the handler to the logger of the package, if it is missing.

    `logging.config.dictConfig` removes the handlers of the loggers that it
    configures. So this is called at import, at install and at server start.
    """
    logger.addHandler(_to_sanic)


def warn_at_install(message: str, *arguments: object) -> None:
    """Log a warning about the configuration, once per server."""
    if not repeats_main_process():
        logger.warning(message, *arguments, stacklevel=2)


def warn_user(message: str, category: type[Warning]) -> None:
    """Issue a Python warning at the line of the application that led to it.

    That is the nearest line outside this package and Sanic, which calls back
    when a blueprint is registered. A worker that imports the application again
    issues none.
    """
    if repeats_main_process():
        return
    stack = [
        str(frame.f_globals.get("__name__", ""))
        for frame, _ in walk_stack(inspect.currentframe())
    ]
    inside = takewhile(lambda name: name.partition(".")[0] in _INSIDE, stack)
    warnings.warn(message, category, stacklevel=len([*inside]) + 1)


def log_refusal(request: Request, error: SanicException) -> None:
    """Log why a request is refused, once, at level DEBUG.

    The record contains the template of the path instead of the path, which
    may contain a token. Of an error of the application it contains only the
    class.
    """
    if not logger.isEnabledFor(logging.DEBUG) or hasattr(error, _LOGGED):
        return
    setattr(error, _LOGGED, True)
    cause = error.__cause__
    reason = cause if isinstance(cause, SanicJWTException) else error
    logger.debug(
        "Refused %s %s with %d: %s%s",
        request.method,
        request.uri_template or "(no route)",
        error.status_code,
        type(reason).__name__,
        f": {' '.join(reason.public_reasons(debug=True))}"
        if isinstance(reason, SanicJWTException)
        else "",
    )


_LOGGED = "_sanic_jwt_oo_logged"
