"""`Initialize` and `initialize`, which install as in sanic-jwt 1.8."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sanic import Blueprint, Sanic

from ..auth import JWTAuth
from ..configuration import Configuration
from ..decorators import inject_user, protected, scoped
from ..exceptions import InitializationFailure
from ..hooks import hooks_of
from ..responses import Responses
from ..settings import Secret
from ..types import Decorator, Injector
from .authentication import Authentication
from .by_hand import GivenSettings
from .configuration import LegacyConfigurationView

_SWITCHES = {
    "store_refresh_token": "refresh_token_enabled",
    "retrieve_refresh_token": "refresh_token_enabled",
    "add_scopes_to_payload": "scopes_enabled",
    "retrieve_user_secret": "user_secret_enabled",
}
"""Settings that are turned on when a handler is passed."""

_LISTS = ("class_views", "custom_claims", "extra_verifications")


UNCALLED = {
    "_get_url_prefix": "Pass url_prefix=... instead.",
    "protected": "Override check_request(request, payload) of Authentication, "
    "which guards the endpoints too, or choose another name.",
}
"""Methods of 1.8's `Initialize` that are never called here."""


class Initialize:
    """Install `Authentication` on an application or a blueprint.

    Args:
        instance: The application or blueprint.
        app: The application of a blueprint, which is no longer required; or
            the `authenticate` handler.
        authentication_class: A subclass of `Authentication`.
        configuration_class: A subclass of `Configuration`.
        responses_class: A subclass of `Responses`.
        **kwargs: Handlers by name, settings by name, `class_views`,
            `custom_claims`, `extra_verifications`.

    Attributes:
        instance: The application or blueprint.
        app: The application.
        bp: The blueprint that holds the endpoints.
        auth: The `Authentication` object.
        kwargs: The settings that were passed, without secrets and keys.

    Raises:
        InitializationFailure: An argument is of the wrong kind, or a subclass
            has a method that would have no effect.
        InvalidConfiguration: A setting is not valid, or a handler is missing.
    """

    authentication_class: type[Authentication] = Authentication
    configuration_class: type[Configuration] = Configuration
    responses_class: type[Responses] = Responses

    def __init__(self, instance: Any, app: Any = None, **kwargs: Any) -> None:
        self._check_methods()
        if callable(app) and not isinstance(app, Sanic):
            kwargs["authenticate"], app = app, None
        for name in ("authentication", "configuration", "responses"):
            attribute = f"{name}_class"
            if attribute in kwargs:
                setattr(self, attribute, kwargs.pop(attribute))
        self.instance = instance
        self.app: Any = instance if isinstance(instance, Sanic) else app
        self.auth: Authentication = self._make(kwargs)
        on_app = isinstance(instance, Sanic)
        known = {*instance.blueprints} if on_app else ()
        self.auth.install(instance, app)
        self.bp: Any = instance
        if on_app:
            (self.bp,) = (
                blueprint
                for name, blueprint in instance.blueprints.items()
                if name not in known
            )
        context = getattr(instance, "ctx", None)
        taken = getattr(context, "auth", None)
        if context is not None and not isinstance(taken, JWTAuth):
            context.auth = self.auth  # in place of anything else, as 1.8 does
        if context is not None:
            instance.listener(self._check_context, "before_server_start")

    def _check_context(self, *_: Any) -> None:
        """Refuse an `Authentication` in place of that of the endpoints."""
        found = getattr(self.instance.ctx, "auth", None)
        if (
            isinstance(found, Authentication)
            and found is not self.auth
            and found.instance is None  # it has no endpoints
        ):
            raise InitializationFailure(
                f"ctx.auth of {self.instance.name} was replaced by a "
                f"{type(found).__name__}, which would not guard the endpoints."
                " Pass authentication_class to Initialize instead."
            )

    def _check_methods(self) -> None:
        """Refuse a subclass with a method that would have no effect."""
        for kind in type(self).__mro__:
            for name in vars(kind) if kind.__module__ != __name__ else ():
                if name in UNCALLED or name.startswith("_Initialize__"):
                    raise InitializationFailure(
                        f"{kind.__name__} defines {name}, which is never "
                        f"called. {UNCALLED.get(name, '')}".rstrip()
                    )

    def _composed(self) -> Any:
        """Return the class of the installation, made of the three classes."""
        for kind, base in (
            (self.authentication_class, Authentication),
            (self.configuration_class, Configuration),
            (self.responses_class, Responses),
        ):
            if not issubclass(kind, base):
                raise InitializationFailure(
                    f"{kind.__name__} is not a subclass of {base.__name__}."
                )
        return type(
            self.authentication_class.__name__,
            (self.authentication_class,),
            {
                "Configuration": self.configuration_class,
                "Responses": self.responses_class,
            },
        )

    def _make(self, kwargs: dict[str, Any]) -> Authentication:
        installed = self._composed()
        if kwargs.get("extra_verifications", ()) is None:
            del kwargs["extra_verifications"]
        handlers = {
            n: kwargs.pop(n) for n in hooks_of(Authentication) if n in kwargs
        }
        if "generate_refresh_token" in handlers:
            kwargs["generate_refresh_token"] = handlers.pop(
                "generate_refresh_token"
            )
        for name, setting in _SWITCHES.items():
            if name in handlers:
                kwargs[setting] = True
        declared = installed.Configuration.declarations()
        self.kwargs: dict[str, Any] = {
            name: value
            for name, value in kwargs.items()
            if name != "class_views"
            and declared.canonical(name) not in declared.with_marker(Secret)
        }
        lists = {n: kwargs.pop(n) for n in _LISTS if n in kwargs}
        given = GivenSettings(
            installed.Configuration,
            getattr(self.app, "config", {}),
            kwargs,
            self.instance,
        )
        auth: Authentication = installed(
            self.app, config=LegacyConfigurationView(given)
        )
        auth.configure(**lists)
        for name, handler in handlers.items():
            setattr(auth, name, handler)
        return auth

    @property
    def config(self) -> LegacyConfigurationView:
        """The settings in their callable form."""
        view: LegacyConfigurationView = self.auth.config
        return view

    def _get_url_prefix(self) -> str:
        """Return the prefix of the paths of the endpoints."""
        own = self.instance.url_prefix if self.instance_is_blueprint else None
        return f"{own or ''}{self.config.url_prefix()}"

    @property
    def instance_is_blueprint(self) -> bool:
        """Whether the installation was made on a blueprint."""
        return isinstance(self.instance, Blueprint)

    @property
    def responses(self) -> Responses:
        """The responses of the installation."""
        return self.auth.responses

    def protected(self, *args: Any, **kwargs: Any) -> Decorator:
        """Protect a route with this installation."""
        return protected(self.auth, *args, **kwargs)

    def scoped(self, scopes: Any, **kwargs: Any) -> Decorator:
        """Require scopes for a route with this installation."""
        return scoped(scopes, **{**kwargs, "initialized_on": self.auth})

    def inject_user(self, *args: Any, **kwargs: Any) -> Injector:
        """Pass the user to a handler with this installation."""
        return inject_user(self.auth, *args, **kwargs)


def initialize(
    instance: Any,
    authenticate: Callable[..., Any] | None = None,
    **kwargs: Any,
) -> Initialize:
    """Install on an application or blueprint; the function form."""
    if authenticate is not None:
        kwargs["authenticate"] = authenticate
    return Initialize(instance, **kwargs)
