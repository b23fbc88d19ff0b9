"""The settings in force, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..configuration import Configuration
from ..locations import Places
from ..tokens import TokenCodec, VerifiedToken
from .overrides import NOTHING


class Policy:
    """Settings, with the codec and the token places that they make.

    Args:
        codec: Issues and verifies tokens under these settings.
        base: The policy that this one is derived from.
        overrides: The settings of a route or block that differ from it.

    Attributes:
        binds_csrf: Whether tokens that are issued have a CSRF value. Those of
            a route that itself needs none have one as well, if the
            installation binds them: they are for its other routes.
        settings: The settings.
        codec: Issues and verifies tokens under them.
        access: Where the access token is.
        overrides: The settings of a route or block that make it.
        refresh: Where the refresh token is.
        tokens_in_body: Whether responses carry tokens in their bodies.
        header: Name of the header, if its value is the key of a cached token.
        recalls: Whether a cached token may be used without a look at its user:
            not where every user has keys of their own.
        varies: Whether the settings change with every request.
        find: Returns the cached token under a key, or `None`.
        touch: Marks a cached token as used.
    """

    __slots__ = (
        "access",
        "binds_csrf",
        "codec",
        "find",
        "header",
        "overrides",
        "recalls",
        "refresh",
        "settings",
        "tokens_in_body",
        "touch",
        "varies",
    )

    def __init__(
        self,
        codec: TokenCodec,
        base: Policy | None = None,
        overrides: Mapping[str, Any] = NOTHING,
    ) -> None:
        settings = codec.settings
        self.overrides: Mapping[str, Any] = overrides
        self.binds_csrf: bool = (
            settings.cookie_set and settings.csrf_protect
        ) or (base is not None and base.binds_csrf)
        self.settings: Configuration = settings
        self.tokens_in_body: bool = settings._puts_tokens_in_body
        self.codec: TokenCodec = codec
        self.access: Places = Places(settings, "access")
        self.refresh: Places = Places(settings, "refresh")
        self.header: str | None = self.access.bearer_header
        self.recalls: bool = codec.keys is not None
        self.varies: bool = settings._changes_per_request
        self.find: Callable[[str], VerifiedToken | None] = codec.cache.find
        self.touch: Callable[[str], None] = codec.cache.touch
