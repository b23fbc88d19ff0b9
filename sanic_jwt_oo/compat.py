"""The front door of sanic-jwt 1.8: `Initialize`, `initialize` and friends.

Built on `JWTAuth` and nothing else: handlers become hooks of an
`Authentication` instance, old defaults stand in a `Configuration` of their
own, and views see settings in their callable form. Where 1.8 was unsafe or
broken this differs on purpose; the migration page has the table.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from sanic import Blueprint, Request, Sanic

from . import exceptions
from .auth import JWTAuth
from .configuration import ConfigItem, Configuration
from .decorators import inject_user, protected, scoped
from .endpoints import BaseEndpoint
from .exceptions import (
    InitializationFailure,
    InsecureSecretWarning,
    WeakSecret,
)
from .hooks import OFFERED, Hook
from .locations import read_token
from .logs import warn_at_install
from .mistakes import warn_user
from .responses import Responses
from .settings import UrlPath
from .tokens import Claim
from .types import Payload

__all__ = [
    "Authentication",
    "BaseEndpoint",
    "Claim",
    "ConfigItem",
    "Configuration",
    "Initialize",
    "Responses",
    "exceptions",
    "initialize",
    "inject_user",
    "protected",
    "scoped",
]

_SWITCHES = {
    "store_refresh_token": "refresh_token_enabled",
    "retrieve_refresh_token": "refresh_token_enabled",
    "add_scopes_to_payload": "scopes_enabled",
    "retrieve_user_secret": "user_secret_enabled",
}
"""Settings that a handler turns on when it is passed."""

_RENAMED = {
    "handler_payload_scopes": "add_scopes_to_payload",
    "payload_handler": "build_payload",
    "handler_payload_extend": "extend_payload",
}
"""Settings that 1.8 refuses, and the hooks that took their place."""


class LegacyConfiguration(Configuration, declares=True):
    """The defaults of sanic-jwt 1.8, where they are safe to keep."""

    generate_refresh_token: Callable[..., Any] | None = None
    """Makes a refresh token; a function without required arguments."""

    cookie_host_prefix: bool = False
    cookie_secure: bool = False
    csrf_protect: bool = False
    leeway: float = 180
    refresh_token_enabled: bool | None = False
    required_claims: Sequence[str] = ()
    scopes_enabled: bool | None = False
    single_credential: bool = False
    tokens_in_body: bool | None = True
    user_id_required: bool = False

    @property
    def scope_claims(self) -> tuple[str, ...]:
        """The claim that `scopes_name` names and no other, as in 1.8."""
        return (self.scopes_name,)

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Take what 1.8 took: key files by name, loose paths."""
        for name in ("secret", "private_key"):
            value = values[name]
            if isinstance(value, str) and os.path.isfile(value):
                values[name] = Path(value)
        for name in cls.declarations().with_marker(UrlPath):
            value = values[name]
            if value and not str(value).startswith("/"):
                values[name] = f"/{value}"
        if values["authorization_header_prefix"] is None:
            values["authorization_header_prefix"] = ""
        if not values["cookie_samesite"]:
            values["cookie_samesite"] = None
        values["cookie_refresh_samesite"] = values["cookie_samesite"]
        values["cookie_refresh_path"] = (
            values["cookie_refresh_path"] or values["cookie_path"]
        )

    @classmethod
    def plain_value(cls, name: str, value: Any) -> Any:
        """Take the value out of an item, as 1.8 does."""
        if isinstance(value, ConfigItem):
            value = value()
        return super().plain_value(name, value)

    @classmethod
    def aware(cls, claim: str, moment: datetime) -> datetime:
        """Take a time without a time zone for UTC, as 1.8 does."""
        return moment.replace(tzinfo=timezone.utc)

    @classmethod
    def report_mistake(cls, message: str) -> None:
        """Log a mistake that 1.8 passed over."""
        warn_at_install("%s", message)

    @classmethod
    def unknown_setting(cls, name: str, source: str, hint: str = "") -> None:
        """Pass over what is no setting, as 1.8 did, but say so.

        Raises:
            InvalidConfiguration: It was a setting once and is a hook now.
        """
        if name in _RENAMED:
            raise exceptions.InvalidConfiguration(
                f"{name} is a hook now: pass or define {_RENAMED[name]}()."
            )
        warn_at_install("%r (%s) is not a setting.", name, source)


class InstalledItem(ConfigItem):
    """A setting of an installation: `config.access_token_name()`."""

    def __init__(self, auth: Authentication, name: str) -> None:
        super().__init__()
        self._auth = auth
        self._name = name

    def __call__(self) -> Any:
        """Return the value that is in force for the current request."""
        return getattr(self._auth.settings(), self._name)

    def update(self, value: Any) -> None:
        """Change the setting from now on; for set-up code only."""
        self._auth.change(self._name, value)


class LegacyConfigurationView:
    """The settings of an installation, each one callable."""

    def __init__(self, auth: Authentication) -> None:
        self._auth = auth

    def __getattr__(self, name: str) -> ConfigItem:
        if name.startswith("_") or name not in self:
            raise AttributeError(name)
        declared = self._auth.Configuration.declarations()
        return InstalledItem(self._auth, declared.canonical(name))

    @property
    def config_keys(self) -> list[str]:
        """The names of all settings."""
        return sorted(self._auth.Configuration.names())

    def __iter__(self) -> Iterator[InstalledItem]:
        return (getattr(self, name) for name in self.config_keys)

    def __contains__(self, name: object) -> bool:
        declared = self._auth.Configuration.declarations()
        return declared.canonical(str(name)) in declared

    def get(self, name: str) -> Any:
        """Return the value of a setting, or `None` if there is none."""
        return getattr(self, name)() if name in self else None


class Authentication(JWTAuth[Any]):
    """`JWTAuth` under the names that sanic-jwt's applications know."""

    Configuration = LegacyConfiguration
    _any_name = True

    def __init__(
        self, app: Any = None, config: Any = None, **kwargs: Any
    ) -> None:
        super().__init__()
        self._view = LegacyConfigurationView(self)
        self.app = app
        self.configure(**kwargs)

    @property
    def config(self) -> Any:
        """The settings in their callable form."""
        return self._view

    def change(self, name: str, value: Any) -> None:
        """Change a setting for good; see `InstalledItem.update`."""
        changes = self.Configuration.changes({name: value})
        settings = self.codec.settings.derive(changes)
        self._codec = self._derive(settings, lasting=True)

    def weak_secret(self, error: WeakSecret) -> None:
        """Let a short secret pass, with a warning."""
        warn_user(str(error), InsecureSecretWarning)

    def endpoint_path(self, path: str) -> str:
        """Leave a prefix that the blueprint repeats out, as 1.8 does."""
        whole = super().endpoint_path(path)
        prefix = getattr(self.instance, "url_prefix", None)
        if prefix and whole.startswith(f"{prefix}/"):
            return whole[len(prefix) :]
        return whole

    def class_view_path(self, path: str) -> str:
        """Leave `url_prefix` out on a blueprint, as 1.8 does."""
        if isinstance(self.instance, Blueprint):
            return path
        return super().class_view_path(path)

    async def add_claims(
        self, payload: Payload, user: Any, *args: Any, **kwargs: Any
    ) -> Payload:
        """Add the registered claims, and the leeway to `nbf`, as 1.8 does."""
        claims = self.codec_for().rules.registered(self.now())
        if "nbf" in claims:
            claims["nbf"] += int(self.settings().leeway)
        return {**payload, **claims}

    async def extend_payload(
        self, payload: Payload, *args: Any, **kwargs: Any
    ) -> Payload:
        """Return the payload; awaited by overrides that call it."""
        return payload

    async def find_user(
        self, request: Request, injecting: bool = False
    ) -> Any:
        """Ask `retrieve_user` also when there is no payload.

        Raises:
            AuthenticationFailed: The route is protected, and there is no
                such user.
        """
        state = await self._admitted(request)
        payload: Any = state and state.claims()
        user = await self.user_of(request, payload)
        if state is not None and not user:
            if state.guarded:
                raise exceptions.AuthenticationFailed()
            state.userless = state.userless or injecting
        return user

    async def extract_payload(
        self, request: Request, verify: bool = True
    ) -> Payload | None:
        """Return the payload of a good token; it is always verified."""
        return await super().extract_payload(request)

    async def verify_token(  # type: ignore[override]
        self,
        token: str,
        return_payload: bool = False,
        custom_claims: Sequence[type[Claim]] | None = None,
    ) -> Payload | bool:
        """Return whether a token is good, or its payload.

        Raises:
            InvalidToken: It is not good.
        """
        payload = await super().verify_token(token, custom_claims or ())
        return payload if return_payload else True

    async def generate_access_token(
        self,
        user: Any,
        extend_payload: Callable[..., Any] | None = None,
        custom_claims: Sequence[type[Claim]] | None = None,
    ) -> str:
        """Return an access token for a user."""
        return await super().generate_access_token(
            user, extend_payload, custom_claims or ()
        )

    async def generate_refresh_token(self, request: Request, user: Any) -> str:
        """Make a refresh token, have it stored, and return it."""
        generate = self.settings(request).generate_refresh_token
        if generate is None:
            generate = super().generate_refresh_token
        token: str = await Hook(generate, ("request", "user"))(
            request=request, user=user
        )
        await self._hooks["store_refresh_token"](
            user_id=await self.user_id_of(user),
            refresh_token=token,
            request=request,
        )
        return token

    async def issue_refresh_token(self, request: Request, user: Any) -> str:
        """Leave it all to `generate_refresh_token`, as 1.8 does."""
        return await self.generate_refresh_token(request, user)

    async def retrieve_refresh_token_from_request(
        self, request: Request
    ) -> str:
        """Return the refresh token that a request carries."""
        return read_token(request, self.settings(request), "refresh")


class Initialize:
    """Install `Authentication` on an application or a blueprint.

    Args:
        instance: The application or blueprint.
        app: The application of a blueprint, which is not needed any more;
            or the `authenticate` handler.
        authentication_class: A subclass of `Authentication`.
        configuration_class: A subclass of `Configuration`.
        responses_class: A subclass of `Responses`.
        **kwargs: Handlers by name, settings by name, `class_views`,
            `custom_claims`, `extra_verifications`.

    Raises:
        InitializationFailure: An argument is of the wrong kind.
        InvalidConfiguration: A setting cannot work, or a handler is missing.
    """

    authentication_class: type[Authentication] = Authentication
    configuration_class: type[Configuration] = Configuration
    responses_class: type[Responses] = Responses

    def __init__(self, instance: Any, app: Any = None, **kwargs: Any) -> None:
        if callable(app) and not isinstance(app, Sanic):
            kwargs["authenticate"], app = app, None
        for name in ("authentication", "configuration", "responses"):
            attribute = f"{name}_class"
            if attribute in kwargs:
                setattr(self, attribute, kwargs.pop(attribute))
        self.instance = instance
        self.app: Any = instance if isinstance(instance, Sanic) else app
        self.auth: Authentication = self._make(kwargs)
        self.auth.install(instance, app)
        context = getattr(instance, "ctx", None)
        taken = getattr(context, "auth", None)
        if context is not None and not isinstance(taken, JWTAuth):
            context.auth = self.auth  # in place of anything else, as 1.8 does

    def _make(self, kwargs: dict[str, Any]) -> Authentication:
        for kind, base in (
            (self.authentication_class, Authentication),
            (self.configuration_class, Configuration),
            (self.responses_class, Responses),
        ):
            if not issubclass(kind, base):
                raise InitializationFailure(
                    f"{kind.__name__} is not a subclass of {base.__name__}."
                )
        if kwargs.get("extra_verifications", ()) is None:
            del kwargs["extra_verifications"]
        handlers = {n: kwargs.pop(n) for n in OFFERED if n in kwargs}
        if "generate_refresh_token" in handlers:
            kwargs["generate_refresh_token"] = handlers.pop(
                "generate_refresh_token"
            )
        for name, setting in _SWITCHES.items():
            if name in handlers:
                kwargs[setting] = True
        installed: Any = type(
            self.authentication_class.__name__,
            (self.authentication_class,),
            {
                "Configuration": self.configuration_class,
                "Responses": self.responses_class,
            },
        )
        auth: Authentication = installed(self.app, None)
        auth.configure(**kwargs)
        for name, handler in handlers.items():
            setattr(auth, name, handler)
        return auth

    @property
    def config(self) -> LegacyConfigurationView:
        """The settings in their callable form."""
        view: LegacyConfigurationView = self.auth.config
        return view

    @property
    def bp(self) -> Blueprint:
        """The blueprint that holds the endpoints."""
        if isinstance(self.instance, Blueprint):
            return self.instance
        blueprint: Blueprint = self.instance.blueprints[
            self.auth.codec.settings.blueprint_name
        ]
        return blueprint

    @property
    def instance_is_blueprint(self) -> bool:
        """Whether the installation was made on a blueprint."""
        return isinstance(self.instance, Blueprint)

    @property
    def responses(self) -> Any:
        """The answers of the installation."""
        return self.auth.responses

    def protected(self, *args: Any, **kwargs: Any) -> Any:
        """Protect a route with this installation."""
        return protected(self.auth, *args, **kwargs)

    def scoped(self, scopes: Any, **kwargs: Any) -> Any:
        """Scope a route with this installation."""
        return scoped(scopes, **{**kwargs, "initialized_on": self.auth})

    def inject_user(self, *args: Any, **kwargs: Any) -> Any:
        """Hand the user to a route of this installation."""
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
