"""Where the records of the package go, and the line about a refusal.

All of the package logs to one logger, `sanic_jwt_oo`. Sanic configures only
loggers of its own, so records that no handler of the application would take
are handed to those of `sanic.root`.
"""

from __future__ import annotations

import asyncio
import logging
import os
from traceback import walk_stack

from sanic import Request
from sanic.exceptions import SanicException

from .exceptions import SanicJWTException

logger: logging.Logger = logging.getLogger("sanic_jwt_oo")
_sanic = logging.getLogger("sanic.root")


class _ToSanic(logging.Handler):
    """Hands a record to Sanic's logger if no other handler would take it.

    That is decided for each record, so the order in which an application
    configures logging and imports this package makes no difference.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record on, or leave it to the application."""
        at: logging.Logger | None = logging.getLogger(record.name)
        while at is not None:
            if not at.propagate or any(h is not self for h in at.handlers):
                break  # configured by the application
            at = at.parent
        else:
            # a level that was set for this package needs no other
            if logger.level or _sanic.isEnabledFor(record.levelno):
                _sanic.handle(record)


_to_sanic = _ToSanic()


def attach() -> None:
    """Put the handler on the package's logger, if it is not there.

    `logging.config.dictConfig` removes the handlers of each logger that it
    names; so this is called at import, at install and when a server starts.
    """
    logger.addHandler(_to_sanic)


def warn_at_install(message: str, *arguments: object) -> None:
    """Log a warning about how an application is set up, once per server."""
    if not repeats_main_process():
        logger.warning(message, *arguments, stacklevel=2)


def repeats_main_process() -> bool:
    """Tell whether another process repeats what its main process has done.

    multiprocessing runs the main module once more, under another name, and
    Sanic's workers import the application before their event loop runs.
    """
    names = (f.f_globals.get("__name__") for f, _ in walk_stack(None))
    if "__mp_main__" in names:
        return True
    if "SANIC_WORKER_NAME" not in os.environ:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


def log_refusal(request: Request, error: SanicException) -> None:
    """Log why a request is refused: one line, at level DEBUG.

    The line has the template of the path, not the path, which may hold a
    token. Of an error of the application it has the class alone.
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
        f": {' '.join(reason.told(debug=True))}"
        if isinstance(reason, SanicJWTException)
        else "",
    )


_LOGGED = "_sanic_jwt_oo_logged"
