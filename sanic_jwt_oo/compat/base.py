"""`BaseDerivative`, from which the responses and endpoints of 1.8 derive."""

from __future__ import annotations

from typing import Any


class BaseDerivative:
    """An object with the settings and the target of an installation.

    Args:
        config: The settings, in their callable form.
        instance: The application or blueprint that was installed on.
        *args: No effect.
        **kwargs: No effect.
    """

    def __init__(
        self, config: Any, instance: Any, *args: Any, **kwargs: Any
    ) -> None:
        self.config = config
        self.instance = instance
