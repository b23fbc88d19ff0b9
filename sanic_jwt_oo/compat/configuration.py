"""The settings of sanic-jwt 1.8: its defaults, and their callable form."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from sanic import Blueprint
from typing_extensions import Self

from ..configuration import ConfigItem, Configuration
from ..exceptions import (
    HookNotImplemented,
    InitializationFailure,
    InsecureSecretWarning,
    InvalidConfiguration,
    WeakSecret,
)
from ..installation import installation_of
from ..runtime.logs import warn_at_install, warn_user
from ..settings import Declarations, UrlPath, read_app_config

_REQUIRED: Sequence[str] = tuple(["exp"])
"""The default of `required_claims`; an application's own is another object."""
_RENAMED = {
    "handler_payload_scopes": "add_scopes_to_payload",
    "payload_handler": "build_payload",
    "handler_payload_extend": "extend_payload",
}
"""Settings that 1.8 refuses, and the hooks that replace them."""


class LegacyConfiguration(Configuration, declares=True):
    """The defaults of sanic-jwt 1.8 that are safe."""

    generate_refresh_token: Callable[..., Any] | None = None
    """A function without required arguments that makes a refresh token."""

    cookie_host_prefix: bool = False
    cookie_secure: bool = False
    csrf_protect: bool = False
    leeway: float = 180
    refresh_token_enabled: bool | None = False
    required_claims: Sequence[str] = _REQUIRED
    scopes_enabled: bool | None = False
    single_credential: bool = False
    tokens_in_body: bool | None = True
    user_id_required: bool = False

    @property
    def _required_claims(self) -> Sequence[str]:
        """None by default where `verify_exp` is off, as in 1.8."""
        if self.required_claims is _REQUIRED and not self.verify_exp:
            return ()
        return self.required_claims

    @property
    def _scope_claims(self) -> tuple[str, ...]:
        """The claim that `scopes_name` names and no other, as in 1.8."""
        return (self.scopes_name,)

    @property
    def _starts_after(self) -> float:
        """The leeway is added, as in 1.8."""
        return self.claim_nbf_delta + self.leeway

    @property
    def _shows_datetimes(self) -> bool:
        """Hooks see times as naive `datetime` objects in UTC, as in 1.8."""
        return True

    @classmethod
    def _complete(cls, values: dict[str, Any]) -> None:
        """Accept the values of 1.8: names of key files, paths without `/`.

        A key file is read now, so that it can change without effect.
        """
        for name in ("secret", "private_key"):
            value = values[name]
            if isinstance(value, (str, Path)) and os.path.isfile(value):
                values[name] = _content(Path(value))
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
    def _plain_value(cls, name: str, value: Any) -> Any:
        """Accept an item in place of its value, as 1.8 does.

        `None` for a setting that is off, empty or 0 by default is its default.
        """
        if isinstance(value, ConfigItem):
            value = value()
        default = cls.declarations()[name].default
        if value is None and not default:
            value = default
        return super()._plain_value(name, value)

    @classmethod
    def _receiver(cls, values: Mapping[str, Any]) -> Self:
        """Return settings that are called for their values, as in 1.8."""
        declared = cls.declarations()
        items = {name: ConfigItem(values[name], name) for name in declared}
        second = {a: items[name] for a, name in declared.aliases.items()}
        return cls._of({**items, **second})

    @classmethod
    def _aware(cls, claim: str, moment: datetime) -> datetime:
        """Interpret a time without a time zone as UTC, as 1.8 does."""
        return moment.replace(tzinfo=timezone.utc)

    @classmethod
    def _report_mistake(cls, message: str) -> None:
        """Log a mistake that 1.8 ignored."""
        warn_at_install("%s", message)

    @classmethod
    def _report_weak_secret(cls, error: WeakSecret) -> None:
        """Accept a short secret, with a warning."""
        warn_user(str(error), InsecureSecretWarning)

    @classmethod
    def _report_no_user(cls, error: HookNotImplemented) -> None:
        """Accept refresh tokens without `retrieve_user`, with a warning."""
        warn_at_install(
            "There is no retrieve_user(): no token can be refreshed, and "
            "every refresh is refused. Define it, or set "
            "refresh_token_enabled = False."
        )

    @classmethod
    def _accepts_any_name(cls) -> bool:
        """Return that positional parameters may have any name, as in 1.8."""
        return True

    def _endpoint_path(self, path: str, target: Any) -> str:
        """Drop a prefix that the blueprint repeats, as 1.8 does."""
        whole = super()._endpoint_path(path, target)
        prefix = getattr(target, "url_prefix", None)
        if prefix and whole.startswith(f"{prefix}/"):
            return whole[len(prefix) :]
        return whole

    def _class_view_path(self, path: str, target: Any) -> str:
        """Drop `url_prefix` on a blueprint, as 1.8 does."""
        if isinstance(target, Blueprint):
            return path
        return super()._class_view_path(path, target)

    @classmethod
    def _unknown_setting(cls, name: str, source: str, hint: str = "") -> None:
        """Ignore an unknown setting, as 1.8 does, with a warning.

        Raises:
            InvalidConfiguration: It was a setting and is a hook now.
        """
        if name in _RENAMED:
            raise InvalidConfiguration(
                f"{name} is a hook now. Pass or define {_RENAMED[name]}()."
            )
        warn_at_install("%r (%s) is not a setting.", name, source)


class InstalledItem(ConfigItem):
    """A setting of an installation: `config.access_token_name()`.

    Args:
        source: The `Authentication` object, or what stands for it before it
            is installed.
        name: The name of the setting.
        hidden: Whether a secret is shown as `***`.
    """

    def __init__(self, source: Any, name: str, hidden: bool = False) -> None:
        declaration = source.Configuration.declarations()[name]
        super().__init__(
            item_name=name, config=source.config, aliases=declaration.aliases
        )
        self._source = source
        self._hidden = hidden and declaration.is_secret

    def __call__(self, **kwargs: Any) -> Any:
        """Return the value that is in force for the current request.

        A secret or key is text or bytes: the content of its file, the random
        secret where none is set, the public half of `private_key`.

        Raises:
            InitializationFailure: A random secret is not made yet.
        """
        value = getattr(self._source.settings(), self._item_name)
        if self._hidden:
            return "***"
        if value is None and self._item_name == "secret":
            return _key_in_force(self._source)
        return _content(value) if isinstance(value, Path) else value

    @property
    def _get_fn(self) -> str:
        """The name of the method that decides for each request."""
        return f"get_{self._item_name}"

    @property
    def _get_from_config(self) -> Callable[..., Any] | None:
        """The method of this name, if there is one."""
        method: Callable[..., Any] | None
        method = getattr(self._config, self._get_fn, None)
        return method

    def update(self, value: Any) -> None:
        """Change the setting from now on. Use it in set-up code only."""
        self._source.configure(**{self._item_name: value})


def _key_in_force(source: Any) -> str | None:
    """Return the secret or public key that no setting names."""
    installation = installation_of(source)
    if installation is None or not installation.is_settled:
        raise InitializationFailure(
            "No secret is set, and a random one is only made at the install. "
            "Set secret=... to read it before."
        )
    keys = installation.policies.in_force().codec.keys
    return None if keys is None else keys.primary.verifying_text()


def _content(path: Path) -> str | bytes:
    """Return the content of a key file, as text if it is text."""
    content = path.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


class LegacyConfigurationView:
    """The settings of an installation in their callable form.

    Secrets are only returned to code that names them, as in
    `config.secret()`. Iterating shows `***`.
    """

    def __init__(self, source: Any) -> None:
        self._auth = source

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self:
            return InstalledItem(self._auth, self._canonical(name))
        settings = self._auth.settings()  # it has methods of the application
        return getattr(settings._receiver(vars(settings)), name)

    def _canonical(self, name: str) -> str:
        declared: Declarations = self._auth.Configuration.declarations()
        return declared.canonical(name)

    @property
    def config_keys(self) -> list[str]:
        """The names of all settings."""
        return sorted(self._auth.Configuration.names())

    @property
    def config_aliases(self) -> dict[str, str]:
        """The settings that have a second name, with that name."""
        return {name: alias for alias, name in self._aliases.items()}

    @property
    def config_aliases_keys(self) -> list[str]:
        """The second names of settings."""
        return [*self._aliases]

    @property
    def config_alias_mapping(self) -> dict[str, str]:
        """The second names of settings, with the first ones."""
        return {**self._aliases}

    @property
    def all_config_keys(self) -> list[str]:
        """The first and second names of all settings."""
        return [*self.config_keys, *self._aliases]

    @property
    def _aliases(self) -> dict[str, str]:
        declared: Declarations = self._auth.Configuration.declarations()
        return declared.aliases

    def __iter__(self) -> Iterator[InstalledItem]:
        for name in self.all_config_keys:
            yield InstalledItem(self._auth, self._canonical(name), hidden=True)

    def __contains__(self, name: object) -> bool:
        return name in self.all_config_keys

    def get(self, item: str) -> Any:
        """Return the value of a setting, or `None` if there is none."""
        return getattr(self, item)() if item in self else None

    def update(self, **settings: Any) -> None:
        """Change settings from now on. Use it in set-up code only."""
        self._auth.configure(**settings)

    @staticmethod
    def extract_presets(app_config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings in `app.config`, as `SANIC_JWT_<NAME>`."""
        return read_app_config(app_config)
