"""Which policy is in force.

An installation has one policy for its settings. Others are derived from it:
for a request, if there is a `get_<name>(request)`; for a route whose
decorators have settings; for a block under `override()`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..configuration import Configuration
from ..exceptions import InvalidConfiguration
from ..keys import KeyRing, KeySettings
from ..runtime.sanic_internals import current_request
from ..tokens import TokenCodec
from ..types import Request
from .overrides import (
    NOTHING,
    RouteSettings,
    innermost_override,
    overrides_of,
)
from .policy import Policy
from .state import state_of


def check_without_store(check: str | None, ends_with: str | None) -> None:
    """Refuse settings that need a session store.

    Args:
        check: The setting `revocation_check`.
        ends_with: The setting `socket_ends_with`.

    Raises:
        InvalidConfiguration: One of them does.
    """
    if check not in (None, "never"):
        raise InvalidConfiguration(
            f"revocation_check = {check!r} needs a session_store."
        )
    if ends_with == "session":
        raise InvalidConfiguration(
            "socket_ends_with = 'session' needs a session_store."
        )


class Policies:
    """The policies of one installation.

    Args:
        owner: The installation.
        settings: Its settings.
        read_keys: Reads the keys that settings name.
        keeps_sessions: Whether revocation can be checked.

    Attributes:
        base: The policy that the settings of the installation make.
    """

    def __init__(
        self,
        owner: object,
        settings: Configuration,
        read_keys: Callable[[KeySettings], KeyRing | None],
        keeps_sessions: bool,
    ) -> None:
        self._owner = owner
        self._read_keys = read_keys
        self._keeps_sessions = keeps_sessions
        self.check_store(settings)
        keys = read_keys(KeySettings.of(settings))
        codec = TokenCodec(settings, keys)
        self.base: Policy = Policy(codec)

    def in_force(self, request: Request | None = None) -> Policy:
        """Return the policy that is in force.

        Args:
            request: The request it is for; by default the one that is being
                handled, if any.
        """
        base = self.base
        if not base.varies and innermost_override() is None:
            return base
        overrides = overrides_of(self._owner)
        if not (overrides or base.varies):
            return base
        if isinstance(overrides, RouteSettings) and not base.varies:
            return self._of_route(overrides)
        request = request or current_request()
        if request is None:
            settings = base.settings.derive(overrides)
            return self._make(settings, overrides)
        state = state_of(request, self._owner)
        if state.own is None:
            state.own = base
            if base.varies:
                state.own = self._make(base.settings.for_request(request))
        if not overrides:
            return state.own
        if state.overridden is None or state.overrides != overrides:
            state.overrides = overrides
            settings = state.own.settings.derive(overrides)
            state.overridden = self._make(settings, overrides)
        return state.overridden

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change checked settings of the installation permanently."""
        settings = self.base.settings.derive(changes)
        self.base = self._make(settings, lasting=True)

    def check_store(self, settings: Configuration) -> None:
        """Refuse settings that need a session store, if there is none.

        Raises:
            InvalidConfiguration: There is no session store.
        """
        if not self._keeps_sessions:
            check_without_store(
                settings.revocation_check, settings.socket_ends_with
            )

    def _of_route(self, overrides: RouteSettings) -> Policy:
        """Return the policy of a route, which is derived once."""
        if overrides.base is not self.base:
            settings = self.base.settings.derive(overrides)
            policy = self._make(settings, overrides, lasting=True)
            overrides.policy = policy
            overrides.base = self.base
        found: Policy = overrides.policy
        return found

    def _make(
        self,
        settings: Configuration,
        overrides: Mapping[str, Any] = NOTHING,
        *,
        lasting: bool = False,
    ) -> Policy:
        base = self.base
        if settings.revocation_check is None:
            check = base.settings.revocation_check
            settings = settings.derive({"revocation_check": check})
        self.check_store(settings)
        wanted = KeySettings.of(settings)
        if wanted == KeySettings.of(base.settings):
            codec = base.codec.with_settings(settings, lasting)
        else:
            keys = self._read_keys(wanted)
            codec = TokenCodec(settings, keys, lasting=lasting)
        return Policy(codec, base, overrides)
