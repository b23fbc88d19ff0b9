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
from .overrides import RouteSettings, innermost_override, overrides_of
from .policy import Policy
from .state import state_of


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
        self.check_revocation(settings)
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
            return self._make(base.settings.derive(overrides))
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
            state.overridden = self._make(settings)
        return state.overridden

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change checked settings of the installation permanently."""
        settings = self.base.settings.derive(changes)
        self.base = self._make(settings, lasting=True)

    def check_revocation(self, settings: Configuration) -> None:
        """Refuse settings whose check of revocation cannot be made.

        Raises:
            InvalidConfiguration: There is no session store.
        """
        check = settings.revocation_check
        if check not in (None, "never") and not self._keeps_sessions:
            raise InvalidConfiguration(
                f"revocation_check = {check!r} needs a session_store."
            )

    def _of_route(self, overrides: RouteSettings) -> Policy:
        """Return the policy of a route, which is derived once."""
        if overrides.base is not self.base:
            settings = self.base.settings.derive(overrides)
            overrides.policy = self._make(settings, lasting=True)
            overrides.base = self.base
        policy: Policy = overrides.policy
        return policy

    def _make(
        self, settings: Configuration, *, lasting: bool = False
    ) -> Policy:
        base = self.base
        if settings.revocation_check is None:
            check = base.settings.revocation_check
            settings = settings.derive({"revocation_check": check})
        self.check_revocation(settings)
        wanted = KeySettings.of(settings)
        if wanted == KeySettings.of(base.settings):
            return Policy(base.codec.with_settings(settings, lasting), base)
        keys = self._read_keys(wanted)
        return Policy(TokenCodec(settings, keys, lasting=lasting), base)
