"""The rules for claims, registered and custom ones.

Registered claims follow RFC 7519 section 4.1, with the limits of T9 to T13.
The reasons that clients receive are those of sanic-jwt.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from ..configuration import Configuration
from ..exceptions import (
    ExpiredToken,
    InvalidCustomClaim,
    InvalidCustomClaimError,
    InvalidToken,
    InvalidVerification,
    InvalidVerificationError,
)
from ..hooks import resolve
from ..types import MaybeAwaitable, Payload

_logger = logging.getLogger("sanic_jwt_oo")

Verification: TypeAlias = Callable[[Any], MaybeAwaitable[bool]]
_STARTS = ("iat", "nbf")
TIMES = ("exp", *_STARTS)
_IDS = ("jti", "sid", "sub")
_IDS_AND_STARTS = frozenset({*_IDS, *_STARTS})
_EPOCH = datetime(1970, 1, 1)
NEVER = 2**53
"""A time that no clock reaches; a float represents all seconds before it."""


class Claim:
    """A custom claim of the application.

    Subclass it and define its `key`, its value in a new token (`setup`), and
    which values are valid (`verify`):

        class Shop(Claim):
            key = "shop"

            def setup(self, payload, user):
                return user["shop"]

            def verify(self, value):
                return value == "north"

    `setup` receives the payload with its registered claims. `exp`, `iat` and
    `nbf` are seconds since the epoch; with `Initialize`, `datetime` objects in
    UTC without a time zone.

    Raises:
        InvalidCustomClaim: The class has no key, `setup` or `verify`.
    """

    key: str

    def __init__(self) -> None:
        for name in ("key", "setup", "verify"):
            if not hasattr(self, name):
                raise InvalidCustomClaim(
                    f"{type(self).__name__} has no {name}.", 500
                )

    def get_key(self) -> str:
        """Return the name of the claim."""
        return self.key

    async def check(self, payload: Payload) -> None:
        """Refuse a payload whose value `verify` does not accept.

        Raises:
            InvalidCustomClaimError: `verify` returned `False`.
            InvalidCustomClaim: It raised, or did not return a boolean.
        """
        key = self.get_key()
        verify: Verification = self.verify  # type: ignore[attr-defined]
        verdict = await _verdict_of(verify, payload.get(key))
        if verdict is None:
            raise InvalidCustomClaim()
        if not verdict:
            raise InvalidCustomClaimError(f"Invalid claim: {key}.")


def make_claims(kinds: Iterable[type[Claim]]) -> tuple[Claim, ...]:
    """Return an instance of each custom claim.

    Raises:
        InvalidCustomClaim: One is not a subclass of `Claim`, or incomplete.
    """
    claims = []
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, Claim)):
            raise InvalidCustomClaim(
                f"{kind!r} is not a subclass of Claim.", 500
            )
        claims.append(kind())
    return tuple(claims)


async def check_verifications(
    verifications: Iterable[Verification], payload: Payload
) -> None:
    """Refuse a payload that an extra verification refuses.

    Raises:
        InvalidVerificationError: One returned `False`.
        InvalidVerification: One raised, or did not return a boolean.
    """
    for verification in verifications:
        verdict = await _verdict_of(verification, payload)
        if verdict is None:
            raise InvalidVerification()
        if not verdict:
            raise InvalidVerificationError()


async def _verdict_of(verify: Verification, value: Any) -> bool | None:
    """Return the boolean that a function of the application returns.

    If it raises, the error is logged. That, and any other value, is `None`:
    the token is refused.
    """
    try:
        verdict = await resolve(verify(value))
    except Exception:
        _logger.exception("%r failed; the token is refused.", verify)
        return None
    return verdict if isinstance(verdict, bool) else None


class ClaimRules:
    """The rules for claims under one set of settings.

    The object keeps values from the settings, never the settings themselves.
    Two are equal if they keep the same values: a token that was verified under
    equal rules need not be verified again.

    Args:
        settings: The settings in force.

    Attributes:
        lifetime: Seconds that a token lives which is issued under them.
        scope_claims: Names of the claims that may contain the scopes.
    """

    __slots__ = (
        "_audience",
        "_issued",
        "_issuer",
        "_leeway",
        "_required",
        "_shows_datetimes",
        "_starts_after",
        "_states_issue",
        "_verify_exp",
        "lifetime",
        "scope_claims",
    )

    def __init__(self, settings: Configuration) -> None:
        self.scope_claims: tuple[str, ...] = settings._scope_claims
        self._leeway = settings.leeway
        self._verify_exp = settings.verify_exp
        required = [*settings._required_claims]
        if required and settings.verify_exp:
            required.append("exp")
        if settings.user_id_required:
            required.append(settings.user_id)
        self._required = tuple(dict.fromkeys(required))
        self._audience = _members(settings.claim_aud)
        self._issuer = _members(settings.claim_iss)
        self.lifetime: int = int(settings.expiration_delta)
        self._states_issue = settings.claim_iat
        self._starts_after: int | None = None
        if settings.claim_nbf:
            self._starts_after = int(settings._starts_after)
        self._shows_datetimes = settings._shows_datetimes
        self._issued = _issued(settings)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ClaimRules):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ClaimRules.__slots__
        )

    def registered(self, now: float, shown: bool = False) -> Payload:
        """Return the registered claims of a token that is issued at `now`.

        Args:
            now: Seconds since the epoch.
            shown: Whether code of the application sees them. In the legacy
                form, it sees times as `datetime`.
        """
        issued = int(now)
        claims: Payload = {"exp": issued + self.lifetime}
        if self._states_issue:
            claims["iat"] = issued
        if self._starts_after is not None:
            claims["nbf"] = issued + self._starts_after
        for name, value in self._issued.items():
            claims[name] = value if isinstance(value, str) else [*value]
        if shown and self._shows_datetimes:
            claims.update(_as_datetimes(claims))
        return claims

    def check(self, payload: Payload, now: float) -> None:
        """Refuse a payload that is not valid at `now`.

        Args:
            payload: The claims; the signature has been verified.
            now: Seconds since the epoch.

        Raises:
            ExpiredToken: `exp` has passed.
            InvalidToken: Another claim is missing or not valid.
        """
        expires = payload.get("exp", NEVER)
        if type(expires) is not int:
            _check_float("exp", expires)
            expires = int(expires)
        for name in self._required:
            if payload.get(name) is None:
                raise InvalidToken(f'Token is missing the "{name}" claim.')
        if not _IDS_AND_STARTS.isdisjoint(payload):
            self._check_ids_and_starts(payload, now)
        if self._verify_exp and expires <= now - self._leeway:
            raise ExpiredToken()
        if self._issuer is not None:
            self._check_issuer(payload, self._issuer)
        if self._audience is not None:
            self._check_audience(payload, self._audience)
        elif payload.get("aud"):
            raise InvalidToken("Invalid audience.")

    def _check_ids_and_starts(self, payload: Payload, now: float) -> None:
        for name in _IDS:
            if name in payload:
                _check_id(name, payload[name])
        for name in _STARTS:
            if name in payload:
                if type(payload[name]) is not int:
                    _check_float(name, payload[name])
                if int(payload[name]) > now + self._leeway:
                    raise InvalidToken(f"The token is not yet valid ({name}).")

    @staticmethod
    def _check_issuer(payload: Payload, accepted: frozenset[str]) -> None:
        if "iss" not in payload:
            raise InvalidToken('Token is missing the "iss" claim.')
        issuer = payload["iss"]
        if not isinstance(issuer, str) or issuer not in accepted:
            raise InvalidToken("Invalid issuer.")

    @staticmethod
    def _check_audience(payload: Payload, accepted: frozenset[str]) -> None:
        named = payload.get("aud")
        if not named:
            raise InvalidToken('Token is missing the "aud" claim.')
        members = named if isinstance(named, list) else [named]
        if not all(isinstance(member, str) for member in members):
            raise InvalidToken("Invalid claim format in token.")
        if accepted.isdisjoint(members):
            raise InvalidToken("Audience doesn't match.")


def _as_datetimes(claims: Payload) -> Payload:
    """Return the times among `claims` as naive `datetime` objects in UTC.

    A time after the year 9999 stays a number of seconds.
    """
    times = {}
    for name in claims.keys() & TIMES:
        try:
            times[name] = _EPOCH + timedelta(seconds=claims[name])
        except OverflowError:
            continue
    return times


def _issued(settings: Configuration) -> dict[str, str | tuple[str, ...]]:
    """Return the registered claims that are the same in every token."""
    claims: dict[str, str | tuple[str, ...]] = {}
    if settings.claim_iss:
        claims["iss"] = _listed(settings.claim_iss)[0]
    if settings.claim_aud:
        audience = settings.claim_aud
        claims["aud"] = (
            audience if isinstance(audience, str) else _listed(audience)
        )
    return claims


def _listed(value: Any) -> tuple[str, ...]:
    """Return names in order; a set in the same order in every worker."""
    if isinstance(value, str):
        return (value,)
    return tuple(
        sorted(value) if isinstance(value, (set, frozenset)) else value
    )


def _members(value: Any) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset([value] if isinstance(value, str) else value)


def _check_id(name: str, value: Any) -> None:
    """Refuse an id that is not text, or that no store can look up."""
    if not isinstance(value, str):
        if name != "sid":  # other issuers may use it for something else
            raise InvalidToken(detail=f"{name} is not a string.")
    elif not value.isascii() and any(
        "\ud800" <= character <= "\udfff" for character in value
    ):
        raise InvalidToken(detail=f"{name} is not Unicode.")


def _check_float(name: str, value: Any) -> None:
    if type(value) is not float or not math.isfinite(value):
        raise InvalidToken(detail=f"{name} is not a number.")
