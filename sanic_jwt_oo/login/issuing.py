"""Issues access tokens: their payload, step by step, and the signature."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence, Set
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

from ..access import Policies, UserKeys
from ..configuration import Configuration
from ..exceptions import (
    InvalidPayload,
    MissingRegisteredClaim,
    MissingUserId,
)
from ..hooks import Callback, HookTable, StepTable, is_awaitable, resolve
from ..keys import KeyRing
from ..runtime.sanic_internals import current_request
from ..sessions.model import LATEST
from ..tokens import CSRF_CLAIM, Claim, listed_scopes, make_claims
from ..types import Payload, Request
from .grants import Grant, grant_in_force
from .users import missing_id_message, user_id_of

_NONE: Set[str] = frozenset()
_OFFERED = ("payload", "user", "request")


class Issuer:
    """Makes the access tokens of one installation.

    Args:
        owner: The installation.
        policies: Its policies.
        hooks: Its hooks.
        steps: Its overridden steps.
        user_keys: The keys of its users.
        keeps_sessions: Whether tokens can be revoked, and need an id.

    Attributes:
        claims: The custom claims of the application.
    """

    def __init__(
        self,
        owner: object,
        policies: Policies,
        hooks: HookTable,
        steps: StepTable,
        user_keys: UserKeys,
        keeps_sessions: bool,
    ) -> None:
        self._owner = owner
        self._policies = policies
        self._hooks = hooks
        self._steps = steps
        self._user_keys = user_keys
        self._keeps_sessions = keeps_sessions
        self.claims: Sequence[Claim] = ()

    async def access_token(
        self,
        grant: Grant,
        extend_payload: Callable[..., Any] | None = None,
        custom_claims: Sequence[type[Claim]] = (),
    ) -> str:
        """Return an access token.

        Args:
            grant: The user, request and session it is issued for.
            extend_payload: A last change to this payload. It is offered
                `payload`, `user` and `request`, and returns the payload.
            custom_claims: Claims of this token only.

        Raises:
            MissingUserId: The user has no id.
            InvalidPayload: A hook returned no `dict`, or a time without a
                time zone.
            MissingRegisteredClaim: `extend_payload` has removed a claim, or
                an `add_claims` has left out a required one.
        """
        user, request = grant.user, grant.request or current_request()
        policy, hooks, own = grant.policy, self._hooks, self._steps.own
        settings = policy.settings
        build_payload = own.get("build_payload")
        if build_payload is not None:
            payload = await resolve(build_payload(user))
            if isinstance(payload, dict):
                payload = {**payload}
            _check_payload(payload, settings, "build_payload()", user)
        else:
            name = settings.user_id
            if type(user) is dict and "user_id_of" not in own:
                user_id = user.get(name)
            else:
                user_id = await self.id_of(user)
            if user_id is None:
                raise MissingUserId(missing_id_message(user, name))
            payload = _naming(user_id, name)
        written = hooks.is_overridden("extend_payload")
        extended = written or extend_payload is not None
        named = {*payload} if extended else _NONE
        more_claims = bool(self.claims or custom_claims)
        add_claims = own.get("add_claims")
        if add_claims is None:
            shown = extended or more_claims
            payload.update(
                policy.codec.rules.registered(self._steps.now(), shown)
            )
        else:
            payload = await resolve(add_claims(payload, user))
        if more_claims:
            await self._add_own_claims(payload, grant, custom_claims)
        if self._keeps_sessions:  # the ids that a token can be revoked by
            payload.setdefault("jti", secrets.token_urlsafe(16))
            if grant.in_session:
                payload["sid"] = grant.name_session(payload[settings.user_id])
        if policy.binds_csrf:
            payload[CSRF_CLAIM] = secrets.token_urlsafe(24)
        needed = payload.keys() - named if extended else _NONE
        if written:
            extend = hooks["extend_payload"]
            payload = await resolve(extend.direct(payload, user, request))
            _check_payload(
                payload, settings, "extend_payload()", needed=needed
            )
        if settings.scopes_enabled:
            scopes = hooks["add_scopes_to_payload"].direct(user, request)
            if is_awaitable(scopes):
                scopes = await scopes
            if type(scopes) is not list:
                scopes = listed_scopes(scopes)
            payload[settings.scopes_name] = [*scopes]
        if extend_payload is not None:
            extend = Callback(extend_payload, _OFFERED, 1, ("request",))
            payload = await resolve(extend.direct(payload, user, request))
            _check_payload(
                payload, settings, "extend_payload()", needed=needed
            )
        if add_claims is not None:
            _check_claims(payload, settings)
        expires = payload.get("exp")
        if isinstance(expires, (int, float, datetime)):
            grant.expires = (
                expires
                if type(expires) is int and expires < LATEST
                else _seconds(expires)
            )
            if grant.in_session:
                ends = grant.expires + self._policies.base.settings.leeway
                grant.access_until = max(grant.access_until, ends)
        keys = policy.codec.keys
        if keys is None:
            user_id = payload.get(settings.user_id)
            keys = await self._keys_of(user_id, settings, request)
        return policy.codec.encode(payload, keys)

    async def grant_for(self, user: Any) -> Grant:
        """Return the grant of a token that the application requests.

        It belongs to the session that is being started or refreshed, if it is
        for the user of that session.
        """
        grant = grant_in_force(self._owner)
        if grant is not None and (
            user is grant.user
            or await self.id_of(user) == await self.id_of(grant.user)
        ):
            return grant
        return Grant(user, self._policies.in_force())

    # --- steps and their defaults -------------------------------------------

    async def id_of(self, user: Any) -> Any:
        """Return the id of a user, or `None`; see `Steps.user_id_of`."""
        own = self._steps.own.get("user_id_of")
        if own is not None:
            return await resolve(own(user))
        return await self.user_id_of(user)

    async def user_id_of(self, user: Any) -> Any:
        """Return the id of a user; see `Steps.user_id_of`."""
        name = self._policies.in_force().settings.user_id
        if isinstance(user, dict):
            return user.get(name)
        return await user_id_of(user, name)

    async def build_payload(self, user: Any) -> Payload:
        """Return the claims that name a user; see `Steps.build_payload`."""
        name = self._policies.in_force().settings.user_id
        return _naming(await self.id_of(user), name)

    def add_claims(self, payload: Payload) -> Payload:
        """Return a payload with registered claims; see `Steps.add_claims`."""
        rules = self._policies.in_force().codec.rules
        return {**payload, **rules.registered(self._steps.now(), True)}

    async def _add_own_claims(
        self,
        payload: Payload,
        grant: Grant,
        custom_claims: Sequence[type[Claim]],
    ) -> None:
        """Add the custom claims."""
        for claim in (*self.claims, *make_claims(custom_claims)):
            setup: Any = claim.setup  # type: ignore[attr-defined]
            payload[claim.get_key()] = await resolve(
                setup(payload, grant.user)
            )

    async def _keys_of(
        self, user_id: Any, settings: Configuration, request: Request | None
    ) -> KeyRing:
        """Return the keys that sign for a user with a secret of their own."""
        keys = self._user_keys
        secret = await keys.secret_of(user_id, settings, request, sign=True)
        return keys.load(secret, settings, sign=True)


def _naming(user_id: Any, name: str) -> Payload:
    """Return the claims that name a user, with the id as JSON has it."""
    # sub is always a string (RFC 7519 section 4.1.2)
    if isinstance(user_id, UUID) or (name == "sub" and user_id is not None):
        user_id = str(user_id)
    return {name: user_id}


def _check_payload(
    payload: Any,
    settings: Configuration,
    source: str,
    user: Any = None,
    needed: Set[str] = _NONE,
) -> None:
    """Refuse to sign a payload that lacks a required claim.

    Args:
        payload: The payload.
        settings: The settings in force.
        source: The method that returned it.
        user: The user, if the user may have no id.
        needed: The claims that it must have, with the id of the user.
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


def _check_claims(payload: Payload, settings: Configuration) -> None:
    """Refuse to sign a token that no request would be accepted with."""
    missing = [
        name for name in settings._required_claims if name not in payload
    ]
    if missing:
        raise MissingRegisteredClaim(
            f"add_claims() does not set {', '.join(missing)}. Return "
            "await super().add_claims(payload, user) with claims of your own, "
            "or set required_claims."
        )


def _seconds(moment: Any) -> float:
    """Return a time of a payload as seconds since the epoch, for a store."""
    if not isinstance(moment, datetime):
        return float(min(moment, LATEST))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return float(moment.timestamp())
