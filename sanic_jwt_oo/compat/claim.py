"""`Claim` with the private methods of sanic-jwt 1.8."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any

from ..exceptions import (
    InvalidCustomClaim,
    InvalidCustomClaimError,
    SanicJWTException,
)
from ..hooks import is_awaitable, resolve
from ..tokens import claims
from ..types import MaybeAwaitable, Payload

_logger = logging.getLogger("sanic_jwt_oo")


class Claim(claims.Claim):
    """A custom claim of the application.

    Subclass it and define its `key`, its value in a new token (`setup`), and
    which values are valid (`verify`):

        class Shop(Claim):
            key = "shop"

            def setup(self, payload, user):
                return user["shop"]

            def verify(self, value):
                return value == "north"

    Raises:
        InvalidCustomClaim: The class has no key, `setup` or `verify`.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        owner = next(k for k in cls.__mro__ if "_register" in vars(k))
        if owner is not Claim:
            raise InvalidCustomClaim(
                f"{owner.__name__} defines _register, which is never called. "
                "Name the claim in custom_claims.",
                500,
            )

    @classmethod
    def _register(cls, sanicjwt: Any) -> None:
        """Add the claim to an installation.

        Args:
            sanicjwt: The `Initialize` object.
        """
        auth = sanicjwt.instance.ctx.auth
        auth.custom_claims = (*auth.custom_claims, cls)

    async def check(self, payload: Payload) -> None:
        """Refuse a payload whose value `verify` does not accept.

        An overridden `_verify` decides in its place, as in sanic-jwt.

        Raises:
            InvalidCustomClaimError: `verify` returned `False`.
            InvalidCustomClaim: It raised, or did not return a boolean.
        """
        if type(self)._verify is Claim._verify:
            await super().check(payload)
            return
        try:
            await resolve(self._verify(payload))
        except SanicJWTException:
            raise
        except Exception as exc:
            _logger.exception("%r failed; the token is refused.", self._verify)
            raise InvalidCustomClaim() from exc

    def _verify(self, payload: Payload) -> MaybeAwaitable[None]:
        """Refuse a payload; see `check`. If `verify` is async, await it."""
        verify: Any = self.verify  # type: ignore[attr-defined]
        verdict = verify(payload.get(self.get_key()))
        if is_awaitable(verdict):
            return self._await_verdict(verdict)
        self._judge(verdict)
        return None

    async def _await_verdict(self, verdict: Awaitable[Any]) -> None:
        self._judge(await verdict)

    def _judge(self, verdict: Any) -> None:
        if not isinstance(verdict, bool):
            raise InvalidCustomClaim()
        if not verdict:
            raise InvalidCustomClaimError(f"Invalid claim: {self.get_key()}.")
