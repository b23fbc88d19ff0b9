"""Issue and verify access tokens under one set of settings and keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from typing_extensions import Self

from ..configuration import Configuration
from ..exceptions import InvalidConfiguration, InvalidPayload, InvalidToken
from ..keys import Key, KeyRing
from ..scopes import held_scopes, scope_claim
from ..types import Payload
from .cache import SCHEME, TokenCache, VerifiedToken, verified_token
from .claims import TIMES, ClaimRules
from .compact import (
    decode_text,
    encode_segment,
    parse_object,
    read_header,
    take_apart,
    write_json,
)


class TokenCodec:
    """Settings with the keys and claim rules that follow from them.

    Args:
        settings: The snapshot that tokens are issued and verified under.
        keys: Its keys; `None` when every user has keys of their own.
        cache: The tokens that these keys have verified.
        lasting: Whether this serves more than one request, so that what it
            verifies is worth keeping.

    Attributes:
        rules: What the settings ask of claims.
        varies: Whether the settings change with every request.
    """

    __slots__ = (
        "cache",
        "keys",
        "lasting",
        "rules",
        "settings",
        "varies",
    )

    def __init__(
        self,
        settings: Configuration,
        keys: KeyRing | None,
        cache: TokenCache | None = None,
        *,
        lasting: bool = True,
    ) -> None:
        self.settings: Configuration = settings
        self.keys: KeyRing | None = keys
        self.rules: ClaimRules = ClaimRules(settings)
        if cache is None:
            cache = TokenCache(
                settings.token_cache_entries, settings.token_cache_bytes
            )
        self.cache: TokenCache = cache
        self.lasting: bool = lasting
        self.varies: bool = settings.changes_per_request

    def encode(self, payload: Payload, keys: KeyRing) -> str:
        """Sign a payload with the primary key of `keys`.

        A time that is a `datetime` becomes seconds since the epoch.

        Raises:
            InvalidConfiguration: There is no key to sign with.
            InvalidPayload: A `datetime` has no time zone, see
                `Configuration.aware`; or JSON cannot hold a value.
        """
        key = keys.primary
        start = key.start or _encode_start(key)
        try:
            text = write_json(payload)
        except TypeError:
            text = _write(_with_seconds(payload, self.settings))
        signing_input = start + encode_segment(text.encode())
        signature = encode_segment(key.sign(signing_input))
        return (signing_input + b"." + signature).decode()

    def derive(self, settings: Configuration, lasting: bool) -> Self:
        """Return the codec for other settings and the same keys."""
        codec = type(self)(settings, self.keys, self.cache, lasting=lasting)
        if codec.rules == self.rules:
            codec.rules, codec.lasting = self.rules, self.lasting
        return codec

    def verify(
        self,
        token: str,
        now: float,
        key: str | None = None,
        make_keys: Callable[[], KeyRing] | None = None,
    ) -> tuple[VerifiedToken, Payload | None]:
        """Check a token; its signature only if that was not done before.

        Args:
            token: The token as it came.
            now: Seconds since the epoch.
            key: What it is kept under; by default the usual header.
            make_keys: Called for the keys of its user, if every user has some.

        Returns:
            The token, and its payload if that had to be parsed; it is the
            caller's own.

        Raises:
            InvalidToken: It is not good.
        """
        if key is None:
            key = f"{SCHEME} {token}"
        cache = self.cache
        known = cache.find(key)
        if known is not None:
            if known.starts <= now < known.ends:
                cache.touch(key)
                cache.hits += 1
                if known.rules is self.rules:
                    return known, None
                return self._judge(known.text, now)
            cache.drop(key)
        cache.misses += 1
        keys = make_keys() if make_keys else self.keys
        if keys is None:
            raise InvalidToken(detail="There are no keys.")
        protected, encoded, signature, signing_input = take_apart(token)
        named = keys.known.get(protected)
        signer = named or keys.select(read_header(protected))
        if not signer.verify(signing_input, signature):
            raise InvalidToken(detail="Signature verification failed.")
        if named is None:
            keys.remember(protected, signer)
        verified, payload = self._judge(decode_text(encoded), now)
        if self.lasting and verified.starts <= now < verified.ends:
            cache.put(key, verified)
        return verified, payload

    def _judge(self, text: str, now: float) -> tuple[VerifiedToken, Payload]:
        """Check the claims of a token whose signature has held."""
        payload = parse_object(text)
        self.rules.check(payload, now)
        scopes = held_scopes(scope_claim(payload, self.rules.scope_claims))
        return verified_token(text, payload, self.rules, scopes), payload


def _write(payload: Payload) -> str:
    """Return a payload as JSON.

    Raises:
        InvalidPayload: JSON cannot hold it; the message names the claim.
    """
    for name, value in payload.items():
        try:
            write_json({name: value})
        except TypeError as exc:
            raise InvalidPayload(
                f"The claim {name!r} cannot be in a token: {exc}. Return a "
                "string or another JSON value from the hook it comes from."
            ) from exc
    return write_json(payload)


def _with_seconds(payload: Payload, settings: Configuration) -> Payload:
    """Return a payload whose times are numbers."""
    payload = {**payload}
    for name in TIMES:
        moment = payload.get(name)
        if isinstance(moment, datetime):
            if moment.utcoffset() is None:
                moment = settings.aware(name, moment)
            payload[name] = int(moment.timestamp())
    return payload


def _encode_start(key: Key) -> bytes:
    """Return what all tokens begin with that a key signs, made once."""
    if not key.can_sign:
        raise InvalidConfiguration(
            "This installation has no private_key; it only verifies."
        )
    header = {"alg": key.algorithm, "typ": "JWT"}
    if key.key_id is not None:
        header["kid"] = key.key_id
    key.start = encode_segment(write_json(header).encode()) + b"."
    return key.start
