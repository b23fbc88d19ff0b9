"""The query string; it is off by default, because URLs are logged (H6).

Query tokens are masked in the access and error logs as soon as it is on for
an installation, or as soon as one was read on a route.
"""

from __future__ import annotations

from ..configuration import Configuration
from ..exceptions import MissingAuthorizationQueryArg, SanicJWTException
from ..types import Request
from .base import (
    KINDS,
    TokenKind,
    TokenLocation,
    missing_refresh_token,
    missing_status,
)
from .log_mask import LOG_MASK


class QueryLocation(TokenLocation):
    """A query argument; its name is a setting."""

    def __init__(self, settings: Configuration, kind: TokenKind) -> None:
        super().__init__(settings, kind)
        self._name = argument_name(settings, kind)

    def read(self, request: Request) -> list[str]:
        """Return the values of the argument that are not empty."""
        found = request.args.getlist(self._name, [])
        tokens = [value for value in found if value]
        if tokens:
            LOG_MASK.mask_arguments()
        return tokens

    def missing(self, request: Request) -> SanicJWTException:
        """Return the error for a request without the argument."""
        reason = None
        if self._kind == "refresh":
            reason = missing_refresh_token(
                f"the query argument `{self._name}`"
            )
        return MissingAuthorizationQueryArg(reason, missing_status(self._kind))


def argument_name(settings: Configuration, kind: TokenKind) -> str:
    """Return the name of the query argument for a kind of token."""
    if kind == "access":
        return settings.query_string_access_token_name
    return settings.query_string_refresh_token_name


def mask_in_logs(settings: Configuration) -> None:
    """Mask tokens in what Sanic and uvicorn log, from now on."""
    LOG_MASK.mask_headers(settings.authorization_header)
    if settings.query_string_set:
        names = (argument_name(settings, kind) for kind in KINDS)
        LOG_MASK.mask_arguments(*names)


def came_in_query(request: Request, settings: Configuration) -> bool:
    """Return whether a request has a token in its query string."""
    return settings.query_string_set and any(
        argument_name(settings, kind) in request.args for kind in KINDS
    )
