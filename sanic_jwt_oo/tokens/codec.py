"""Issue and verify access tokens with one set of settings and keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from typing_extensions import Self

from ..configuration import Configuration
from ..exceptions import InvalidConfiguration, InvalidPayload, InvalidToken
from ..keys import Key, KeyRing
from ..types import Payload
from .cache import SCHEME, TokenCache, VerifiedToken
from .claims import TIMES, ClaimRules
from .compact import (
    decode_text,
    encode_segment,
    parse_object,
    read_header,
    split_token,
    write_json,
)
from .scope_claims import held_scopes, scope_claim


class TokenCodec:
    """Signs and verifies tokens.

    Args:
        settings: The settings for issuing and verifying.
        keys: The keys; `None` if each user has keys of their own.
        cache: The cache of the tokens that these keys have verified; a new
            one by default.
        lasting: Whether the codec serves more than one request, so that it
            is worth caching the tokens it verifies.

    Attributes:
        rules: The claim rules that follow from the settings.
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
        self.varies: bool = settings._changes_per_request

    def encode(self, payload: Payload, keys: KeyRing) -> str:
        """Sign a payload with the primary key of `keys`.

        A time that is a `datetime` is converted to seconds since the epoch.

        Raises:
            InvalidConfiguration: There is no key to sign with.
            InvalidPayload: A `datetime` has no time zone, see
                `Configuration._aware`; or a value is not valid in JSON.
        """
        key = keys.primary
        start = key.start or _encoded_header(key)
        try:
            text = write_json(payload)
        except TypeError:
            text = _write(_convert_times(payload, self.settings))
        signing_input = start + encode_segment(text.encode())
        signature = encode_segment(key.sign(signing_input))
        return (signing_input + b"." + signature).decode()

    def with_settings(self, settings: Configuration, lasting: bool) -> Self:
        """Return a codec with other settings, and the same keys and cache."""
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
        """Verify a token; its signature only if it is not in the cache.

        Args:
            token: The token as received.
            now: The time, in seconds since the epoch.
            key: The cache key; by default the usual header.
            make_keys: Returns the keys of the user, if each user has keys of
                their own.

        Returns:
            The token, and its payload if it had to be parsed, otherwise
            `None`. The caller may modify the payload.

        Raises:
            InvalidToken: The token is not valid.
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
                return self._check_claims(known.text, now)
            cache.drop(key)
        cache.misses += 1
        keys = make_keys() if make_keys else self.keys
        if keys is None:
            raise InvalidToken(detail="No key is configured.")
        protected, encoded, signature, signing_input = split_token(token)
        named = keys.known.get(protected)
        signer = named or keys.select(read_header(protected))
        if not signer.verify(signing_input, signature):
            raise InvalidToken(detail="Signature verification failed.")
        if named is None:
            keys.remember(protected, signer)
        verified, payload = self._check_claims(decode_text(encoded), now)
        if self.lasting and verified.starts <= now < verified.ends:
            cache.put(key, verified)
        return verified, payload

    def _check_claims(
        self, text: str, now: float
    ) -> tuple[VerifiedToken, Payload]:
        """Check the claims of a token whose signature was verified."""
        payload = parse_object(text)
        self.rules.check(payload, now)
        scopes = held_scopes(scope_claim(payload, self.rules.scope_claims))
        token = VerifiedToken(text, payload, self.rules, scopes, now)
        return token, payload


def _write(payload: Payload) -> str:
    """Return a payload as JSON.

    Raises:
        InvalidPayload: A value is not valid in JSON; the message names the
            claim.
    """
    for name, value in payload.items():
        try:
            write_json({name: value})
        except TypeError as exc:
            raise InvalidPayload(
                f"The claim {name!r} cannot be in a token: {exc}. Return a "
                "JSON value, such as a string, from the hook that sets it."
            ) from exc
    return write_json(payload)


def _convert_times(payload: Payload, settings: Configuration) -> Payload:
    """Return a payload whose `datetime` values are seconds since the epoch."""
    payload = {**payload}
    for name in TIMES:
        value = payload.get(name)
        if isinstance(value, datetime):
            if value.utcoffset() is None:
                value = settings._aware(name, value)
            payload[name] = int(value.timestamp())
    return payload


def _encoded_header(key: Key) -> bytes:
    """Return the encoded header of all tokens of a key, with its dot.

    It is computed once and kept in `key.start`.
    """
    if not key.can_sign:
        raise InvalidConfiguration(
            "private_key is not set: this installation only verifies tokens. "
            "Set private_key to issue tokens."
        )
    header = {"alg": key.algorithm, "typ": "JWT"}
    if key.key_id is not None:
        header["kid"] = key.key_id
    key.start = encode_segment(write_json(header).encode()) + b"."
    return key.start
