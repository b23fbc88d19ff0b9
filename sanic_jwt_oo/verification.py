"""Whether a token is good: signature, claims, and what else is asked of it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from sanic import Request

from .configuration import Configuration
from .exceptions import InvalidConfiguration, InvalidToken
from .installation import Installation
from .keys import KeyRing, is_asymmetric, load_key
from .locations import check_csrf, read_token
from .tokens import (
    CacheInfo,
    Claim,
    CompactToken,
    TokenCodec,
    VerifiedToken,
    cache_key,
    check_verifications,
    make_claims,
)
from .types import KeyMaterial, Payload, UserT

_logger = logging.getLogger("sanic_jwt_oo")


class Verification(Installation[UserT]):
    """What an installation asks of a token."""

    async def verify_token(
        self, token: str, custom_claims: Sequence[type[Claim]] = ()
    ) -> Payload:
        """Return the payload of a token.

        Args:
            token: An access token.
            custom_claims: Claims to check besides those of all tokens.

        Raises:
            InvalidToken: The token is not good.
        """
        if not isinstance(token, str):
            raise InvalidToken(detail="Not a string.")
        claims = (*self._claims, *make_claims(custom_claims))
        _, payload = await self._verify(token, self.codec_for(), claims)
        return payload

    def cache_info(self) -> CacheInfo:
        """Return what the cache of verified tokens has done and holds.

        Each worker process has a cache of its own, and counts on its own. So
        has a route whose decorator sets other keys; it is not counted here.
        """
        return self.codec.cache.info()

    async def verify_request(self, request: Request) -> Payload:
        """Return the payload of a request's token, or say what is wrong.

        Raises:
            MissingCredentials: There is no token.
            InvalidToken: It is not good.
            CSRFFailed: See `check`.
            InvalidRequest: There is something else, or several.
        """
        codec = self.codec_for(request)
        token = read_token(request, codec.settings, "access")
        verified, payload = await self._verify(token, codec, self._claims)
        check_csrf(request, codec.settings, verified)
        return payload

    async def _verify(
        self, token: str, codec: TokenCodec, claims: Sequence[Claim]
    ) -> tuple[VerifiedToken, Payload]:
        """Return a good token, and a payload of it that nobody else has."""
        if codec.keys is None:
            verified, payload = await self._verify_with_secret(token, codec)
        else:
            verified, payload = codec.verify(token, self.now())
        if payload is None:
            payload = verified.payload()
        await self._check_session(verified, codec.settings)
        await check_verifications(self.extra_verifications, payload)
        for claim in claims:
            await claim.check(payload)
        return verified, payload

    def _judge(
        self, token: VerifiedToken, settings: Configuration
    ) -> bool | None:
        """Tell whether a token was revoked; `None`: the store knows."""
        check = settings.revocation_check
        if check == "never":
            return False
        return self.sessions.is_revoked_locally(
            check or "store", token.session_id, token.token_id, token.ends
        )

    async def _check_session(
        self, token: VerifiedToken, settings: Configuration
    ) -> None:
        """Refuse a good token that was revoked (requirement R1).

        Raises:
            InvalidToken: It was.
            SessionStoreUnavailable: Nobody can tell.
        """
        if self._sessions is None:
            return
        revoked = self._judge(token, settings)
        if revoked is None:
            revoked = await self._sessions.is_revoked(
                token.session_id, token.token_id
            )
        if revoked:
            raise revoked_token()

    async def _verify_with_secret(
        self, token: str, codec: TokenCodec
    ) -> tuple[VerifiedToken, Payload | None]:
        """Verify a token with the secret of the user that it names."""
        settings = codec.settings
        user_id = CompactToken(token).payload().get(settings.user_id)
        secret = await self._user_secret(user_id, settings)
        return codec.verify(
            token,
            self.now(),
            cache_key(token, secret),
            lambda: self._user_keys(secret, settings),
        )

    async def _user_secret(
        self, user_id: Any, settings: Configuration, *, sign: bool = False
    ) -> KeyMaterial:
        """Return the secret of one user (requirement T1).

        Raises:
            InvalidToken: Nothing verified says so, but there is no such user.
        """
        if not _can_be_looked_up(user_id):
            raise InvalidToken(detail="The user id is no string or number.")
        try:
            secret: KeyMaterial | None = await self._hooks[
                "retrieve_user_secret"
            ](
                user_id=user_id,
                encode=sign and is_asymmetric(settings.algorithm),
            )
        except LookupError:
            if sign:
                raise
            secret = None
        if not secret:
            raise InvalidToken(detail="The user has no secret.")
        return secret

    def _user_keys(
        self,
        secret: KeyMaterial,
        settings: Configuration,
        *,
        sign: bool = False,
    ) -> KeyRing:
        """Return the keys that the secret of a user makes.

        Raises:
            InvalidToken: It cannot be used; who has no token learns no more.
            InvalidConfiguration: It cannot be used to sign.
        """
        as_private = sign and is_asymmetric(settings.algorithm)
        try:
            key = load_key(
                settings.algorithm,
                public=None if as_private else secret,
                private=secret if as_private else None,
            )
            self.check_strength(key)
        except InvalidConfiguration as exc:
            if sign:
                raise
            _logger.error("The secret of a user is no good: %s", exc)
            raise InvalidToken(detail="The user has no secret.") from exc
        return KeyRing(key)


def revoked_token() -> InvalidToken:
    """Return the error for a token of a session that was ended."""
    return InvalidToken(detail="The token has been revoked.")


def _can_be_looked_up(user_id: Any) -> bool:
    """Tell whether an unverified id is one that a store can look for."""
    if type(user_id) is int:
        return -(2**63) <= user_id < 2**63
    if type(user_id) is not str or "\0" in user_id:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in user_id)
