"""The way of a request: from its token to a handler, or to a refusal.

There is one order of checks, and this is its only place: read the token,
verify signature and claims, check cross-site, check revocation, run the
application's own checks. `recall` is the fast path for a token in the cache
that needs no other check. Only `admit` refuses a request.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import partial
from typing import Any, NoReturn

from ..configuration import Configuration
from ..events import TokenRejectedEvent
from ..exceptions import (
    AuthenticationFailed,
    InvalidAuthorizationHeader,
    InvalidRequest,
    InvalidToken,
    MissingCredentials,
    SanicJWTException,
    Unauthorized,
)
from ..hooks import StepTable, resolve
from ..locations import (
    Credential,
    check_csrf,
    csrf_fault,
    is_text,
    may_be_ambient,
)
from ..sessions import Sessions
from ..tokens import (
    SCHEME,
    Claim,
    CompactToken,
    Verification,
    VerifiedToken,
    cache_key,
    check_verifications,
    held_scopes,
    scope_claim,
)
from ..types import Payload, Request
from .overrides import innermost_override
from .policies import Policies
from .policy import Policy
from .sending import EventSender
from .state import NOTHING_FOUND, CustomToken, NoToken, RequestState, state_of
from .user_keys import UserKeys

_UNAUTHORIZED = (InvalidAuthorizationHeader, InvalidToken, MissingCredentials)
TAKE_OVER = "take_over"
"""The step in place of `read_token` and `verify_token`, by a `StandIn` only.

It is called with a request, and returns the payload of its token, or `None`
if the application accepts the request for something else than a token.
"""


_OPEN = RequestState()
"""In place of the state of a request that needs no token."""


class NotAccepted(MissingCredentials):
    """An application refuses a request without a token for its own reasons."""


_ON_THE_WAY = ("check_request", "read_token", TAKE_OVER, "verify_token")
"""Steps without which a cached token says all there is to say."""


class _Verifying:
    """An overridden `verify_token` that runs.

    Attributes:
        state: The state of the request that is admitted.
        tokens: The tokens that it has had its base verify.
        ended: Whether it is over; a task that it has started may outlive it.
    """

    __slots__ = ("ended", "state", "tokens")

    def __init__(self, state: RequestState) -> None:
        self.state = state
        self.tokens: list[VerifiedToken] = []
        self.ended = False


_VERIFYING: ContextVar[_Verifying | None] = ContextVar(
    "sanic_jwt_oo_verifying", default=None
)


class Gate:
    """Admits requests to one installation.

    Args:
        owner: The installation.
        policies: Its policies.
        steps: Its overridden steps.
        events: Sends its events.
        user_keys: The keys of its users.
        sessions: Its sessions, if it has a session store.
        respond_to_errors: Makes an application respond to errors; for servers
            that run no listeners.

    Attributes:
        claims: The application's own claims.
        verifications: The application's own checks of a payload.
        app: The application that responds to errors.
        takes_own_steps: Whether the application overrides a step on the way
            of a request.
    """

    def __init__(
        self,
        owner: object,
        policies: Policies,
        steps: StepTable,
        events: EventSender,
        user_keys: UserKeys,
        sessions: Sessions | None,
        respond_to_errors: Callable[[Any], None],
    ) -> None:
        self._respond_to_errors = respond_to_errors
        self.app: Any = None
        self._owner = owner
        self._policies = policies
        self._steps = steps
        self._events = events
        self._user_keys = user_keys
        self._sessions = sessions
        self.claims: Sequence[Claim] = ()
        self.verifications: Sequence[Verification] = ()
        self.takes_own_steps: bool = False
        self._recalls = True

    def settle(
        self, claims: Sequence[Claim], verifications: Sequence[Verification]
    ) -> None:
        """Settle the checks and steps of the application."""
        self.claims, self.verifications = claims, verifications
        self.takes_own_steps = not self._steps.own.keys().isdisjoint(
            _ON_THE_WAY
        )
        self._recalls = not (claims or verifications or self.takes_own_steps)

    def prepare(self, app: Any) -> None:
        """Make sure that an application responds to errors."""
        if app is not self.app:
            self._respond_to_errors(app)
            self.app = app

    # --- the way of a request -----------------------------------------------

    def recall(
        self, request: Request, guarding: bool = False
    ) -> RequestState | None:
        """Return the state of a request whose token needs no more checks.

        Args:
            request: The request.
            guarding: Whether the caller guards a route; then `do_protection`
                may leave it open.

        Returns:
            `None` if `admit` has to decide. Never refuses. For a route that
            is left open, a state without a policy or token.
        """
        policy = self._policies.base
        if policy.varies or innermost_override() is not None:
            policy = self._policies.in_force(request)
        if request.app is not self.app:
            self.prepare(request.app)
        state = state_of(request, self._owner, True)
        if guarding:
            if not policy.settings.do_protection:
                return _OPEN
            state.guarded = True
            if state.userless:
                return None
        if state.policy is policy:
            return state
        if state.renewed or not (self._recalls and policy.recalls):
            return None
        ambient = False
        if policy.header is not None:
            try:
                (key,) = request.headers.getall(policy.header)
            except (KeyError, ValueError):  # none, or several
                return None
        else:
            try:
                _, ambient, key = policy.access.read(request)
            except SanicJWTException:
                return None
        known, now = policy.find(key), self._steps.now()
        if (
            known is None
            or known.rules is not policy.codec.rules
            or not known.starts <= now < known.ends
        ):
            return self._verify_now(request, policy, state)
        if ambient and csrf_fault(request, policy.settings, known):
            return None
        check = policy.settings.revocation_check or "store"
        if self._sessions is not None and check != "never":
            revoked = self._sessions.is_revoked_locally(
                check, known.session_id, known.token_id, known.expires, now
            )
            if revoked is not False:
                return None
        policy.touch(key)
        policy.codec.cache.hits += 1
        state.accept(policy, known)
        return state

    def _verify_now(
        self, request: Request, policy: Policy, state: RequestState
    ) -> RequestState | None:
        """Verify a token for `recall` that is not in the cache.

        Returns:
            `None` if the token is refused, or if the store has to be queried.
            What was found is kept for `examine`, so that no signature is
            verified twice.
        """
        sessions, check = self._sessions, policy.settings.revocation_check
        try:
            verified, payload = found = self._verify(request, policy)
        except SanicJWTException as exc:
            state.found = policy, exc.with_traceback(None)
            return None
        if sessions is not None and check != "never":
            revoked = sessions.is_revoked_locally(
                check or "store",
                verified.session_id,
                verified.token_id,
                verified.expires,
                self._steps.now(),
            )
            if revoked is not False:
                state.found = policy, found
                return None
        state.accept(policy, verified, payload)
        return state

    def _verify(
        self, request: Request, policy: Policy
    ) -> tuple[VerifiedToken, Payload | None]:
        """Return the token of a request if nothing has to be awaited for it.

        Returns:
            The token, and its payload if that was parsed.
        """
        token, ambient, key = policy.access.read(request)
        verified, payload = policy.codec.verify(token, self._steps.now(), key)
        if ambient:
            check_csrf(request, policy.settings, verified)
        return verified, payload

    async def admit(
        self, request: Request, guarding: bool = False
    ) -> RequestState:
        """Return the state of a request with a valid token, or refuse it.

        A request is verified once, however often this is called. Its payload
        is not shared with other requests.

        Args:
            request: The request.
            guarding: As for `recall`.

        Raises:
            Unauthorized: There is no valid token.
            CSRFFailed: It is in a cookie, and another site may have caused
                the request.
            InvalidRequest: There are several that differ.
        """
        state = state_of(request, self._owner)
        try:
            if guarding and state.userless:
                raise AuthenticationFailed()
            return await self.examine(request, state)
        except SanicJWTException as exc:
            await self._refuse(request, exc)

    async def admit_token(
        self, request: Request, state: RequestState, token: str
    ) -> None:
        """Verify a token in place of a request's own, or refuse it.

        Args:
            request: The request.
            state: Receives the token; not the state of the request.
            token: The token.

        Raises:
            Unauthorized: It is not valid.
            SessionStoreUnavailable: Revocation cannot be checked.
        """
        try:
            if not (isinstance(token, str) and token):
                raise InvalidToken(detail="Not a string, or empty.")
            state.renewed = token
            await self.examine(request, state)
        except SanicJWTException as exc:
            await self._refuse(request, exc)

    async def examine(
        self, request: Request, state: RequestState
    ) -> RequestState:
        """Run every check in order; return the state, or raise the error.

        Raises:
            MissingCredentials: There is no token.
            InvalidToken: It is not valid.
            CSRFFailed: See `admit`.
            InvalidRequest: There is something else, or several.
            SessionStoreUnavailable: Revocation cannot be checked.
        """
        policy = self._policies.in_force(request)
        if state.policy is policy:
            return state
        (under, found), state.found = state.found, NOTHING_FOUND
        also: Sequence[VerifiedToken] = ()
        if under is policy:
            if isinstance(found, SanicJWTException):
                raise found
            verified, payload = found
        elif policy.recalls and not (self.takes_own_steps or state.renewed):
            verified, payload = self._verify(request, policy)
        else:
            verified, payload, ambient, also = await self._take_own_steps(
                request, policy, state
            )
            if ambient:
                check_csrf(request, policy.settings, verified)
        if self._sessions is not None:
            await self._check_revocation(verified, policy.settings, also)
        if not self._recalls:
            if payload is None:
                payload = verified.payload()
            identified = not isinstance(verified, NoToken)
            await self._check_own(request, payload, identified)
        state.accept(policy, verified, payload)
        return state

    async def require_token(
        self, request: Request, guarding: bool = False
    ) -> RequestState:
        """Return the state of a request with a valid token, or refuse it.

        This is `recall`, and `admit` if that is not enough.
        """
        state = self.recall(request, guarding)
        return state or await self.admit(request, guarding)

    async def admitted(self, request: Request) -> RequestState | None:
        """Return the state of a request, or `None` if it is refused."""
        try:
            return await self.require_token(request)
        except (Unauthorized, InvalidRequest):
            return None

    async def _refuse(
        self, request: Request, error: SanicJWTException
    ) -> NoReturn:
        """Raise the error that a client of a protected route receives."""
        if isinstance(error, InvalidToken):
            await resolve(
                self._events.send(TokenRejectedEvent, request, error)
            )
        if not isinstance(error, _UNAUTHORIZED):
            raise error
        raise Unauthorized(
            error.public_reasons(
                self._policies.in_force(request).settings.debug
            ),
            error=error.error if isinstance(error, InvalidToken) else None,
        ) from error

    # --- its steps ----------------------------------------------------------

    def read_token(self, request: Request) -> str:
        """Return the access token of a request; see `Steps.read_token`."""
        policy = self._policies.in_force(request)
        token, _, _ = policy.access.read(request)
        return token

    def has_no_token(self, request: Request) -> bool:
        """Return whether no enabled place has an access token."""
        try:
            self.read_token(request)
        except MissingCredentials:
            return True
        return False

    async def verify_token(
        self,
        token: str,
        request: Request | None = None,
        own_checks: bool | None = None,
    ) -> Payload:
        """Return the payload of a token; see `Steps.verify_token`.

        Args:
            token: The token.
            request: The request that it came with, if any.
            own_checks: Whether to run the application's own checks of a
                payload; `None`: unless `examine` does.
        """
        policy = self._policies.in_force(request)
        verified, parsed = await self._check_signature(token, request, policy)
        payload = verified.payload() if parsed is None else parsed
        verifying = self._verifying(request)
        if verifying is not None:  # `examine` does the rest
            verifying.tokens.append(verified)
            own_checks = own_checks or False
        elif self._sessions is not None:
            await self._check_revocation(verified, policy.settings)
        if own_checks:  # which may change what they are given
            await self._check_own(None, verified.payload())
        elif own_checks is None:
            await self._check_own(None, payload)
        return payload

    async def check_outside(self, request: Request, payload: Payload) -> None:
        """Take the step `check_request`, unless `examine` does."""
        check_request = self._steps.own.get("check_request")
        if check_request is not None and self._verifying(request) is None:
            await resolve(check_request(request, payload))

    def _verifying(self, request: Request | None) -> _Verifying | None:
        """Return the override that runs, if `examine` waits for it."""
        verifying = _VERIFYING.get()
        if (
            request is None
            or verifying is None
            or verifying.ended
            or verifying.state is not state_of(request, self._owner)
        ):
            return None
        return verifying

    async def read_credential(self, request: Request) -> Credential:
        """Return the access token of a request; takes the step `read_token`.

        Raises:
            MissingCredentials: There is none.
            InvalidRequest: There is something else, or several that differ.
        """
        policy = self._policies.in_force(request)
        read_token = self._steps.own.get("read_token")
        if read_token is None:
            return policy.access.read(request)
        token = await resolve(read_token(request))
        if not isinstance(token, str) or not token:
            raise InvalidToken(
                detail=f"read_token() returned {type(token).__name__}."
            )
        ambient = policy.access.ambient(request) or may_be_ambient(
            request, policy.settings, token
        )
        return token, ambient, f"{SCHEME} {token}"

    async def _take_own_steps(
        self, request: Request, policy: Policy, state: RequestState
    ) -> tuple[VerifiedToken, Payload | None, bool, Sequence[VerifiedToken]]:
        """Return the token of a request by own steps, or a key of its user.

        Returns:
            The token, its payload if that was parsed, whether it is ambient,
            and the tokens that an override has had its base verify: they must
            not be revoked either.
        """
        take_over = self._steps.own.get(TAKE_OVER)
        verify_token = self._steps.own.get("verify_token")
        if take_over is not None:
            if state.renewed:
                raise InvalidToken(
                    detail="The application reads the request, not a token."
                )
            ambient = _may_be_ambient(request, policy)
            ask = partial(take_over, request)
        else:
            token, ambient = state.renewed or "", False
            if not token:
                token, ambient, _ = await self.read_credential(request)
            if verify_token is None:
                known = await self._check_signature(token, request, policy)
                return *known, ambient, ()
            if not is_text(token):
                raise InvalidToken(detail="Not Unicode.")
            ask = partial(verify_token, token, request)
        if state.renewed:
            state = state_of(request, self._owner)
        verifying = _Verifying(state)
        reset = _VERIFYING.set(verifying)
        try:
            payload = await resolve(ask())
        finally:
            verifying.ended = True
            _VERIFYING.reset(reset)
        if payload is None and take_over is not None:
            return NoToken(), None, ambient, verifying.tokens
        if not isinstance(payload, dict):
            raise InvalidToken(
                detail=f"verify_token() returned {type(payload).__name__}."
            )
        claim = scope_claim(payload, policy.settings._scope_claims)
        custom = CustomToken(payload, held_scopes(claim))
        return custom, None, ambient, verifying.tokens

    async def _check_signature(
        self, token: str, request: Request | None, policy: Policy
    ) -> tuple[VerifiedToken, Payload | None]:
        """Return a token whose signature and claims are valid.

        Returns:
            The token, and its payload if that was parsed; it is the caller's
            own.
        """
        if not isinstance(token, str):
            raise InvalidToken(detail="Not a string.")
        codec, now = policy.codec, self._steps.now()
        if codec.keys is not None:
            return codec.verify(token, now)
        settings, keys = policy.settings, self._user_keys
        user_id = CompactToken(token).payload().get(settings.user_id)
        secret = await keys.secret_of(user_id, settings, request)
        return codec.verify(
            token,
            now,
            cache_key(token, secret),
            lambda: keys.load(secret, settings),
        )

    async def _check_own(
        self,
        request: Request | None,
        payload: Payload,
        identified: bool = True,
    ) -> None:
        """Run the application's own checks.

        Args:
            request: The request; without one, no step is taken.
            payload: The payload.
            identified: Whether it is that of a token.
        """
        if self.verifications and identified:
            await check_verifications(self.verifications, payload)
        for claim in self.claims if identified else ():
            await claim.check(payload)
        check_request = self._steps.own.get("check_request")
        if check_request is not None and request is not None:
            await resolve(check_request(request, payload))

    async def _check_revocation(
        self,
        token: VerifiedToken,
        settings: Configuration,
        also: Sequence[VerifiedToken] = (),
    ) -> None:
        """Refuse a valid token that was revoked (R1).

        Args:
            token: The token.
            settings: The settings in force.
            also: Tokens that must not be revoked either.

        Raises:
            InvalidToken: One was.
            SessionStoreUnavailable: The store does not respond.
        """
        sessions, check = self._sessions, settings.revocation_check
        if sessions is None or check == "never":
            return
        checked: list[tuple[Any, Any]] = []
        for one in (token, *also):
            ids = (one.session_id, one.token_id)
            # what an override makes up needs no ids
            made_up = ids == (None, None) and isinstance(one, CustomToken)
            if made_up or ids in checked:
                continue
            checked.append(ids)
            revoked = sessions.is_revoked_locally(
                check or "store", *ids, one.expires, self._steps.now()
            )
            if revoked is None:
                revoked = await sessions.is_revoked(*ids)
            if revoked:
                raise InvalidToken(detail="The token has been revoked.")


def _may_be_ambient(request: Request, policy: Policy) -> bool:
    """Return whether a browser may have added the credential of a request.

    The application decides what it is; so wherever there may be a cookie with
    a token, it may be that.
    """
    try:
        return policy.access.ambient(request)
    except InvalidRequest:
        return True
