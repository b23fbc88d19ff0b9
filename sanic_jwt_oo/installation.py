"""An installation: settings, keys, hooks and answers, settled once.

`Verification`, `Admission`, `Authorization`, `Issuance` and `JWTAuth` derive
from `Installation`, in this order, and add what requests go through. This
module knows how an installation comes to be, and which settings are in force
where; it never looks at a token.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException, ServerError
from typing_extensions import Self, Unpack

from . import configuration, endpoints, responses
from .contexts import check_contexts, install_on
from .declarations import (
    check_authenticate,
    check_calls,
    check_names,
    check_parameters,
)
from .errors import answer_errors
from .exceptions import (
    AuthenticateNotImplemented,
    HookNotImplemented,
    InitializationFailure,
    InsecureSecretWarning,
    InvalidClassViewsFormat,
    InvalidConfiguration,
    InvalidVerification,
    RefreshTokenNotImplemented,
    ScopesNotImplemented,
    UserSecretNotImplemented,
    WeakSecret,
)
from .hooks import OFFERED, Hook, Hooks, is_written, resolve
from .keys import (
    Key,
    KeyRing,
    KeySettings,
    build_keyring,
    check_strength,
    load_key,
    run_secret,
)
from .locations import mask_in_logs
from .logs import attach, warn_at_install
from .mistakes import (
    check_place_of_settings,
    check_settings,
    warn_user,
)
from .mounting import Target, Views, mount, no_store_for_query
from .placement import check_routes
from .request_codec import RequestCodec
from .sessions import Sessions, SessionStore
from .state import (
    RouteSettings,
    innermost_override,
    overrides_of,
    overriding,
    state_of,
)
from .throttling import Throttle
from .tokens import (
    Claim,
    TokenCodec,
    Verification,
    make_claims,
)
from .types import Settings, UserT

_logger = logging.getLogger("sanic_jwt_oo")

_START, _STOP = "before_server_start", "after_server_stop"
_FIRST_WORKER = "Sanic-Server-0-"
_LEGACY_PAIR = frozenset({"store_refresh_token", "retrieve_refresh_token"})
_SCOPE_HOOKS = frozenset({"destructure_scopes", "override_scope_validator"})
_NOT_SETTINGS = {
    **dict.fromkeys(OFFERED, "It is a hook: define it as a method."),
    **dict.fromkeys(
        (
            "class_views",
            "custom_claims",
            "extra_verifications",
            "session_store",
        ),
        "It belongs on the auth class, outside of Configuration.",
    ),
}
"""What to say of names that are written as settings, and are none."""
_REFRESH_TOKENS = b"sanic_jwt_oo refresh tokens"
"""What the secret that refresh tokens are derived under is for."""


class Installation(Hooks[UserT]):
    """One installation on an application, a blueprint or a group."""

    Configuration: ClassVar[type[Any]] = configuration.Configuration
    Responses: ClassVar[type[Any]] = responses.Responses
    class_views: Sequence[tuple[str, type[endpoints.BaseEndpoint]]] = ()
    custom_claims: Sequence[type[Claim]] = ()
    extra_verifications: Sequence[Verification] = ()
    session_store: SessionStore | None = None
    _any_name: ClassVar[bool] = False
    """Whether parameters of hooks may have names of their own."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("Configuration", "Responses"):
            setattr(cls, name, compose_nested(cls, name))

    def __init__(
        self,
        *,
        class_views: Sequence[tuple[str, type[endpoints.BaseEndpoint]]] = (),
        custom_claims: Sequence[type[Claim]] = (),
        extra_verifications: Sequence[Verification] = (),
        session_store: SessionStore | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        self.app: Sanic[Any, Any] | None = None
        self.instance: Any = None
        self.responses: Any = self.Responses(self)
        self._settings: dict[str, Any] = {}
        self._codec: RequestCodec | None = None
        self._hooks: dict[str, Hook] = {}
        self._written: frozenset[str] = frozenset()
        self.answering_app: Sanic[Any, Any] | None = None
        self.response_hooks: responses.ResponseHooks
        self.response_hooks = responses.ResponseHooks(self.responses)
        self.keeps_sessions: bool = False
        self._claims: tuple[Claim, ...] = ()
        self._scopes_by_table: bool = False
        self._throttle: Throttle | None = None
        self._falsy_user_logged: bool = False
        self._views: list[tuple[str, str, Callable[..., Any]]] = []
        self._sessions: Sessions | None = None
        self.configure(
            class_views,
            custom_claims,
            extra_verifications,
            session_store,
            **settings,
        )

    def configure(
        self,
        class_views: Sequence[tuple[str, type[endpoints.BaseEndpoint]]] = (),
        custom_claims: Sequence[type[Claim]] = (),
        extra_verifications: Sequence[Verification] = (),
        session_store: SessionStore | None = None,
        **settings: Any,
    ) -> None:
        """Add to what the class says; the arguments are those of `JWTAuth`."""
        self.session_store = session_store or self.session_store
        self.class_views = (*self.class_views, *class_views)
        self.custom_claims = (*self.custom_claims, *custom_claims)
        self.extra_verifications = (
            *self.extra_verifications,
            *extra_verifications,
        )
        self._settings.update(settings)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Stay the same installation when Sanic copies a blueprint."""
        return self

    # --- installation -------------------------------------------------------

    def install(
        self, target: Target, app: Sanic[Any, Any] | None = None
    ) -> Self:
        """Put the endpoints on an application, blueprint or blueprint group.

        A blueprint may be registered before or after; its application's
        settings are read once it is.

        Args:
            target: Where to install.
            app: The application, to have its settings read at once although
                a blueprint is not registered yet.

        Returns:
            The installation itself.

        Raises:
            InvalidConfiguration: A setting cannot work, or a hook that an
                enabled feature needs is missing. On a blueprint that is not
                registered yet, this comes when it is.
            InitializationFailure: `target` is something else, or this
                installation has been made before.
        """
        if self.instance is not None:
            raise InitializationFailure(
                "This is installed already; make another instance of "
                f"{type(self).__name__} for a second installation."
            )
        self.instance = target
        try:
            mount(self, target, app)
        except Exception:
            self.instance = self._codec = None
            raise
        if not isinstance(target, Sequence):
            install_on(target.ctx, self)
        return self

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
        settings = self.Configuration.build(
            app.config, self._settings, _NOT_SETTINGS
        )
        if self._codec is not None:
            if self._fill_in(settings) != self._codec.settings:
                raise InitializationFailure(
                    f"The SANIC_JWT settings of {app.name} differ from those "
                    "of the application this is installed on; make another "
                    "instance for it."
                )
        else:
            self._settle(settings, app)
            if prefix is not None:
                path = settings.url_prefix + settings.path_to_authenticate
                check_authenticate(self, prefix + path, self._any_name)
        if not hasattr(app.ctx, "sanic_jwt_oo"):
            app.ctx.sanic_jwt_oo = []
            app.register_listener(answer_errors, _START)
            app.register_listener(check_routes, _START)
        if all(self is not other for other in app.ctx.sanic_jwt_oo):
            for other in app.ctx.sanic_jwt_oo:
                self._check_shared_store(other)
            app.ctx.sanic_jwt_oo.append(self)
            if prefix is None:
                app.register_listener(self._check_log_in, _START)
            if self._sessions is not None:
                app.register_listener(self._open_sessions, _START)
                app.register_listener(self._close_sessions, _STOP)
            if self._throttle is not None:
                app.register_listener(
                    self._throttle.close, "after_server_stop"
                )
            mask_in_logs(self.codec.settings)
            if self.codec.settings.query_string_set:
                no_store_for_query(app, self.settings)

    def _settle(
        self, settings: configuration.Configuration, app: Sanic[Any, Any]
    ) -> None:
        check_names(self)
        self._written = frozenset(n for n in OFFERED if is_written(self, n))
        self.keeps_sessions = keeps_sessions = self._will_keep_sessions()
        settings = self._fill_in(settings)
        check_place_of_settings(self, self._settings)
        check_settings(settings, keeps_sessions)
        self._check_hooks(settings, keeps_sessions)
        self._check_revocation(settings, keeps_sessions)
        self._settle_hooks()
        self._scopes_by_table = _SCOPE_HOOKS.isdisjoint(self._written)
        place = getattr(self.instance, "name", "")
        self._throttle = Throttle.from_settings(
            settings, f"{app.name}\0{place}\0{settings.url_prefix}"
        )
        self.app = app
        self._codec = RequestCodec(
            settings, self._read_keys(KeySettings.of(settings))
        )
        if keeps_sessions and self.session_store is not None:
            self._sessions = Sessions(
                self.session_store,
                self._session_key(self._codec),
                lambda: self.now(),
                settings.leeway,
            )
        if not settings.do_protection:
            warn_at_install("do_protection is off: every route is open.")
        self._views = self._make_views(settings)

    def _fill_in(
        self, settings: configuration.Configuration
    ) -> configuration.Configuration:
        """Settle the settings whose `None` means that it depends."""
        keeps_sessions = self.keeps_sessions
        depends = {
            "refresh_token_enabled": keeps_sessions,
            "revocation_check": "feed" if keeps_sessions else "never",
            "scopes_enabled": "add_scopes_to_payload" in self._written,
        }
        return settings.derive(
            {n: v for n, v in depends.items() if getattr(settings, n) is None}
        )

    def _check_log_in(self, app: Sanic[Any, Any], *_: Any) -> None:
        """Check `authenticate` once the path of its endpoint is known."""
        for route in app.router.routes:
            handler: Any = route.handler
            view = getattr(handler, "view_class", None)
            if (
                view is endpoints.AuthenticateEndpoint
                and handler.installation is self
            ):
                check_authenticate(self, route.path, self._any_name)

    def _settle_hooks(self) -> None:
        """Take up what the application has written, and look at it."""
        self._hooks = {
            name: Hook(getattr(self, name), *offered)
            for name, offered in OFFERED.items()
        }
        for name, hook in self._hooks.items():
            if not callable(hook.function):
                raise InvalidConfiguration(f"{name} must be callable.")
        check_parameters(self, self._any_name)
        self._claims = make_claims(self.custom_claims)
        if not all(map(callable, self.extra_verifications)):
            raise InvalidVerification(status_code=500)
        check_calls(self._claims, self.extra_verifications)

    def _will_keep_sessions(self) -> bool:
        if self.session_store is None:
            return False
        if not isinstance(self.session_store, SessionStore):
            raise InvalidConfiguration(
                f"session_store is {self.session_store!r}; it must be an "
                "object of a SessionStore class."
            )
        if _LEGACY_PAIR & self._written:
            warn_at_install(
                "store_refresh_token() and retrieve_refresh_token() keep the "
                "refresh tokens; the session store is not used."
            )
            return False
        return True

    @staticmethod
    def _check_revocation(
        settings: configuration.Configuration, keeps_sessions: bool
    ) -> None:
        """Refuse a check of revocation that nobody could make."""
        check = settings.revocation_check
        if check not in (None, "never") and not keeps_sessions:
            raise InvalidConfiguration(
                f"revocation_check = {check!r} needs a session_store."
            )

    def _check_shared_store(self, other: Installation[Any]) -> None:
        """Refuse to take the refresh tokens of others (requirement S4).

        What a store says of a refresh token is a session and the id of a
        user. Of whose users is known by the keys alone.
        """
        mine, theirs = self._sessions, other._sessions
        if (
            mine is not None
            and theirs is not None
            and mine.store is theirs.store
            and self._signs_for() != other._signs_for()
            and self.codec.settings.auth_mode
            and other.codec.settings.auth_mode
        ):
            raise InvalidConfiguration(
                "Two installations have one session_store, and each would "
                "take the refresh tokens of the other's users for its own. "
                "Give each a store of its own; or, if their users are the "
                "same, one session_secret, claim_iss and claim_aud."
            )

    def _signs_for(self) -> tuple[Any, ...]:
        codec = self.codec
        settings = codec.settings
        key = self._session_key(codec)
        return key, settings.claim_iss, settings.claim_aud

    def _session_key(self, codec: TokenCodec) -> bytes:
        """Return the secret that refresh tokens are derived under."""
        settings = codec.settings
        if settings.session_secret is not None:
            key = load_key("HS256", public=settings.session_secret)
            self.check_strength(key)
        elif codec.keys is None:
            raise InvalidConfiguration(
                "session_secret is needed: with user_secret_enabled there is "
                "no other secret that refresh tokens could be derived under."
            )
        else:
            key = codec.keys.primary
        if not key.can_sign:  # a service that only verifies swaps nothing
            return secrets.token_bytes(32)
        return key.derive(_REFRESH_TOKENS)

    async def _open_sessions(self, app: Sanic[Any, Any]) -> None:
        store = self.sessions.store
        if not store.shared and _is_first_of_several(app):
            _logger.warning(
                "%s keeps sessions in one process, and there are several "
                "workers: sessions of one are unknown to the others. Use "
                "another store, or one worker.",
                type(store).__name__,
            )
        await self.sessions.open()

    async def _close_sessions(self, app: Sanic[Any, Any]) -> None:
        await self.sessions.close()

    def _check_hooks(
        self, settings: configuration.Configuration, keeps_sessions: bool
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
            if needed and name not in self._written:
                raise error()

    def _read_keys(self, settings: KeySettings) -> KeyRing | None:
        if settings.user_secret_enabled:
            return None
        keys = build_keyring(settings, self.random_secret)
        for key in keys:
            self.check_strength(key)
        return keys

    def random_secret(self) -> str:
        """Return a secret for this run, for want of one in the settings."""
        if self._codec is None:  # not for the keys of one route
            warn_user(
                "No secret is set. Using a random one: all tokens become "
                "invalid when the server stops. Set secret=... before you "
                "deploy.",
                InsecureSecretWarning,
            )
        return run_secret(self.app.name if self.app else "")

    def check_strength(self, key: Key) -> None:
        """Look at the strength of a key; see `weak_secret`."""
        try:
            check_strength(key)
        except WeakSecret as exc:
            self.weak_secret(exc)

    def weak_secret(self, error: WeakSecret) -> None:
        """Refuse a secret that is shorter than its hash."""
        raise error

    def _make_views(
        self, settings: configuration.Configuration
    ) -> list[tuple[str, str, Callable[..., Any]]]:
        paths: list[tuple[str, str, Any]] = []
        for path, view in self._own_views():
            paths.append((view.__name__, self.class_view_path(path), view))
        for path, view in self._endpoints(settings):
            paths.append((view.__name__, self.endpoint_path(path), view))
        views: list[tuple[str, str, Callable[..., Any]]] = []
        for number, (name, path, view) in enumerate(paths):
            used = name in [earlier for earlier, _, _ in views]
            unique = f"{name}_{number}" if used else name
            handler: Any = view.as_view(self)
            handler.installation = self
            views.append((unique, path, handler))
        return views

    def _endpoints(
        self, settings: configuration.Configuration
    ) -> Iterator[tuple[str, type[endpoints.BaseEndpoint]]]:
        """Return path and view of each endpoint that the settings ask for."""
        if not settings.auth_mode:
            return
        yield settings.path_to_authenticate, endpoints.AuthenticateEndpoint
        yield settings.path_to_retrieve_user, endpoints.RetrieveUserEndpoint
        yield settings.path_to_verify, endpoints.VerifyEndpoint
        if settings.refresh_token_enabled:
            yield settings.path_to_refresh, endpoints.RefreshEndpoint
        if self._sessions is None:
            return
        yield settings.path_to_logout, endpoints.LogoutEndpoint
        yield settings.path_to_logout_all, endpoints.LogoutAllEndpoint
        if settings.session_endpoints_enabled:
            path = settings.path_to_sessions
            yield path, endpoints.SessionsEndpoint
            yield f"{path}/<session_id:str>", endpoints.SessionEndpoint

    def _own_views(
        self,
    ) -> Iterator[tuple[str, type[endpoints.BaseEndpoint]]]:
        for entry in self.class_views:
            try:
                path, view = entry
                valid = path.startswith("/") and issubclass(
                    view, endpoints.BaseEndpoint
                )
            except (AttributeError, TypeError, ValueError) as exc:
                raise InvalidClassViewsFormat() from exc
            if not valid:
                raise InvalidClassViewsFormat()
            yield path, view

    def endpoint_path(self, path: str) -> str:
        """Return where an endpoint goes on the target."""
        return self.codec.settings.url_prefix + path

    def class_view_path(self, path: str) -> str:
        """Return where an entry of `class_views` goes on the target."""
        return self.endpoint_path(path)

    def views(self) -> Views:
        """Return name, path and handler of every endpoint."""
        return self._views

    # --- settings -----------------------------------------------------------

    @property
    def config(self) -> Any:
        """The settings that were made at install.

        Raises:
            InitializationFailure: There are none yet.
        """
        return (self._codec or self.codec).settings

    @property
    def codec(self) -> RequestCodec:
        """What issues and verifies tokens under those settings."""
        if self._codec is None:
            raise InitializationFailure(
                f"{type(self).__name__} is not installed: call its "
                ".install(app). One that was installed on a blueprint has no "
                "settings before that is registered.",
                500,
            )
        return self._codec

    @property
    def sessions(self) -> Sessions:
        """The sessions of the session store.

        Raises:
            InitializationFailure: There is no session store.
        """
        if self._sessions is None:
            raise InitializationFailure(
                f"{type(self).__name__} keeps no sessions: it has no "
                "session_store, or is not installed yet.",
                500,
            )
        return self._sessions

    def settings(self, request: Request | None = None) -> Any:
        """Return the settings that are in force.

        Args:
            request: The request they are for; by default the one that is
                being handled, if any.
        """
        codec = self._codec
        if codec is None or codec.varies or innermost_override() is not None:
            codec = self._codec_in_force(request)
        return codec.settings

    def override(
        self, **settings: Unpack[Settings]
    ) -> AbstractContextManager[None]:
        """Override settings inside a `with` block.

        Other requests and tasks do not see them.

        Raises:
            InvalidConfiguration: A name is unknown, or shapes routes.
        """
        return overriding(self, self.Configuration.changes(settings))

    def codec_for(self, request: Request | None = None) -> RequestCodec:
        """Return the codec under the settings that are in force."""
        codec = self._codec
        if codec is None or codec.varies or innermost_override() is not None:
            return self._codec_in_force(request)
        return codec

    def _codec_in_force(self, request: Request | None) -> RequestCodec:
        codec = self.codec
        overrides = overrides_of(self)
        if not (overrides or codec.varies):
            return codec
        if isinstance(overrides, RouteSettings) and not codec.varies:
            if overrides.base is not codec:
                settings = codec.settings.derive(overrides)
                overrides.codec = self._derive(settings, lasting=True)
                overrides.base = codec
            return overrides.codec
        if request is None:
            request = _current_request()
        if request is None:
            return self._derive(codec.settings.derive(overrides))
        state = state_of(request, self)
        if state.own is None:
            state.own = codec
            if codec.varies:
                state.own = self._derive(codec.settings.for_request(request))
        if not overrides:
            return state.own
        if state.overridden is None or state.overrides != overrides:
            state.overrides = overrides
            state.overridden = self._derive(
                state.own.settings.derive(overrides)
            )
        return state.overridden

    def _derive(
        self, settings: configuration.Configuration, *, lasting: bool = False
    ) -> RequestCodec:
        codec = self.codec
        if settings.revocation_check is None:
            check = codec.settings.revocation_check
            settings = settings.derive({"revocation_check": check})
        self._check_revocation(settings, self._sessions is not None)
        wanted = KeySettings.of(settings)
        if wanted == KeySettings.of(codec.settings):
            return codec.with_settings(settings, lasting)
        keys = self._read_keys(wanted)
        return RequestCodec(settings, keys, lasting=lasting)

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""
        return time.time()

    # --- answers ------------------------------------------------------------

    def has_written(self, answer: str) -> bool:
        """Tell whether a method of `Responses` is the application's own."""
        return is_written(self.responses, answer, responses.Responses)

    async def exception_response(
        self, request: Request, exception: SanicException
    ) -> HTTPResponse:
        """Return the response for an error."""
        response: HTTPResponse = await resolve(
            self.response_hooks["exception_response"].direct(
                request, exception
            )
        )
        return response

    def answer_errors_of(self, app: Sanic[Any, Any]) -> None:
        """Have errors answered, also if nobody told that the server starts."""
        answer_errors(app)
        self.answering_app = app


def compose_nested(cls: type, name: str) -> type:
    """Mix the nested classes called `name` along a class's MRO."""
    found = [vars(k)[name] for k in cls.__mro__ if name in vars(k)]
    # one that another one derives from takes part through that one
    bases = [
        nested
        for nested in dict.fromkeys(found)
        if not any(
            issubclass(other, nested) for other in found if other is not nested
        )
    ]
    if len(bases) == 1:
        base: type = bases[0]
        return base
    return type(name, tuple(bases), {"__module__": cls.__module__})


def _is_first_of_several(app: Sanic[Any, Any]) -> bool:
    """Tell whether this is the first of several worker processes of Sanic."""
    multiplexer = getattr(app, "multiplexer", None)  # workers alone have one
    if multiplexer is None or not multiplexer.name.startswith(_FIRST_WORKER):
        return False
    states = [*multiplexer.workers.values()]
    return sum(bool(state.get("server")) for state in states) > 1


def _current_request() -> Request | None:
    try:
        return Request.get_current()
    except ServerError:
        return None
