"""Issue and verify access tokens under one set of settings and keys."""

from __future__ import annotations

from datetime import datetime, timezone

from ..configuration import Configuration
from ..exceptions import InvalidConfiguration, InvalidToken
from ..keys import KeyRing
from ..types import Payload
from .claims import TIMES, ClaimRules
from .compact import CompactToken, join, serialise


class TokenCodec:
    """Settings with the keys and claim rules that follow from them.

    Args:
        settings: The snapshot that tokens are issued and verified under.
        keys: Its keys; `None` when every user has keys of their own.
    """

    __slots__ = ("keys", "rules", "settings")

    def __init__(self, settings: Configuration, keys: KeyRing | None) -> None:
        self.settings: Configuration = settings
        self.keys: KeyRing | None = keys
        self.rules: ClaimRules = ClaimRules(settings)

    @staticmethod
    def encode(payload: Payload, keys: KeyRing) -> str:
        """Sign a payload with the primary key of `keys`.

        A time that is a `datetime` becomes seconds since the epoch; without
        a zone it is UTC.

        Raises:
            InvalidConfiguration: There is no key to sign with.
            TypeError: The payload has a value that JSON cannot hold.
        """
        key = keys.primary
        if not key.can_sign:
            raise InvalidConfiguration(
                "This installation has no private_key; it only verifies."
            )
        header = {"alg": key.algorithm, "typ": "JWT"}
        if key.key_id is not None:
            header["kid"] = key.key_id
        for name in TIMES:
            moment = payload.get(name)
            if isinstance(moment, datetime):
                if moment.tzinfo is None:
                    moment = moment.replace(tzinfo=timezone.utc)
                payload = {**payload, name: int(moment.timestamp())}
        signing_input = serialise(header, payload)
        return join(signing_input, key.sign(signing_input))

    def decode(
        self, token: CompactToken, keys: KeyRing, now: float
    ) -> Payload:
        """Verify a token: its signature first, then its claims.

        Args:
            token: The token, taken apart.
            keys: The keys it may be signed with.
            now: Seconds since the epoch.

        Raises:
            InvalidToken: It is not good.
        """
        key = keys.select(token.header)
        if not key.verify(token.signing_input, token.signature):
            raise InvalidToken(detail="Signature verification failed.")
        payload = token.payload()
        self.rules.check(payload, now)
        return payload
