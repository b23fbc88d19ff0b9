"""Installs a `JWTAuth` object: settles it once, refuses what cannot work.

Settings, keys and hooks are settled for the first application. If a blueprint
is registered on several, the others must have the same settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
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
from ..configuration import Configuration
from ..endpoints import AuthenticateEndpoint, RefreshEndpoint
from ..exceptions import (
    AuthenticateNotImplemented,
    HookNotImplemented,
    InitializationFailure,
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
    check_order,
    check_parameters,
    check_stand_ins,
    check_steps,
)
from ..installation import Installation
from ..keys import KeyRing, KeySettings, build_keyring
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
from ..runtime.sanic_internals import (
    all_applications,
    routes_of,
    view_class_of,
)
from ..sessions import Sessions
from ..tokens import make_claims
from .contexts import check_contexts, install_on, joins_late
from .errors import respond_to_errors
from .mistakes import check_place_of_settings, check_settings
from .mounting import Target, mount, no_store_for_query
from .session_setup import (
    LEGACY_HOOKS,
    check_shared_store,
    close_sessions,
    keeps_sessions,
    open_sessions,
    session_secret,
)
from .starting import prepare_on_start
from .views import make_views

_START, _STOP = "before_server_start", "after_server_stop"


class Installer:
    """Installs one `JWTAuth` object.

    Args:
        installation: The installation of the object.
        base: The class with the verbs, `JWTAuth`.
        has_endpoints: Whether it has endpoints, and so needs their hooks.
    """

    def __init__(
        self,
        installation: Installation,
        base: type,
        has_endpoints: bool = True,
    ) -> None:
        self._base = base
        self._serves = has_endpoints
        self.installation: Installation = installation
        self.auth: Any = installation.auth

    def install(self, target: Target, app: Sanic[Any, Any] | None) -> None:
        """Put the endpoints on a target; see `JWTAuth.install`."""
        auth = self.auth
        if auth.instance is not None:
            raise InitializationFailure(
                "This object is already installed. Make another instance of "
                f"{type(auth).__name__} for a second installation."
            )
        auth.instance = target
        try:
            mount(self.installation, self.bind, target, app)
        except Exception:
            auth.instance = None
            self._forget()
            raise
        if not isinstance(target, Sequence):
            install_on(target.ctx, auth)

    def bind(self, app: Sanic[Any, Any], prefix: str | None = None) -> None:
        """Settle settings, keys and hooks for an application.

        Args:
            app: The application.
            prefix: The prefix of the endpoints' paths; `None` if not known.

        Raises:
            InvalidConfiguration: A setting cannot work, or a hook is
                missing.
            InitializationFailure: `app.ctx` or `request.ctx` cannot be used.
        """
        attach()
        check_contexts(app)
        installation, auth = self.installation, self.auth
        settings = auth.Configuration.build(
            app.config, installation.given, self._not_settings()
        )
        if not installation.is_settled:
            try:
                self._settle(settings, app, prefix)
            except Exception:
                self._forget()
                raise
        elif self._fill_in(settings) != installation.policies.base.settings:
            raise InitializationFailure(
                f"The SANIC_JWT settings of {app.name} differ from those "
                "of the application this is installed on. Make another "
                "instance for it."
            )
        if not self._serves and joins_late(app, installation):
            return
        if getattr(app.ctx, "sanic_jwt_oo", None) is None:
            app.ctx.sanic_jwt_oo = []
            prepare_on_start(app)
        if all(installation is not other for other in app.ctx.sanic_jwt_oo):
            for other in app.ctx.sanic_jwt_oo:
                check_shared_store(installation, other)
            app.ctx.sanic_jwt_oo.append(installation)
            self._register_listeners(app, known_path=prefix is not None)

    def _not_settings(self) -> dict[str, str]:
        """Return a message for each name that is mistaken for a setting."""
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
        installation, sessions = self.installation, self.installation.sessions
        app.register_listener(self._settle_steps, _START)
        if not known_path:
            app.register_listener(self._check_authenticate, _START)
        if sessions is not None:
            app.register_listener(partial(open_sessions, sessions), _START)
            app.register_listener(partial(close_sessions, sessions), _STOP)
        if installation.throttle is not None:
            app.register_listener(installation.throttle.close, _STOP)
        settings = installation.policies.base.settings
        mask_in_logs(settings)
        if settings.query_string_set:
            no_store_for_query(app, installation.policies)

    def _settle_steps(self, *_: Any) -> None:
        """Take up steps that were set on the class since the install."""
        if self.installation.is_settled:  # a later target may have refused it
            self.installation.settle_steps()

    # --- settling -----------------------------------------------------------

    def _forget(self) -> None:
        """Undo what was settled: an application has refused it."""
        for app in all_applications():
            installed = getattr(app.ctx, "sanic_jwt_oo", None) or []
            if self.installation in installed:
                installed.remove(self.installation)
        self.installation.reset()

    def _settle(
        self,
        settings: Configuration,
        app: Sanic[Any, Any],
        prefix: str | None,
    ) -> None:
        """Build everything that an installation consists of."""
        auth, installation = self.auth, self.installation
        installation.hooks = HookTable(auth)
        installation.response_hooks = HookTable(auth.responses)
        check_class(type(auth), self._base)
        check_names(auth, self._base)
        check_order(auth)
        settings = self._fill_in(settings)
        keeps = keeps_sessions(installation)
        check_place_of_settings(auth, installation.given)
        check_settings(settings, keeps)
        self._check_hooks(settings, keeps)
        self._check_callables(settings)
        place = getattr(auth.instance, "name", "")
        installation.throttle = Throttle.from_settings(
            settings, f"{app.name}\0{place}\0{settings.url_prefix}"
        )
        installation.app = auth.app = app
        installation.steps = StepTable(auth)
        check_steps(auth, installation.steps, self._base)
        check_stand_ins(auth, installation.steps)
        self._add_policies(settings, keeps)
        self._assemble(app)
        installation.settled()
        installation.settle_steps()
        if not settings.do_protection:
            warn_at_install("do_protection is off: every route is open.")
        installation.views = make_views(installation) if self._serves else []
        for name, _, handler in installation.views:
            if name == RefreshEndpoint.__name__:
                installation.cookies.refresh_view = handler
        if prefix is not None:
            path = settings.url_prefix + settings.path_to_authenticate
            any_name = settings._accepts_any_name()
            check_authenticate(installation.hooks, prefix + path, any_name)

    def _add_policies(self, settings: Configuration, keeps: bool) -> None:
        """Build the policies, which read the keys, and the sessions."""
        auth, installation = self.auth, self.installation
        policies = Policies(installation, settings, self._read_keys, keeps)
        if keeps and auth.session_store is not None:
            steps = installation.steps
            installation.sessions = Sessions(
                auth.session_store,
                session_secret(
                    installation, settings, policies.base.codec.keys
                ),
                lambda: steps.now(),
                settings.leeway,
            )
        installation.policies = policies

    def _assemble(self, app: Sanic[Any, Any]) -> None:
        """Build the collaborators, each with those that it uses."""
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
        i.authorizer = Authorizer(i.gate, i.policies, i.hooks, i.steps)
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
            i.steps,
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
        i.cookies = TokenCookies(i.policies)
        i.responder = Responder(auth, i.policies, i.response_hooks, i.cookies)

    def _fill_in(self, settings: Configuration) -> Configuration:
        """Set the settings whose `None` depends on something else."""
        keeps = keeps_sessions(self.installation)
        hooks = self.installation.hooks
        depends = {
            "refresh_token_enabled": keeps,
            "revocation_check": "feed" if keeps else "never",
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

    def _check_hooks(self, settings: Configuration, keeps: bool) -> None:
        """Refuse to start without a hook that a feature needs."""
        logs_in = settings.auth_mode and self._serves
        needs: list[tuple[bool | None, str, type[HookNotImplemented]]] = [
            (logs_in, "authenticate", AuthenticateNotImplemented),
            (
                logs_in and settings.scopes_enabled,
                "add_scopes_to_payload",
                ScopesNotImplemented,
            ),
            (
                settings.user_secret_enabled,
                "retrieve_user_secret",
                UserSecretNotImplemented,
            ),
        ]
        enabled = logs_in and settings.refresh_token_enabled
        for name in sorted(LEGACY_HOOKS):
            needed = enabled and not keeps
            needs.append((needed, name, RefreshTokenNotImplemented))
        hooks = self.installation.hooks
        for needed, name, error in needs:
            if needed and not (
                hooks.is_overridden(name) and callable(hooks.function(name))
            ):
                raise error()
        if enabled and not hooks.is_overridden("retrieve_user"):
            settings._report_no_user(RefreshTokenNotImplemented())

    def _check_callables(self, settings: Configuration) -> None:
        """Refuse callables that cannot take what they are called with."""
        installation, auth = self.installation, self.auth
        any_name = settings._accepts_any_name()
        check_parameters(installation.hooks, any_name)
        check_parameters(installation.response_hooks, any_name, "Responses.")
        if not all(map(callable, auth.extra_verifications)):
            raise InvalidVerification(status_code=500)
        check_calls(make_claims(auth.custom_claims), auth.extra_verifications)

    def _check_authenticate(self, app: Sanic[Any, Any], *_: Any) -> None:
        """Check `authenticate` once the path of its endpoint is known."""
        installation = self.installation
        any_name = installation.policies.base.settings._accepts_any_name()
        for route in routes_of(app):
            handler: Any = route.handler
            if (
                view_class_of(handler) is AuthenticateEndpoint
                and handler.installation is installation
            ):
                check_authenticate(installation.hooks, route.path, any_name)
