"""Who is let in: the way of a request, from its token to a handler.

`admit -> codec_for -> recall`, and for a header that is not known yet
`-> examine -> verify -> check_csrf -> sessions`; there is no other. What
was found out is kept in the state of the request, so that however many
decorators ask, it is verified once.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, NoReturn

from sanic import Request

from .configuration import Configuration
from .events import (
    Event,
    TokenRejectedEvent,
)
from .exceptions import (
    AuthenticationFailed,
    InvalidAuthorizationHeader,
    InvalidConfiguration,
    InvalidRequest,
    InvalidToken,
    MissingCredentials,
    SanicJWTException,
    Unauthorized,
)
from .hooks import Hook, is_awaitable, resolve
from .installation import Installation
from .keys import KeyRing, is_asymmetric, load_key
from .locations import (
    check_csrf,
    read_token,
)
from .request_codec import RequestCodec
from .scopes import match_scopes, named_scopes, parse
from .state import OVERRIDE, RequestState, state_of
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
from .types import (
    KeyMaterial,
    MaybeAwaitable,
    Payload,
    RequiredScopes,
    UserT,
)

_UNAUTHORIZED = (
    InvalidAuthorizationHeader,
    InvalidToken,
    MissingCredentials,
)
_SIGNALS = "sanic_jwt_oo.auth."
_logger = logging.getLogger("sanic_jwt_oo")


class Admission(Installation[UserT]):
    """What an installation does with the tokens that come in."""

    # --- what an application calls ------------------------------------------

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
        if codec is None or codec.varies or OVERRIDE.get() is not None:
            codec = self.codec_for(request)
        if request.app is not self._answering:
            self.take_charge(request)
        state = state_of(request, self, True)
        if guarding:
            if not codec.settings.do_protection:
                return state
            state.guarded = True
        if state.verifier is codec:
            return state
        now = self.now()
        known = codec.recall(request, now) if codec.recalls else None
        if (
            known is None
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
        verified: VerifiedToken | None,
        now: float,
    ) -> MaybeAwaitable[RequestState]:
        """Do what is left of `admit` when to recall a token is not enough."""
        payload = None
        try:
            asks = self._claims or self.extra_verifications
            if verified is None or asks:
                if codec.keys is None or asks:
                    token = read_token(request, codec.settings, "access")
                    return self._admit_later(request, state, codec, token)
                verified, payload = codec.examine(request, now)
            if codec.settings.cookie_set:
                check_csrf(request, codec.settings, verified)
            if self._sessions is not None:
                revoked = self._judge(verified, codec.settings)
                if revoked is None:
                    return self._admit_asking(
                        request, state, codec, verified, payload
                    )
                if revoked:
                    raise _revoked()
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
            await self.emit(TokenRejectedEvent(request, error))
        if not isinstance(error, _UNAUTHORIZED):
            raise error
        raise Unauthorized(
            error.told(codec.settings.debug),
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
        """Return the scopes in a request's token, if that is good."""
        payload = await self.extract_payload(request)
        return payload and payload.get(self.settings(request).scopes_name)

    async def current_user(self, request: Request) -> UserT | None:
        """Return the user of a request, or `None` if it has no good token.

        Raises:
            AuthenticationFailed: The route is protected, and the user that
                the token names exists no more.
        """
        user: UserT | None = await resolve(self.find_user(request))
        return user

    def find_user(self, request: Request) -> MaybeAwaitable[UserT | None]:
        """Return what `current_user` does, at once if that can be."""
        state = self._known(request)
        if state is None:
            return self._admit_and_find(request)
        user: MaybeAwaitable[UserT | None]
        user = self._hooks["retrieve_user"].direct(request, state.claims())
        if user is None:
            _miss(state)
        elif is_awaitable(user):
            return _find(user, state)
        return user

    async def _admit_and_find(self, request: Request) -> Any:
        state = await self._admitted(request)
        if state is None:
            return None
        return await _find(self.user_of(request, state.claims()), state)

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

    async def emit(self, event: Event) -> None:
        """Tell an event to its hook and to whoever hears its signal."""
        hook = f"on_{event.name}"
        if hook in self._written:
            await self._hooks[hook](event=event)
        app = event.request.app
        # one handler may hear several: sanic_jwt_oo.auth.<name>
        if any(n.startswith(_SIGNALS) for n in app.signal_router.name_index):
            signal = f"{_SIGNALS}{event.name}"
            await app.dispatch(
                signal, context={"event": event}, fail_not_found=False
            )

    # --- verification -------------------------------------------------------

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
        return self.sessions.judge(
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
            revoked = await self._sessions.ask(
                token.session_id, token.token_id
            )
        if revoked:
            raise _revoked()

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

    # --- scopes -------------------------------------------------------------

    async def authorize(
        self,
        request: Request,
        scopes: RequiredScopes,
        *,
        require_all: bool = True,
        require_all_actions: bool = True,
        route_parameters: Mapping[str, Any] | None = None,
    ) -> None:
        """Refuse a request whose token does not grant `scopes`.

        Args:
            request: The request.
            scopes: One, several, or a callable that returns them.
            require_all: Whether each is needed, or any one.
            require_all_actions: Whether each action of a scope is needed.
            route_parameters: Offered to a callable besides the request.

        Raises:
            Unauthorized: With status 403 (RFC 6750 section 3.1).
        """
        state = self._known(request) or await self._admitted(request)
        held = None if state is None else state.token.scopes
        if callable(scopes) or "destructure_scopes" in self._written:
            offered = {**(route_parameters or {}), "request": request}
            scopes = await self._find_scopes(scopes, offered)
        required = named_scopes(scopes)
        if required is None:
            _logger.error("%r is no scope: refused.", scopes)
        elif held is not None:
            if held and "override_scope_validator" in self._written:
                granted = await self._validate(
                    required, held, require_all, require_all_actions
                )
            else:
                granted = match_scopes(
                    required, held, require_all, require_all_actions
                )
            if granted:
                return
        raise Unauthorized(
            "Invalid scope.",
            403,
            error="insufficient_scope",
            scope=required or (),
        )

    def grants(
        self,
        request: Request,
        required: tuple[str, ...] | None,
        require_all: bool,
        require_all_actions: bool,
    ) -> bool:
        """Tell whether a token that was let in grants `required`, if so.

        If not, or if others have a say in it, `authorize` tells.
        """
        if required is None or not self._scopes_by_table:
            return False
        state = self._known(request)
        if state is None or state.token.scopes is None:
            return False
        return match_scopes(
            required, state.token.scopes, require_all, require_all_actions
        )

    async def _find_scopes(
        self, scopes: RequiredScopes, offered: Mapping[str, Any]
    ) -> Any:
        """Return what the application says the required scopes are."""
        if callable(scopes):
            scopes = await Hook(scopes, ("request",), 1)(**offered)
        return await self._hooks["destructure_scopes"](scopes=scopes)

    async def _validate(
        self,
        required: tuple[str, ...],
        held: tuple[str, ...],
        require_all: bool,
        all_actions: bool,
    ) -> bool:
        """Leave the last word on each scope to the application."""
        for scope in required:
            verdict = await self._hooks["override_scope_validator"](
                is_valid=match_scopes((scope,), held, True, all_actions),
                required=parse(scope),
                user_scopes=[parse(one) for one in held],
                require_all_actions=all_actions,
            )
            if bool(verdict) is not require_all:
                return bool(verdict)
        return require_all


async def _find(user: Awaitable[Any], state: RequestState) -> Any:
    found = await user
    if found is None:
        _miss(state)
    return found


def _miss(state: RequestState) -> None:
    """Refuse a request to a protected route whose user exists no more."""
    if state.guarded:
        raise AuthenticationFailed()


def _revoked() -> InvalidToken:
    return InvalidToken(detail="The token has been revoked.")


def _can_be_looked_up(user_id: Any) -> bool:
    """Tell whether an unverified id is one that a store can look for."""
    if type(user_id) is int:
        return -(2**63) <= user_id < 2**63
    if type(user_id) is not str or "\0" in user_id:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in user_id)
