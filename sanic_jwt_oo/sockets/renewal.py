"""A newer token for an open socket; see `JWTAuth.renew`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..access import Policy, RequestState, overriding
from ..exceptions import Unauthorized
from ..installation import Installation
from .opened import FORBIDDEN, OpenSocket
from .watching import SocketWatch, watch_of


async def renew(installation: Installation, ws: Any, token: str) -> None:
    """Have an open socket live with a newer token of its user.

    Raises:
        Unauthorized: See `JWTAuth.renew`.
        SessionStoreUnavailable: Revocation cannot be checked.
    """
    watch = watch_of(installation)
    socket = _require_open(watch, ws)
    newer = RequestState()
    newer.owner = installation
    for policy in dict.fromkeys(policy for policy, _ in socket.guards):
        with _settings_of(policy, installation, socket):
            await installation.gate.admit_token(socket.request, newer, token)
    _check_successor(socket, newer)
    _require_open(watch, ws)
    state = socket.state
    assert newer.policy is not None  # noqa: S101 - it was admitted
    state.accept(newer.policy, newer.token, newer.payload)
    state.renewed, state.userless = token, False
    watch.renew(socket)
    try:
        for policy, required in socket.guards:
            if required is None:
                continue
            with _settings_of(policy, installation, socket):
                await installation.authorizer.authorize(
                    socket.request, required, socket.parameters
                )
    except BaseException:  # also if it is cancelled
        watch.close(socket, FORBIDDEN, "insufficient_scope")
        raise


@contextmanager
def _settings_of(
    policy: Policy, installation: Installation, socket: OpenSocket
) -> Iterator[None]:
    """Put the settings of one guard of a socket in force."""
    with (
        overriding(installation, None, socket),  # hides those of a caller
        overriding(installation, policy.overrides, socket),
    ):
        yield


def _require_open(watch: SocketWatch, ws: Any) -> OpenSocket:
    socket = watch.find(ws)
    if socket is None:
        raise Unauthorized(
            "This WebSocket is not open, or its route is not protected by "
            "this installation."
        )
    return socket


def _check_successor(socket: OpenSocket, newer: RequestState) -> None:
    """Refuse the token of another user, or one that ends sooner.

    Raises:
        Unauthorized: It is.
    """
    name = socket.settings.user_id
    users = [one.token.payload().get(name) for one in (socket.state, newer)]
    if (
        users[0] is None
        or users[0] != users[1]
        or type(users[0]) is not type(users[1])
    ):
        raise Unauthorized("The token belongs to another user.")
    if newer.token.expires < socket.state.token.expires:
        raise Unauthorized("The token ends before the one that it replaces.")
