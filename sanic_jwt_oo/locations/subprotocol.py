"""The subprotocols that a client offers in the handshake of a WebSocket.

A page cannot set headers of a handshake, but it can offer subprotocols:
`new WebSocket(url, ["bearer", token])`. Only `bearer` is ever selected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ..exceptions import (
    InvalidRequest,
    MissingCredentials,
    SanicJWTException,
)
from ..runtime.websocket_internals import is_handshake
from ..types import Request
from .base import TokenLocation

SUBPROTOCOLS = "sec-websocket-protocol"
"""The header, in lower case."""
BEARER = "bearer"
"""The subprotocol in front of a token. Subprotocols are case-sensitive."""
_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
"""A name of a subprotocol (RFC 6455 section 4.1)."""


class SubprotocolLocation(TokenLocation):
    """The subprotocol behind `bearer`."""

    def read(self, request: Request) -> list[str]:
        """Return the tokens that a handshake offers.

        Raises:
            InvalidRequest: The header is malformed.
        """
        return offered_tokens(request) if is_handshake(request) else []

    def missing(self, request: Request) -> SanicJWTException:
        """Return the error for a handshake without a token."""
        return MissingCredentials()


def offered_tokens(request: Request) -> list[str]:
    """Return the tokens among the subprotocols that a client offers.

    Raises:
        InvalidRequest: There are some, and the header is malformed. Servers
            quote such a header in their responses and logs.
    """
    offered = _offered(request)
    tokens = [after for name, after in pairwise(offered) if name == BEARER]
    if tokens and not all(map(_NAME.fullmatch, offered)):
        raise InvalidRequest("Sec-WebSocket-Protocol is malformed.")
    return tokens


def selectable(
    request: Request, own: Sequence[str] | None
) -> Sequence[str] | None:
    """Return the subprotocols that the response to a handshake may select.

    Several headers become one: Sanic reads the first only.

    Args:
        request: The handshake.
        own: The subprotocols of the route, of which the client wants one.

    Returns:
        `own`, or `bearer` if the client offers that and none of `own`.
    """
    offered = _offered(request)
    request.headers[SUBPROTOCOLS] = ", ".join(offered)
    if BEARER in offered[:-1] and not set(own or ()).intersection(offered):
        return [BEARER]
    return own


def _offered(request: Request) -> list[str]:
    headers: list[str] = request.headers.getall(SUBPROTOCOLS, [])
    names = (name.strip(" \t") for name in ",".join(headers).split(","))
    return [name for name in names if name]
