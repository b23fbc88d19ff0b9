"""Sets up the sessions of an installation.

The installer calls these functions. They refuse a session store that cannot
be used, and one that would mix up the users of two installations.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from sanic import Sanic

from ..configuration import Configuration
from ..exceptions import InvalidConfiguration
from ..installation import Installation
from ..keys import KeyRing, load_key
from ..runtime.logs import warn_at_install
from ..runtime.sanic_internals import is_first_of_several
from ..sessions import Sessions, SessionStore

_logger = logging.getLogger("sanic_jwt_oo")

LEGACY_HOOKS = frozenset({"store_refresh_token", "retrieve_refresh_token"})
"""The hooks of an application that keeps refresh tokens itself."""
_REFRESH_TOKENS = b"sanic_jwt_oo refresh tokens"
"""The purpose of the secret that refresh tokens are derived under."""


def keeps_sessions(installation: Installation) -> bool:
    """Return whether a session store keeps the refresh tokens.

    Raises:
        InvalidConfiguration: `session_store` is not a session store.
    """
    store = installation.auth.session_store
    if store is None:
        return False
    if not isinstance(store, SessionStore):
        raise InvalidConfiguration(
            f"session_store is {store!r}; it must be an object of a "
            "SessionStore class."
        )
    if any(map(installation.hooks.is_overridden, LEGACY_HOOKS)):
        warn_at_install(
            "store_refresh_token() and retrieve_refresh_token() keep the "
            "refresh tokens; the session store is not used."
        )
        return False
    return True


def session_secret(
    installation: Installation, settings: Configuration, keys: KeyRing | None
) -> bytes:
    """Return the secret that refresh tokens are derived under.

    Args:
        installation: The installation.
        settings: Its settings.
        keys: Its keys; `None` if every user has keys of their own.

    Raises:
        InvalidConfiguration: `session_secret` is needed and not set.
    """
    if settings.session_secret is not None:
        key = load_key("HS256", public=settings.session_secret)
        installation.check_strength(key)
    elif keys is None:
        raise InvalidConfiguration(
            "session_secret is required: with user_secret_enabled there is "
            "no other secret to derive refresh tokens under."
        )
    else:
        key = keys.primary
    if not key.can_sign:  # a service that only verifies issues none
        return secrets.token_bytes(32)
    return key.derive_secret(_REFRESH_TOKENS)


def check_shared_store(one: Installation, other: Installation) -> None:
    """Refuse two installations that would mix up their users (S4).

    A store knows a refresh token as a session and the id of a user. Only the
    keys tell whose users they are.

    Raises:
        InvalidConfiguration: They have one store, and different keys.
    """
    mine, theirs = one.sessions, other.sessions
    if (
        mine is not None
        and theirs is not None
        and mine.store is theirs.store
        and _signs_with(one) != _signs_with(other)
        and one.policies.base.settings.auth_mode
        and other.policies.base.settings.auth_mode
    ):
        raise InvalidConfiguration(
            "Two installations share one session_store, and each would "
            "accept the refresh tokens of the other's users. Give each a "
            "store of its own; or, if their users are the same, set the same "
            "session_secret, claim_iss and claim_aud."
        )


async def open_sessions(sessions: Sessions, app: Sanic[Any, Any]) -> None:
    """Open the store when a server starts."""
    if not sessions.store.shared and is_first_of_several(app):
        _logger.warning(
            "%s keeps sessions in one process, and there are several "
            "workers: sessions of one are unknown to the others. Use "
            "another store, or one worker.",
            type(sessions.store).__name__,
        )
    await sessions.open()


async def close_sessions(sessions: Sessions, app: Sanic[Any, Any]) -> None:
    """Close the store after a server has stopped."""
    await sessions.close()


def _signs_with(installation: Installation) -> tuple[Any, ...]:
    base = installation.policies.base
    settings = base.settings
    secret = session_secret(installation, settings, base.codec.keys)
    return secret, settings.claim_iss, settings.claim_aud
