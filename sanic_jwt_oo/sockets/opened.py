"""A protected socket that is open."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Any, TypeAlias

from ..access import Policy, RequestState, Required
from ..configuration import Configuration
from ..exceptions import InvalidRequest
from ..installation import Installation
from ..types import Request

Guarding: TypeAlias = tuple[Policy, Required | None]
"""What one guard of a route requires: its policy and its scopes."""
UNAUTHORIZED = 3000
"""The status code of a closed socket that stands for 401 (IANA)."""
FORBIDDEN = 3003
"""The one that stands for 403."""
TRY_AGAIN_LATER = 1013
"""The one that stands for 503."""


class OpenSocket:
    """What one installation knows about a socket that it has opened.

    Args:
        installation: The installation. A socket that several guard is watched
            once for each.
        request: The request of the handshake.
        ws: The socket.
        state: Has the token that opened it, and the policy that accepted it.
        guards: What each guard of the installation requires, the outermost
            first. The strictest decides (X4).
        parameters: The parameters of the route, for scopes that a callable
            returns.

    Attributes:
        handler: The task of the handler, while that runs.
        latest: When `max_socket_lifetime` ends, in seconds since the epoch.
        lives_with_session: Whether the end of its token does not end it.
        ids: The ids in the token whose revocation ends it.
        unknown_since: When the session could first not be read.
        closed: Set once this installation closes it; done when it is closed.
        code: The status code that it is closed with.
        reason: The reason that it is closed with.
    """

    __slots__ = (
        "closed",
        "code",
        "guards",
        "handler",
        "ids",
        "installation",
        "latest",
        "lives_with_session",
        "parameters",
        "reason",
        "request",
        "state",
        "unknown_since",
        "ws",
    )

    def __init__(
        self,
        installation: Installation,
        request: Request,
        ws: Any,
        state: RequestState,
        guards: tuple[Guarding, ...],
        parameters: Mapping[str, Any],
    ) -> None:
        self.installation: Installation = installation
        self.request: Request = request
        self.ws: Any = ws
        self.state: RequestState = state
        self.guards: tuple[Guarding, ...] = guards
        self.parameters: Mapping[str, Any] = parameters
        self.handler: asyncio.Task[Any] | None = asyncio.current_task()
        self.lives_with_session: bool = self._lives_with_session()
        self.latest: float = math.inf
        self.ids: tuple[str, ...] = ()
        self.unknown_since: float | None = None
        self.closed: asyncio.Future[None] | None = None
        self.code: int = 0
        self.reason: str = ""

    @property
    def settings(self) -> Configuration:
        """The settings that its token was accepted under."""
        policy = self.state.policy
        assert policy is not None  # noqa: S101 - it was admitted
        return policy.settings

    @property
    def session_id(self) -> str | None:
        """The session of its token, if there is one."""
        session_id: Any = self.state.token.session_id
        return session_id if isinstance(session_id, str) else None

    def begin(self, now: float) -> float:
        """Begin to live with the token of its state.

        Returns:
            When to look at it again, in seconds since the epoch.
        """
        token = self.state.token
        every = [policy.settings for policy, _ in self.guards]
        self.unknown_since = None
        self.latest = now + min(one.max_socket_lifetime for one in every)
        ends: float = min(
            (token.expires + one.leeway for one in every if one.verify_exp),
            default=math.inf,
        )
        if ends == math.inf and self.outlives_token:
            ends = now  # the session says
        self.ids = ()
        if any(one.revocation_check != "never" for one in every):
            ids = (token.session_id, token.token_id)
            self.ids = tuple(i for i in ids if isinstance(i, str))
        return ends if ends < self.latest else self.latest  # also if it is NaN

    @property
    def outlives_token(self) -> bool:
        """Whether its session decides, rather than its token."""
        return self.lives_with_session and self.session_id is not None

    def cancel_handler(self) -> None:
        """Cancel the handler, if it still runs."""
        if self.handler is not None:
            self.handler.cancel()

    def over(self) -> None:
        """Note that it is closed."""
        if self.closed is not None and not self.closed.done():
            self.closed.set_result(None)

    def _lives_with_session(self) -> bool:
        return all(self._may_outlive(policy) for policy, _ in self.guards)

    def _may_outlive(self, policy: Policy) -> bool:
        """Return whether a policy lets it live with its session."""
        wanted = policy.settings.socket_ends_with
        if wanted is not None:
            return wanted == "session"
        if policy.settings.revocation_check == "never":
            return False
        try:
            return policy.access.ambient(self.request)
        except InvalidRequest:  # an overridden `read_token` reads it
            return False
