"""Objects that sanic-jwt lets an application construct itself.

`Configuration(app.config, ...)` has settings that can be read before anything
is installed, and `Authentication(app, config)` works without endpoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import new_class
from typing import Any

from typing_extensions import Self

from ..configuration import Configuration
from ..exceptions import InitializationFailure, InvalidConfiguration
from ..installation import Installation, installation_of
from ..keys import KeySettings, build_keyring, run_secret
from ..responses import Responses
from .configuration import LegacyConfiguration, LegacyConfigurationView

UNCALLED = (
    "__init__",
    "__new__",
    "_do_overrides",
    "_load_keys",
    "_merge",
    "_validate_keys",
    "_validate_secret",
    "extract_presets",
    "get",
)
"""Methods of 1.8's `Configuration` that are never called here."""


class GivenSettings:
    """What a `LegacyConfigurationView` shows where nothing is installed yet.

    Args:
        kind: The class of the settings.
        app_config: The application's config.
        values: Keyword arguments.
        instance: What will be installed on; `None` if the application has
            constructed the settings itself.

    Raises:
        InvalidConfiguration: The class has a method that is never called.

    Attributes:
        Configuration: The class, with the defaults of the legacy form.
        auth: The object that the settings belong to, once there is one.
    """

    def __init__(
        self,
        kind: type[Configuration],
        app_config: Mapping[str, Any],
        values: Mapping[str, Any],
        instance: Any = None,
    ) -> None:
        _check_methods(kind)
        self.Configuration: type[Any] = _legacy(kind)
        self.instance: Any = instance
        self.values: dict[str, Any] = dict(values)
        self.auth: Any = None
        self._app_config = app_config
        self._built: Configuration | None = None

    def settings(self) -> Any:
        """Return the settings in force, or those that an install would make.

        Raises:
            InvalidConfiguration: A value cannot work.
        """
        if self.auth is not None:
            try:
                return self.auth.settings()
            except InitializationFailure:
                pass  # it is not installed yet
        if self._built is None:
            self._built = self.Configuration.build(
                self._app_config, self.values
            )
        return self._built

    @property
    def config(self) -> LegacyConfigurationView:
        """The settings in their callable form."""
        return LegacyConfigurationView(self)

    @property
    def _sanic_jwt_oo(self) -> Installation | None:
        return installation_of(self.auth)

    def configure(self, **values: Any) -> None:
        """Change settings; see `JWTAuth.configure`."""
        self.values.update(values)
        self._built = None
        if self.auth is not None:
            self.auth.configure(**values)


def construct(
    kind: type[Configuration],
    app_config: Mapping[str, Any],
    **values: Any,
) -> LegacyConfigurationView:
    """Return what `Configuration(app.config, ...)` is in sanic-jwt.

    Raises:
        InvalidConfiguration: A value cannot work, or a key is missing.
    """
    given = GivenSettings(kind, app_config, values)
    settings = given.settings()
    if not settings.user_secret_enabled:
        build_keyring(KeySettings.of(settings), lambda: run_secret(""))
    return LegacyConfigurationView(given)


def given_by(config: Any) -> GivenSettings | None:
    """Return the settings behind a view that is not of an installation."""
    source = vars(config).get("_auth") if _is_view(config) else None
    return source if isinstance(source, GivenSettings) else None


def _is_view(config: Any) -> bool:
    return isinstance(config, LegacyConfigurationView)


def _check_methods(kind: type[Configuration]) -> None:
    """Refuse a class with a method that would have no effect.

    Raises:
        InvalidConfiguration: It has one.
    """
    package = __name__.partition(".")[0]
    for base in kind.__mro__[:-1]:
        if base.__module__.partition(".")[0] == package:
            continue
        for name in UNCALLED:
            if name in vars(base):
                raise InvalidConfiguration(
                    f"{base.__name__} defines {name}, which is never called. "
                    "Define set_<name>() or get_<name>(request) for a "
                    "setting, or pass settings to Initialize."
                )


def _legacy(kind: type[Configuration]) -> type[Any]:
    if issubclass(LegacyConfiguration, kind):
        return LegacyConfiguration
    if issubclass(kind, LegacyConfiguration):
        return kind
    bases = (kind, LegacyConfiguration)
    module = {"__module__": kind.__module__}
    return new_class(kind.__name__, bases, None, lambda ns: ns.update(module))


class LegacyResponses(Responses):
    """The responses of the legacy form, constructed as in sanic-jwt."""

    @classmethod
    def _made_for(cls, auth: Any) -> Self:
        given = given_by(auth.config)
        if given is None:
            return super()._made_for(auth)
        made = cls(auth.config, given.instance or auth.app)
        made.auth = auth
        return made

    def _arguments_of_views(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        auth = self.auth
        return (self,), {"config": auth.config, "instance": auth.instance}
