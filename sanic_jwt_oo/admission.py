"""Who is let in: the way of a request, from its token to a handler.

`admit -> codec_for -> recall`, and for a header that is not known yet
`-> examine -> verify -> check_csrf -> sessions`; there is no other. What
was found out is kept in the state of the request, so that however many
decorators ask, it is verified once.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, NoReturn

from sanic import Request

from .events import Event, TokenRejectedEvent
from .exceptions import (
    AuthenticationFailed,
    InvalidAuthorizationHeader,
    InvalidRequest,
    InvalidToken,
    MissingCredentials,
    SanicJWTException,
    Unauthorized,
)
from .hooks import is_awaitable, resolve
from .locations import check_csrf, read_token
from .request_codec import RequestCodec
from .scopes import scope_claim
from .state import RequestState, innermost_override, state_of
from .tokens import TokenCodec, VerifiedToken
from .types import MaybeAwaitable, Payload, UserT
from .verification import Verification, revoked_token

_UNAUTHORIZED = (InvalidAuthorizationHeader, InvalidToken, MissingCredentials)
_SIGNALS = "sanic_jwt_oo.auth."


class Admission(Verification[UserT]):
    """What an installation does with the tokens that come in."""

    async def check(self, request: Request) -> Payload:
        """Return the payload of a request's token, or refuse the request.

        However many decorators ask, a request is verified once, and has one
        payload, which no other request sees.

        Raises:
            Unauthorized: There is no token, or it is not good.
            CSRFFailed: It is in a cookie, and another site may have had the
                request sent.
            InvalidRequest: There are several that differ.
        """
        state: RequestState = await resolve(self.admit(request))
        return state.claims()

    def admit(
        self, request: Request, guarding: bool = False
    ) -> MaybeAwaitable[RequestState]:
        """Return what is known of a request with a good token.

        It is there at once unless the application has to be asked. Otherwise
        the caller waits for it, or for the refusal; see `check`.

        Args:
            request: The request.
            guarding: Whether a protected route asks, which `do_protection`
                may have opened.
        """
        codec = self._codec
        if codec is None or codec.varies or innermost_override() is not None:
            codec = self.codec_for(request)
        if request.app is not self.answering_app:
            self.answer_errors_of(request.app)
        state = state_of(request, self, True)
        if guarding:
            if not codec.settings.do_protection:
                return state
            state.guarded = True
            if state.userless:
                return self._refuse(request, AuthenticationFailed(), codec)
        if state.verifier is codec:
            return state
        now = self.now()
        known = codec.recall(request, now) if codec.recalls else ""
        if (
            not isinstance(known, VerifiedToken)
            or self._sessions is not None
            or self._claims
            or self.extra_verifications
        ):
            return self._examine(request, state, codec, known, now)
        # all at once: what was refused never stands beside a verifier
        state.token, state.payload, state.verifier = known, None, codec
        return state

    def _examine(
        self,
        request: Request,
        state: RequestState,
        codec: RequestCodec,
        known: VerifiedToken | str,
        now: float,
    ) -> MaybeAwaitable[RequestState]:
        """Do what is left of `admit` when to recall a token is not enough."""
        payload = None
        try:
            asks = self._claims or self.extra_verifications
            if codec.keys is None or asks:
                token = read_token(request, codec.settings, "access")
                return self._admit_later(request, state, codec, token)
            if isinstance(known, VerifiedToken):
                verified = known
            else:
                verified, payload = codec.examine(request, known, now)
            if codec.settings.cookie_set:
                check_csrf(request, codec.settings, verified)
            if self._sessions is not None:
                revoked = self._judge(verified, codec.settings)
                if revoked is None:
                    return self._admit_asking(
                        request, state, codec, verified, payload
                    )
                if revoked:
                    raise revoked_token()
        except SanicJWTException as exc:
            return self._refuse(request, exc, codec)
        state.token, state.payload, state.verifier = verified, payload, codec
        return state

    async def _admit_asking(
        self,
        request: Request,
        state: RequestState,
        codec: RequestCodec,
        verified: VerifiedToken,
        payload: Payload | None,
    ) -> RequestState:
        """Let the store say whether a good token was revoked."""
        try:
            await self._check_session(verified, codec.settings)
        except InvalidToken as exc:
            return await self._refuse(request, exc, codec)
        state.token, state.payload, state.verifier = verified, payload, codec
        return state

    async def _admit_later(
        self,
        request: Request,
        state: RequestState,
        codec: RequestCodec,
        token: str,
    ) -> RequestState:
        try:
            verified, payload = await self._verify(token, codec, self._claims)
        except InvalidToken as exc:
            return await self._refuse(request, exc, codec)
        check_csrf(request, codec.settings, verified)
        state.token, state.payload, state.verifier = verified, payload, codec
        return state

    async def _refuse(
        self, request: Request, error: SanicJWTException, codec: TokenCodec
    ) -> NoReturn:
        """Raise what a client of a protected route reads of an error."""
        if isinstance(error, InvalidToken):
            await resolve(self.emit(TokenRejectedEvent, request, error))
        if not isinstance(error, _UNAUTHORIZED):
            raise error
        raise Unauthorized(
            error.public_reasons(codec.settings.debug),
            error=error.error if isinstance(error, InvalidToken) else None,
        ) from error

    async def is_authenticated(self, request: Request) -> bool:
        """Tell whether a request carries a good token."""
        return await self._admitted(request) is not None

    async def extract_payload(self, request: Request) -> Payload | None:
        """Return a copy of the payload in a request's token, if good."""
        return await self._admitted_payload(request)

    async def extract_user_id(self, request: Request) -> Any:
        """Return the user id in a request's token, if that is good."""
        payload = await self.extract_payload(request)
        return payload and payload.get(self.settings(request).user_id)

    async def extract_scopes(self, request: Request) -> Any:
        """Return the claim with the scopes of a request's valid token.

        Of a claim that is one string, the list of its words.
        """
        payload = await self.extract_payload(request)
        names = self.settings(request).scope_claims
        return payload and scope_claim(payload, names)

    async def current_user(self, request: Request) -> UserT | None:
        """Return the user of a request, or `None` if it has no valid token.

        A falsy user, whatever its type, is no user: `None`.

        Raises:
            AuthenticationFailed: The route is protected, and the user that
                the token names exists no more.
        """
        user: UserT | None = await resolve(self.find_user(request))
        return user

    def find_user(
        self, request: Request, injecting: bool = False
    ) -> MaybeAwaitable[UserT | None]:
        """Return what `current_user` does, at once if that can be.

        Args:
            request: The request.
            injecting: Whether the handler receives the user; a guard that
                is checked later refuses the request if there is none.
        """
        state = self._known(request)
        if state is None:
            return self._admit_and_find(request, injecting)
        user: MaybeAwaitable[UserT | None]
        user = self._hooks["retrieve_user"].direct(request, state.claims())
        if is_awaitable(user):
            return _find(user, state, injecting)
        return user or _no_user(state, injecting)

    async def _admit_and_find(self, request: Request, injecting: bool) -> Any:
        state = await self._admitted(request)
        if state is None:
            return None
        user = self.user_of(request, state.claims())
        return await _find(user, state, injecting)

    async def _admitted(self, request: Request) -> RequestState | None:
        """Return what is known of a request, or `None` if it is refused."""
        try:
            state: RequestState = await resolve(self.admit(request))
        except (Unauthorized, InvalidRequest):
            return None
        return state

    async def _admitted_payload(self, request: Request) -> Payload | None:
        state = await self._admitted(request)
        return None if state is None else state.token.payload()

    def _known(self, request: Request) -> RequestState | None:
        """Return what is known of a request that was let in before."""
        state = state_of(request, self)
        return state if state.verifier is self.codec_for(request) else None

    def user_of(self, request: Request, payload: Payload) -> Awaitable[Any]:
        """Return the user that a verified payload names, or `None`."""
        return self._hooks["retrieve_user"](request=request, payload=payload)

    def emit(
        self, kind: type[Event], request: Request, *told: Any
    ) -> Awaitable[None] | None:
        """Tell an event to its hook and to whoever hears its signal.

        Args:
            kind: The class of the event; one is made if anybody is told.
            request: What has brought it about.
            *told: What else it says.

        Returns:
            What to wait for; `None` if nobody is told.
        """
        # one handler may hear several: sanic_jwt_oo.auth.<name>
        heard = _SIGNALS in " ".join(request.app.signal_router.name_index)
        if heard or kind.hook in self._written:
            return self._tell(kind(request, *told), heard)
        return None

    async def _tell(self, event: Event, heard: bool) -> None:
        if event.hook in self._written:
            await self._hooks[event.hook](event=event)
        if heard:
            await event.request.app.dispatch(
                f"{_SIGNALS}{event.name}",
                context={"event": event},
                fail_not_found=False,
            )


async def _find(
    user: Awaitable[Any], state: RequestState, injecting: bool
) -> Any:
    return await user or _no_user(state, injecting)


def _no_user(state: RequestState, injecting: bool) -> Any:
    """Return `None`, or refuse a request to a protected route."""
    if state.guarded:
        raise AuthenticationFailed()
    state.userless = state.userless or injecting
    return None
