"""The settings of sanic-jwt 1.8: its defaults, and their callable form."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from sanic import Blueprint

from ..configuration import ConfigItem, Configuration
from ..exceptions import (
    HookNotImplemented,
    InsecureSecretWarning,
    InvalidConfiguration,
    WeakSecret,
)
from ..runtime.logs import warn_at_install, warn_user
from ..settings import UrlPath

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
        """Accept the values of 1.8: names of key files, paths without `/`."""
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
    """A setting of an installation: `config.access_token_name()`."""

    def __init__(self, auth: Any, name: str) -> None:
        super().__init__()
        self._auth = auth
        self._name = name

    def __call__(self) -> Any:
        """Return the value that is in force for the current request."""
        return getattr(self._auth.settings(), self._name)

    def update(self, value: Any) -> None:
        """Change the setting from now on. Use it in set-up code only."""
        self._auth.configure(**{self._name: value})


class LegacyConfigurationView:
    """The settings of an installation in their callable form."""

    def __init__(self, auth: Any) -> None:
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
