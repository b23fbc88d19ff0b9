"""A protected socket that is open.

The gate watches each one from just before the application's handler runs
until it ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from ..access import RequestState, Required
from ..installation import Installation
from ..types import Request


class OpenSocket(NamedTuple):
    """What one installation knows about a socket that it has opened.

    Attributes:
        installation: The installation. A socket that several guard is watched
            once for each.
        request: The request of the handshake.
        ws: The socket.
        state: Has the token that opened it, and the policy that accepted it.
        required: The scopes that the guards of the installation require.
        parameters: The parameters of the route, for scopes that a callable
            returns.
    """

    installation: Installation
    request: Request
    ws: Any
    state: RequestState
    required: tuple[Required, ...]
    parameters: Mapping[str, Any]


@asynccontextmanager
async def watch(socket: OpenSocket) -> AsyncIterator[None]:
    """Watch a socket while the application's handler runs in the block."""
    yield
