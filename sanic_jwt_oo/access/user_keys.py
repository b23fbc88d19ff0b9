"""The keys of one user, if every user has a secret of their own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from ..configuration import Configuration
from ..exceptions import InvalidConfiguration, InvalidToken
from ..hooks import HookTable
from ..keys import Key, KeyRing, is_asymmetric, load_key
from ..types import KeyMaterial, Request

_logger = logging.getLogger("sanic_jwt_oo")


class UserKeys:
    """Makes keys from what `retrieve_user_secret` returns (T1).

    Args:
        hooks: The hooks of the installation.
        check_strength: Refuses a weak key, or warns about it.
    """

    def __init__(
        self, hooks: HookTable, check_strength: Callable[[Key], None]
    ) -> None:
        self._hooks = hooks
        self._check_strength = check_strength

    async def secret_of(
        self,
        user_id: Any,
        settings: Configuration,
        request: Request | None,
        *,
        sign: bool = False,
    ) -> KeyMaterial:
        """Return the secret of one user.

        Args:
            user_id: The id; it is not verified if it is from a token.
            settings: The settings in force.
            request: The request, if there is one.
            sign: Whether the secret will sign; otherwise it will verify.

        Raises:
            InvalidToken: There is no such user, or the user has no secret.
        """
        if not _can_be_looked_up(user_id):
            raise InvalidToken(detail="The user id is not a string or number.")
        try:
            secret: KeyMaterial | None = await self._hooks[
                "retrieve_user_secret"
            ](
                user_id=user_id,
                encode=sign and is_asymmetric(settings.algorithm),
                request=request,
            )
        except LookupError:
            if sign:
                raise
            secret = None
        if not secret:
            raise InvalidToken(detail="The user has no secret.")
        return secret

    def load(
        self,
        secret: KeyMaterial,
        settings: Configuration,
        *,
        sign: bool = False,
    ) -> KeyRing:
        """Return the key ring for the secret of a user.

        Raises:
            InvalidToken: The secret cannot be used to verify.
            InvalidConfiguration: The secret cannot be used to sign.
        """
        as_private = sign and is_asymmetric(settings.algorithm)
        try:
            key = load_key(
                settings.algorithm,
                public=None if as_private else secret,
                private=secret if as_private else None,
            )
            self._check_strength(key)
        except InvalidConfiguration as exc:
            if sign:
                raise
            _logger.error("The secret of a user cannot be used: %s", exc)
            raise InvalidToken(detail="The user has no secret.") from exc
        return KeyRing(key)


def _can_be_looked_up(user_id: Any) -> bool:
    """Return whether a store can look up an unverified id."""
    if type(user_id) is int:
        return -(2**63) <= user_id < 2**63
    if type(user_id) is not str or "\0" in user_id:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in user_id)
