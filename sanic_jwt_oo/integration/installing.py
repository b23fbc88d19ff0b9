"""Installs a `JWTAuth` object: settles it once, refuses what cannot work.

Settings, keys and hooks are settled for the first application; a further one,
of a blueprint that is registered on several, must have the same settings.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from typing import Any

from sanic import Sanic

from ..access import (
    Authorizer,
    EventSender,
    Gate,
    Policies,
    UserKeys,
    Users,
)
from ..access.placement import check_routes
from ..configuration import Configuration
from ..endpoints import AuthenticateEndpoint, RefreshEndpoint
from ..exceptions import (
    AuthenticateNotImplemented,
    HookNotImplemented,
    InitializationFailure,
    InvalidConfiguration,
    InvalidVerification,
    RefreshTokenNotImplemented,
    ScopesNotImplemented,
    UserSecretNotImplemented,
)
from ..hooks import HookTable, StepTable, hooks_of
from ..hooks.checks import (
    check_authenticate,
    check_calls,
    check_class,
    check_names,
    check_parameters,
)
from ..installation import Installation
from ..keys import KeyRing, KeySettings, build_keyring, load_key
from ..locations import mask_in_logs
from ..login import (
    Flows,
    Issuer,
    OwnSessions,
    Refreshing,
    Responder,
    Throttle,
    TokenCookies,
)
from ..runtime.logs import attach, warn_at_install
from ..runtime.sanic_internals import is_first_of_several
from ..sessions import Sessions, SessionStore
from ..tokens import make_claims
from .contexts import check_contexts, install_on
from .errors import respond_to_errors
from .mistakes import check_place_of_settings, check_settings
from .mounting import Target, mount, no_store_for_query
from .views import make_views

_logger = logging.getLogger("sanic_jwt_oo")

_START, _STOP = "before_server_start", "after_server_stop"
_LEGACY_PAIR = frozenset({"store_refresh_token", "retrieve_refresh_token"})
_REFRESH_TOKENS = b"sanic_jwt_oo refresh tokens"
"""The purpose of the secret that refresh tokens are derived under."""


class Installer:
    """Installs one `JWTAuth` object.

    Args:
        installation: The installation of the object.
        base: The class with the verbs, `JWTAuth`.
    """

    def __init__(self, installation: Installation, base: type) -> None:
        self._base = base
        self.installation: Installation = installation
        self.auth: Any = installation.auth

    def install(self, target: Target, app: Sanic[Any, Any] | None) -> None:
        """Put the endpoints on a target; see `JWTAuth.install`."""
        auth = self.auth
        if auth.instance is not None:
            raise InitializationFailure(
                "This is installed already; make another instance of "
                f"{type(auth).__name__} for a second installation."
            )
        auth.instance = target
        try:
            mount(self.installation, self.bind, target, app)
        except Exception:
            auth.instance = None
            self.installation.reset()
            raise
        if not isinstance(target, Sequence):
            install_on(target.ctx, auth)

    def bind(self, app: Sanic[Any, Any], prefix: str | None = None) -> None:
        """Settle settings, keys and hooks for an application.

        Args:
            app: The application.
            prefix: What comes before the paths of the endpoints there; `None`
                if that is not known yet.

        Raises:
            InvalidConfiguration: A setting cannot work, or a hook is
                missing.
            InitializationFailure: `app.ctx` or `request.ctx` has no room.
        """
        attach()
        check_contexts(app)
        installation, auth = self.installation, self.auth
        settings = auth.Configuration.build(
            app.config, installation.given, self._not_settings()
        )
        if not installation.is_settled:
            self._settle(settings, app)
            if prefix is not None:
                path = settings.url_prefix + settings.path_to_authenticate
                check_authenticate(
                    installation.hooks,
                    prefix + path,
                    settings.accepts_any_name(),
                )
        elif self._fill_in(settings) != installation.policies.base.settings:
            raise InitializationFailure(
                f"The SANIC_JWT settings of {app.name} differ from those "
                "of the application this is installed on; make another "
                "instance for it."
            )
        if not hasattr(app.ctx, "sanic_jwt_oo"):
            app.ctx.sanic_jwt_oo = []
            app.register_listener(respond_to_errors, _START)
            app.register_listener(check_routes, _START)
        if all(installation is not other for other in app.ctx.sanic_jwt_oo):
            for other in app.ctx.sanic_jwt_oo:
                self._check_shared_store(other)
            app.ctx.sanic_jwt_oo.append(installation)
            self._register_listeners(app, known_path=prefix is not None)

    def _not_settings(self) -> dict[str, str]:
        """Return what to say of names that are written as settings only."""
        on_the_class = (
            name
            for name, value in vars(self._base).items()
            if not (name.startswith("_") or callable(value))
        )
        return {
            **dict.fromkeys(
                hooks_of(type(self.auth)),
                "It is a hook: define it as a method.",
            ),
            **dict.fromkeys(
                on_the_class,
                "It belongs on the auth class, outside of Configuration.",
            ),
        }

    def _register_listeners(
        self, app: Sanic[Any, Any], *, known_path: bool
    ) -> None:
        installation = self.installation
        if not known_path:
            app.register_listener(self._check_log_in, _START)
        if installation.sessions is not None:
            app.register_listener(self._open_sessions, _START)
            app.register_listener(self._close_sessions, _STOP)
        if installation.throttle is not None:
            app.register_listener(installation.throttle.close, _STOP)
        settings = installation.policies.base.settings
        mask_in_logs(settings)
        if settings.query_string_set:
            no_store_for_query(app, installation.policies)

    # --- settling -----------------------------------------------------------

    def _settle(self, settings: Configuration, app: Sanic[Any, Any]) -> None:
        """Make everything that an installation consists of."""
        auth, installation = self.auth, self.installation
        installation.hooks = HookTable(auth)
        installation.response_hooks = HookTable(auth.responses)
        check_class(type(auth), self._base)
        check_names(auth, self._base)
        settings = self._fill_in(settings)
        keeps_sessions = self._keeps_sessions()
        check_place_of_settings(auth, installation.given)
        check_settings(settings, keeps_sessions)
        self._check_hooks(settings, keeps_sessions)
        self._check_callables(settings)
        place = getattr(auth.instance, "name", "")
        installation.throttle = Throttle.from_settings(
            settings, f"{app.name}\0{place}\0{settings.url_prefix}"
        )
        installation.app = auth.app = app
        installation.steps = StepTable(auth)
        policies = Policies(
            installation, settings, self._read_keys, keeps_sessions
        )
        if keeps_sessions and auth.session_store is not None:
            steps = installation.steps
            installation.sessions = Sessions(
                auth.session_store,
                self._session_key(settings, policies.base.codec.keys),
                lambda: steps.now(),
                settings.leeway,
            )
        installation.policies = policies
        self._assemble(app)
        installation.settle_steps()
        if not settings.do_protection:
            warn_at_install("do_protection is off: every route is open.")
        installation.views = make_views(installation)
        for name, _, handler in installation.views:
            if name == RefreshEndpoint.__name__:
                installation.cookies.refresh_view = handler

    def _assemble(self, app: Sanic[Any, Any]) -> None:
        """Make the collaborators, each from those that it uses."""
        i, auth = self.installation, self.auth
        i.events = EventSender(i.hooks, app)
        keys = UserKeys(i.hooks, i.check_strength)
        i.gate = Gate(
            i,
            i.policies,
            i.steps,
            i.events,
            keys,
            i.sessions,
            respond_to_errors,
        )
        i.users = Users(i.gate, i.hooks, i.steps)
        i.authorizer = Authorizer(i.gate, i.hooks)
        i.issuer = Issuer(
            i, i.policies, i.hooks, i.steps, keys, i.sessions is not None
        )
        i.flows = Flows(
            i,
            auth,
            i.policies,
            i.hooks,
            i.response_hooks,
            i.steps,
            i.events,
            i.issuer,
            i.sessions,
            i.throttle,
        )
        i.refreshing = Refreshing(
            i,
            i.policies,
            i.gate,
            i.users,
            i.hooks,
            i.events,
            i.issuer,
            i.flows,
            i.sessions,
        )
        if i.sessions is not None:
            i.own_sessions = OwnSessions(
                i,
                i.policies,
                i.gate,
                i.steps,
                i.events,
                i.refreshing,
                i.sessions,
            )
        i.responder = Responder(auth, i.policies, i.response_hooks)
        i.cookies = TokenCookies(i.policies)

    def _fill_in(self, settings: Configuration) -> Configuration:
        """Settle the settings whose `None` means that it depends."""
        keeps_sessions = self._keeps_sessions()
        hooks = self.installation.hooks
        depends = {
            "refresh_token_enabled": keeps_sessions,
            "revocation_check": "feed" if keeps_sessions else "never",
            "scopes_enabled": hooks.is_overridden("add_scopes_to_payload"),
        }
        return settings.derive(
            {n: v for n, v in depends.items() if getattr(settings, n) is None}
        )

    def _read_keys(self, settings: KeySettings) -> KeyRing | None:
        if settings.user_secret_enabled:
            return None
        keys = build_keyring(settings, self.auth.random_secret)
        for key in keys:
            self.installation.check_strength(key)
        return keys

    # --- hooks and checks ---------------------------------------------------

    def _check_hooks(
        self, settings: Configuration, keeps_sessions: bool
    ) -> None:
        """Refuse to start without a hook that a feature needs."""
        needs: list[tuple[bool | None, str, type[HookNotImplemented]]] = [
            (settings.auth_mode, "authenticate", AuthenticateNotImplemented),
            (
                settings.auth_mode and settings.scopes_enabled,
                "add_scopes_to_payload",
                ScopesNotImplemented,
            ),
            (
                settings.user_secret_enabled,
                "retrieve_user_secret",
                UserSecretNotImplemented,
            ),
        ]
        enabled = settings.auth_mode and settings.refresh_token_enabled
        for name in sorted(_LEGACY_PAIR):
            needed = enabled and not keeps_sessions
            needs.append((needed, name, RefreshTokenNotImplemented))
        needs.append((enabled, "retrieve_user", RefreshTokenNotImplemented))
        for needed, name, error in needs:
            if needed and not self.installation.hooks.is_overridden(name):
                raise error()

    def _check_callables(self, settings: Configuration) -> None:
        """Refuse what cannot be called with what it is offered."""
        installation, auth = self.installation, self.auth
        any_name = settings.accepts_any_name()
        check_parameters(installation.hooks, any_name)
        check_parameters(installation.response_hooks, any_name, "Responses.")
        if not all(map(callable, auth.extra_verifications)):
            raise InvalidVerification(status_code=500)
        check_calls(make_claims(auth.custom_claims), auth.extra_verifications)

    def _check_log_in(self, app: Sanic[Any, Any], *_: Any) -> None:
        """Check `authenticate` once the path of its endpoint is known."""
        installation = self.installation
        any_name = installation.policies.base.settings.accepts_any_name()
        for route in app.router.routes:
            handler: Any = route.handler
            view = getattr(handler, "view_class", None)
            if (
                view is AuthenticateEndpoint
                and handler.installation is installation
            ):
                check_authenticate(installation.hooks, route.path, any_name)

    # --- sessions -----------------------------------------------------------

    def _keeps_sessions(self) -> bool:
        store = self.auth.session_store
        if store is None:
            return False
        if not isinstance(store, SessionStore):
            raise InvalidConfiguration(
                f"session_store is {store!r}; it must be an object of a "
                "SessionStore class."
            )
        if any(map(self.installation.hooks.is_overridden, _LEGACY_PAIR)):
            warn_at_install(
                "store_refresh_token() and retrieve_refresh_token() keep the "
                "refresh tokens; the session store is not used."
            )
            return False
        return True

    def _session_key(
        self, settings: Configuration, keys: KeyRing | None
    ) -> bytes:
        """Return the secret that refresh tokens are derived under."""
        if settings.session_secret is not None:
            key = load_key("HS256", public=settings.session_secret)
            self.installation.check_strength(key)
        elif keys is None:
            raise InvalidConfiguration(
                "session_secret is needed: with user_secret_enabled there is "
                "no other secret that refresh tokens could be derived under."
            )
        else:
            key = keys.primary
        if not key.can_sign:  # a service that only verifies swaps nothing
            return secrets.token_bytes(32)
        return key.derive(_REFRESH_TOKENS)

    def _check_shared_store(self, other: Installation) -> None:
        """Refuse to accept the refresh tokens of others (requirement S4).

        What a store knows of a refresh token is a session and the id of a
        user. Only the keys tell whose users they are.
        """
        this = self.installation
        mine, theirs = this.sessions, other.sessions
        if (
            mine is not None
            and theirs is not None
            and mine.store is theirs.store
            and self._signs_for(this) != self._signs_for(other)
            and this.policies.base.settings.auth_mode
            and other.policies.base.settings.auth_mode
        ):
            raise InvalidConfiguration(
                "Two installations have one session_store, and each would "
                "take the refresh tokens of the other's users for its own. "
                "Give each a store of its own; or, if their users are the "
                "same, one session_secret, claim_iss and claim_aud."
            )

    def _signs_for(self, installation: Installation) -> tuple[Any, ...]:
        base = installation.policies.base
        settings = base.settings
        key = self._session_key(settings, base.codec.keys)
        return key, settings.claim_iss, settings.claim_aud

    async def _open_sessions(self, app: Sanic[Any, Any]) -> None:
        sessions = self.installation.sessions
        if sessions is None:
            return
        if not sessions.store.shared and is_first_of_several(app):
            _logger.warning(
                "%s keeps sessions in one process, and there are several "
                "workers: sessions of one are unknown to the others. Use "
                "another store, or one worker.",
                type(sessions.store).__name__,
            )
        await sessions.open()

    async def _close_sessions(self, app: Sanic[Any, Any]) -> None:
        if self.installation.sessions is not None:
            await self.installation.sessions.close()
