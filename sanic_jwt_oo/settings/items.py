"""A setting as an object, the form of sanic-jwt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class ConfigItem:
    """A setting as an object, the form that sanic-jwt's setters may return.

    Args:
        value: The value.
        item_name: The name of the setting.
        config: The settings that it belongs to.
        inject_request: Has no effect: a `get_<name>` method is given the
            request if it names it.
        aliases: Second names of the setting.
    """

    def __init__(
        self,
        value: Any = None,
        item_name: str = "",
        config: Any = None,
        inject_request: bool = True,
        aliases: Sequence[str] | None = None,
    ) -> None:
        self._value = value
        self._item_name = item_name
        self._config = config
        self._aliases = [*(aliases or ())]

    def __call__(self, **kwargs: Any) -> Any:
        """Return the value."""
        return self._value

    @property
    def aliases(self) -> list[str]:
        """The second names of the setting."""
        return self._aliases

    def update(self, value: Any) -> None:
        """Replace the value."""
        self._value = value
