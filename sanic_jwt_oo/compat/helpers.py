"""Helpers that 1.8 has in `sanic_jwt.decorators` and `.responses`.

The modules of these names exist in this package; `module_names` adds the
helpers to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

COOKIE_OPTIONS = (
    ("domain", "cookie_domain"),
    ("expires", "cookie_expires"),
    ("max-age", "cookie_max_age"),
    ("samesite", "cookie_samesite"),
    ("secure", "cookie_secure"),
)
"""Attributes of cookies, and the settings that they follow from."""


@contextmanager
def instant_config(instance: Any, **kwargs: Any) -> Iterator[None]:
    """Change settings inside a `with` block.

    This is `auth.override(...)`: other requests do not see the change, and it
    ends with the block.

    Args:
        instance: The application or blueprint that was installed on.
        **kwargs: Settings, or functions that return them. Other names have
            no effect.

    Raises:
        InvalidConfiguration: A setting cannot change for one block.
    """
    auth = getattr(getattr(instance, "ctx", None), "auth", None)
    if auth is None:
        yield
        return
    settings = {
        name: value() if callable(value) else value
        for name, value in kwargs.items()
        if name in auth.config
    }
    with auth.override(**settings):
        yield


def _set_cookie(
    response: Any,
    key: str,
    value: str,
    config: Any,
    force_httponly: bool | None = None,
) -> None:
    """Add a cookie with the attributes that the settings say.

    Args:
        response: The response.
        key: The name of the cookie.
        value: Its value.
        config: The settings, in their callable form.
        force_httponly: Instead of the setting `cookie_httponly`.
    """
    options = {
        name.replace("-", "_"): getattr(config, setting)() or None
        for name, setting in COOKIE_OPTIONS
    }
    same_site = options["samesite"]
    options["samesite"] = same_site and same_site.capitalize()
    options["secure"] = bool(options["secure"])
    if force_httponly is None:
        force_httponly = bool(config.cookie_httponly())
    response.add_cookie(
        key,
        value,
        path=config.cookie_path(),
        httponly=force_httponly,
        **options,
    )
