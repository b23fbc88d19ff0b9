"""What is issued: the payload of an access token, step by step.

Each step that an application may want to change is a method of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence, Set
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

from .authorization import Authorization
from .configuration import Configuration
from .exceptions import (
    InvalidPayload,
    MissingRegisteredClaim,
    MissingUserId,
)
from .hooks import Hook, is_awaitable, resolve
from .keys import KeyRing
from .locations import CSRF_CLAIM
from .scopes import listed_scopes
from .sessions import LATEST
from .state import ISSUING, Issuing
from .tokens import (
    Claim,
    make_claims,
)
from .types import (
    MaybeAwaitable,
    Payload,
    UserT,
)
from .users import missing_id_message, user_id_of

_NONE: Set[str] = frozenset()


class Issuance(Authorization[UserT]):
    """What an installation does to make tokens."""

    async def generate_access_token(
        self,
        user: UserT,
        extend_payload: Callable[..., Any] | None = None,
        custom_claims: Sequence[type[Claim]] = (),
    ) -> str:
        """Return an access token for a user.

        Args:
            user: The user, as `authenticate` would return it.
            extend_payload: A last change to this one payload; offered
                `payload` and `user`, returns the payload.
            custom_claims: Claims for this token, besides those of all.

        Raises:
            MissingUserId: The user has no id.
            InvalidPayload: A hook returned no dict, or a time without a
                time zone.
        """
        codec = self.codec_for()
        settings = codec.settings
        payload: Any = self.build_payload(user)
        if is_awaitable(payload):
            payload = await payload
        _check_payload(payload, settings, "build_payload()", user)
        written = "extend_payload" in self._written
        extended = written or extend_payload is not None
        named = {*payload} if extended else _NONE
        payload = self.add_claims(payload, user)
        if is_awaitable(payload):
            payload = await payload
        issued = None
        if self._claims or custom_claims or self._sessions is not None:
            claims = (*self._claims, *make_claims(custom_claims))
            issued = await self._add_own_claims(
                payload, user, settings, claims
            )
        if self.binds_csrf(settings):
            payload[CSRF_CLAIM] = secrets.token_urlsafe(24)
        needed = payload.keys() - named if extended else _NONE
        if written:
            extend = self._hooks["extend_payload"]
            payload = await extend(payload=payload, user=user)
        _check_payload(payload, settings, "extend_payload()", needed=needed)
        if settings.scopes_enabled:
            scopes = self._hooks["add_scopes_to_payload"].direct(user)
            if is_awaitable(scopes):
                scopes = await scopes
            if type(scopes) is not list:
                scopes = listed_scopes(scopes)
            payload[settings.scopes_name] = [*scopes]
        if extend_payload is not None:
            extend = Hook(extend_payload, ("payload", "user"), 1)
            payload = await extend(payload=payload, user=user)
            _check_payload(
                payload, settings, "extend_payload()", needed=needed
            )
        if issued is not None:
            ends = _seconds(payload["exp"]) + self.codec.settings.leeway
            issued.access_until = max(issued.access_until, ends)
        keys = codec.keys
        if keys is None:
            keys = await self._keys_of(payload.get(settings.user_id), settings)
        return codec.encode(payload, keys)

    async def user_id_of(self, user: UserT) -> Any:
        """Return the id of a user, or `None`; made to be overridden."""
        name = self.settings().user_id
        if isinstance(user, dict):
            return user.get(name)
        return await user_id_of(user, name)

    async def build_payload(self, user: UserT) -> Payload:
        """Return the claims that name the user; made to be overridden."""
        name = self.settings().user_id
        user_id = await self.user_id_of(user)
        # sub is always a string (RFC 7519 section 4.1.2)
        if isinstance(user_id, UUID) or (
            name == "sub" and user_id is not None
        ):
            user_id = str(user_id)
        return {name: user_id}

    def add_claims(
        self, payload: Payload, user: UserT
    ) -> MaybeAwaitable[Payload]:
        """Add the registered claims of RFC 7519; made to be overridden."""
        return {**payload, **self.codec_for().rules.registered(self.now())}

    async def _add_own_claims(
        self,
        payload: Payload,
        user: UserT,
        settings: Configuration,
        claims: Sequence[Claim],
    ) -> Issuing | None:
        """Add the application's claims, and those of the session, if any.

        Returns:
            What the token is issued for.
        """
        for claim in claims:
            setup: Any = claim.setup  # type: ignore[attr-defined]
            payload[claim.get_key()] = await resolve(setup(payload, user))
        if self._sessions is None:
            return None
        # what it is revoked by
        payload.setdefault("jti", secrets.token_urlsafe(16))
        issued = await self._issuing(user)
        if issued is not None:
            payload["sid"] = issued.name(payload[settings.user_id])
        return issued

    async def _keys_of(self, user_id: Any, settings: Configuration) -> KeyRing:
        """Return the keys that sign for a user who has a secret."""
        secret = await self._user_secret(user_id, settings, sign=True)
        return self._user_keys(secret, settings, sign=True)

    async def _issuing(self, user: UserT) -> Issuing | None:
        """Return what tokens of a user are issued for here, if anything.

        A hook may issue one for somebody else meanwhile, which must neither
        join the session nor decide whose it is.
        """
        issued = ISSUING.get()
        if issued is None or issued.auth is not self or issued.ended:
            return None
        if user is not issued.user:
            owner = await self.user_id_of(issued.user)
            if await self.user_id_of(user) != owner:
                return None
        return issued

    def binds_csrf(self, settings: Configuration) -> bool:
        """Tell whether tokens issued under `settings` carry a CSRF value.

        Those that a route issues which itself needs none do as well, if the
        installation does: they are for its other routes.
        """
        base = (self._codec or self.codec).settings
        return (settings.cookie_set and settings.csrf_protect) or (
            base.cookie_set and base.csrf_protect
        )


def _check_payload(
    payload: Any,
    settings: Configuration,
    source: str,
    user: Any = None,
    needed: Set[str] = _NONE,
) -> None:
    """Refuse to sign a payload that lost what it must have.

    Args:
        payload: The payload.
        settings: The settings that it is issued under.
        source: What returned it.
        user: Whom it is for, if it had no id before.
        needed: The claims that it must have, besides the id of the user.
    """
    if not isinstance(payload, dict):
        raise InvalidPayload(
            f"{source} returned {type(payload).__name__}; it must return the "
            "payload, a dict: `return payload`."
        )
    if payload.get(settings.user_id) is None:
        name = settings.user_id
        raise MissingUserId(
            f"{source} removed {name!r}, which names the user."
            if user is None
            else missing_id_message(user, name)
        )
    if needed and not needed <= payload.keys():
        missing = ", ".join(sorted(needed - payload.keys()))
        raise MissingRegisteredClaim(f"extend_payload() removed {missing}.")


def _seconds(moment: Any) -> float:
    """Return a time of a payload as seconds since the epoch, for a store."""
    if not isinstance(moment, datetime):
        return float(min(moment, LATEST))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return float(moment.timestamp())
