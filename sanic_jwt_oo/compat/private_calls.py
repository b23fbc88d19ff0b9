"""Private methods of sanic-jwt 1.8 that applications call.

Nothing in this package calls them, so an override would have no effect and is
refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from sanic import Request

from ..access import UserKeys
from ..auth import JWTAuth
from ..hooks import resolve
from ..keys import is_asymmetric
from ..runtime.sanic_internals import current_request
from ..tokens import Claim, CompactToken
from ..types import Payload


class PrivateCalls(JWTAuth[Any]):
    """`JWTAuth` with what applications need to sign tokens by hand."""

    def _get_algorithm(self) -> str:
        """Return the algorithm that signs tokens."""
        return self.settings().algorithm

    async def _get_secret(
        self,
        token: str | None = None,
        payload: Payload | None = None,
        encode: bool = False,
    ) -> Any:
        """Return the key that verifies tokens, or with `encode` signs them.

        Args:
            token: The token of the user, if every user has a key.
            payload: The payload of the user, in place of a token.
            encode: Whether the key is to sign.
        """
        settings = self.settings()
        if not settings.user_secret_enabled:
            config: Any = self.config  # the callable form
            if encode and is_asymmetric(settings.algorithm):
                return config.private_key()
            return config.secret()
        if payload is None:
            payload = CompactToken(token or "").payload()
        installation = self._sanic_jwt_oo
        keys = UserKeys(installation.hooks, installation.check_strength)
        return await keys.secret_of(
            payload.get(settings.user_id),
            settings,
            current_request(),
            sign=encode,
        )

    def _get_token(self, request: Request, refresh_token: bool = False) -> str:
        """Return the token of a request, not verified yet."""
        if refresh_token:
            return self._sanic_jwt_oo.refreshing.read_token(request)
        return self._sanic_jwt_oo.gate.read_token(request)

    async def _get_refresh_token(self, request: Request) -> str:
        """Return the refresh token of a request, not verified yet."""
        return self._get_token(request, refresh_token=True)

    async def _get_user_id(self, user: Any, *, asdict: bool = False) -> Any:
        """Return the id of a user, or a dict with nothing else in it."""
        user_id = await resolve(self.user_id_of(user))
        return {self.settings().user_id: user_id} if asdict else user_id

    async def _get_payload(
        self, user: Any, inline_claims: Sequence[type[Claim]] | None = None
    ) -> Payload:
        """Return the payload of a new token for a user.

        Times are naive `datetime` objects in UTC.
        """
        token = await JWTAuth.generate_access_token(
            self, user, None, inline_claims or ()
        )
        payload = CompactToken(token).payload()
        for name in payload.keys() & {"exp", "iat", "nbf"}:
            moment = datetime.fromtimestamp(payload[name], timezone.utc)
            payload[name] = moment.replace(tzinfo=None)
        return payload
