"""`JWTAuth`: the class that an application subclasses.

First what the application calls, then what a request goes through, then the
steps of each endpoint. The way of a request: `admit -> codec_for ->
codec.verify_request -> handler`; of a log-in: `log_in ->
generate_access_token -> issue_refresh_token -> responses`.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timezone
from hmac import compare_digest
from typing import Any, NoReturn
from uuid import UUID

from sanic import HTTPResponse, Request
from sanic.exceptions import SanicException
from typing_extensions import Unpack

from . import decorators
from .configuration import Configuration
from .events import (
    Event,
    LoginFailedEvent,
    LogoutEvent,
    RefreshReusedEvent,
    TokenRejectedEvent,
)
from .exceptions import (
    AuthenticationFailed,
    InvalidAuthorizationHeader,
    InvalidConfiguration,
    InvalidPayload,
    InvalidRequest,
    InvalidToken,
    MissingCredentials,
    MissingRegisteredClaim,
    MissingUserId,
    SanicJWTException,
    SessionNotFound,
    Unauthorized,
)
from .hooks import LABEL_LETTERS, Hook, resolve
from .installation import Installation, RequestCodec
from .keys import KeyRing, is_asymmetric, load_key
from .locations import (
    CSRF_CLAIM,
    check_csrf,
    cookies,
    is_forgeable,
    read_both_ways,
    read_fields,
    read_token,
)
from .scopes import match_scopes, named_scopes, parse
from .sessions import Outcome, Session, UserId
from .state import ISSUING, OVERRIDE, Issuing, RequestState, state_of
from .throttling import ACCOUNT_FIELDS, Hit
from .tokens import (
    CacheInfo,
    Claim,
    CompactToken,
    TokenCodec,
    VerifiedToken,
    check_verifications,
    make_claims,
)
from .types import (
    Decorator,
    Injector,
    KeyMaterial,
    MaybeAwaitable,
    Payload,
    RequiredScopes,
    Settings,
    UserT,
)
from .users import user_id_of

_UNAUTHORIZED = (
    InvalidAuthorizationHeader,
    InvalidToken,
    MissingCredentials,
)
_PARAMETER = re.compile(r"<(\w+)[^>]*>")
_logger = logging.getLogger("sanic_jwt_oo")


class JWTAuth(Installation[UserT]):
    """Authentication with JSON Web Tokens for an application or blueprint.

    Subclass it, write the hooks, override settings and answers, install:

        class MyAuth(JWTAuth[User]):
            class Configuration:
                expiration_delta = 15 * 60

            async def authenticate(self, request):
                ...

        auth = MyAuth(secret=...).install(app)

    An instance is one installation. The nested classes `Configuration` and
    `Responses` need not name a base; those of every class in the hierarchy
    are mixed together along its method resolution order.

    Args:
        class_views: Further endpoints: pairs of a path under `url_prefix`
            and a `BaseEndpoint` subclass.
        custom_claims: `Claim` subclasses for every token.
        extra_verifications: Callables that get the payload of a verified
            token and return whether it is good.
        session_store: Where sessions are kept; with it come refresh tokens,
            log-out and revocation. A class attribute of this name does the
            same.
        **settings: Settings by name, see `Configuration`.
    """

    # --- decorators ---------------------------------------------------------

    def protected(
        self,
        *,
        redirect_on_fail: bool = False,
        redirect_url: str | None = "",
        **settings: Unpack[Settings],
    ) -> Decorator:
        """Let only requests with a good token reach a handler.

        See `sanic_jwt_oo.decorators.protected`.

        Raises:
            InvalidConfiguration: A setting is unknown or cannot work.
        """
        return decorators.protected(
            self,
            redirect_on_fail=redirect_on_fail,
            redirect_url=redirect_url,
            **self._route_settings(settings),
        )

    def scoped(
        self,
        scopes: RequiredScopes,
        require_all: bool = True,
        require_all_actions: bool = True,
        *,
        redirect_on_fail: bool = False,
        redirect_url: str | None = "",
        **settings: Unpack[Settings],
    ) -> Decorator:
        """Let only requests whose token grants `scopes` reach a handler.

        See `sanic_jwt_oo.decorators.scoped`.

        Raises:
            InvalidConfiguration: `scopes` cannot be required, or a setting
                is unknown or cannot work.
        """
        if not (scopes and (callable(scopes) or named_scopes(scopes))):
            raise InvalidConfiguration(
                f"{scopes!r} is no scope; use protected() for a route that "
                "needs none."
            )
        return decorators.scoped(
            scopes,
            require_all,
            require_all_actions,
            self,
            redirect_on_fail=redirect_on_fail,
            redirect_url=redirect_url,
            **self._route_settings(settings),
        )

    def inject_user(self, **settings: Unpack[Settings]) -> Injector:
        """Hand the user of the token to a handler, as its argument `user`.

        See `sanic_jwt_oo.decorators.inject_user`.

        Raises:
            InvalidConfiguration: A setting is unknown or cannot work.
        """
        return decorators.inject_user(self, **self._route_settings(settings))

    def _route_settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        fixed = {n: v for n, v in settings.items() if not callable(v)}
        if self.session_store is None:
            self._check_revocation(self.Configuration(fixed), False)
        return {**settings, **self.Configuration.changes(fixed)}

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
        try:
            if codec.keys is None or self._claims or self.extra_verifications:
                token = read_token(request, codec.settings, "access")
                return self._admit_later(request, state, codec, token)
            state.token, state.payload = codec.verify_request(
                request, self.now()
            )
            if codec.settings.cookie_set:
                check_csrf(request, codec.settings, state.token)
            if self._sessions is not None:
                revoked = self._judge(state.token, codec.settings)
                if revoked is None:
                    return self._admit_asking(request, state, codec)
                if revoked:
                    raise _revoked()
        except SanicJWTException as exc:
            return self._refuse(request, exc, codec)
        state.verifier = codec
        return state

    async def _admit_asking(
        self, request: Request, state: RequestState, codec: RequestCodec
    ) -> RequestState:
        """Let the store say whether a good token was revoked."""
        try:
            await self._check_session(state.token, codec.settings)
        except InvalidToken as exc:
            return await self._refuse(request, exc, codec)
        state.verifier = codec
        return state

    async def _admit_later(
        self,
        request: Request,
        state: RequestState,
        codec: RequestCodec,
        token: str,
    ) -> RequestState:
        try:
            state.token, state.payload = await self._verify(
                token, codec, self._claims
            )
        except InvalidToken as exc:
            return await self._refuse(request, exc, codec)
        check_csrf(request, codec.settings, state.token)
        state.verifier = codec
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
        state = self._known(request) or await self._admitted(request)
        if state is None:
            return None
        user: UserT | None = await self.user_of(request, state.claims())
        if user is None and state.guarded:
            raise AuthenticationFailed()
        return user

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
        """
        codec = self.codec_for()
        claims = (*self._claims, *make_claims(custom_claims))
        payload = await self._make_payload(
            user, codec.settings, claims, extend_payload
        )
        settings, keys = codec.settings, codec.keys
        if keys is None:
            user_id = payload.get(settings.user_id)
            secret = await self._user_secret(user_id, settings, sign=True)
            keys = self._user_keys(secret, settings, sign=True)
        return codec.encode(payload, keys)

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
            secret,
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

    # --- the payload of a token ---------------------------------------------

    async def user_id_of(self, user: UserT) -> Any:
        """Return the id of a user, or `None`; made to be overridden."""
        return await user_id_of(user, self.settings().user_id)

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

    async def _make_payload(
        self,
        user: UserT,
        settings: Configuration,
        claims: Sequence[Claim],
        extend_this: Callable[..., Any] | None,
    ) -> Payload:
        payload = await resolve(self.build_payload(user))
        _check_payload(payload, settings)
        named = {*payload}
        payload = await resolve(self.add_claims(payload, user))
        for claim in claims:
            setup: Any = claim.setup  # type: ignore[attr-defined]
            payload[claim.get_key()] = await resolve(setup(payload, user))
        self._name_session(payload, settings)
        needed = payload.keys() - named
        if self.binds_csrf(settings):
            payload[CSRF_CLAIM] = secrets.token_urlsafe(24)
            needed.add(CSRF_CLAIM)
        if "extend_payload" in self._written:
            extend = self._hooks["extend_payload"]
            payload = await extend(payload=payload, user=user)
        _check_payload(payload, settings, needed)
        if settings.scopes_enabled:
            scopes = await self._hooks["add_scopes_to_payload"](user=user)
            if not isinstance(scopes, (list, tuple)):
                scopes = [scopes]
            payload[settings.scopes_name] = [*scopes]
        if extend_this is not None:
            extend = Hook(extend_this, ("payload", "user"), 1)
            payload = await extend(payload=payload, user=user)
            _check_payload(payload, settings, needed)
        issued = self._issuing()
        if issued is not None:
            ends = _seconds(payload["exp"]) + self.codec.settings.leeway
            issued.access_until = max(issued.access_until, ends)
        result: Payload = payload
        return result

    def _issuing(self) -> Issuing | None:
        """Return what tokens are issued for here, if sessions are kept."""
        issued = ISSUING.get()
        if issued is None or issued.auth is not self or not self._sessions:
            return None
        return issued

    def _name_session(self, payload: Payload, settings: Configuration) -> None:
        """Add the claims that a token is revoked by."""
        if self._sessions is None:
            return
        payload.setdefault("jti", secrets.token_urlsafe(16))
        issued = self._issuing()
        if issued is not None:
            payload["sid"] = issued.name(payload[settings.user_id])

    def binds_csrf(self, settings: Configuration) -> bool:
        """Tell whether tokens issued under `settings` carry a CSRF value.

        Those that a route issues which itself needs none do as well, if the
        installation does: they are for its other routes.
        """
        return any(
            one.cookie_set and one.csrf_protect
            for one in (settings, self.codec.settings)
        )

    # --- the steps of the endpoints -----------------------------------------

    async def log_in(self, request: Request, **route_parameters: Any) -> UserT:
        """Return the user that a request proves to be.

        Raises:
            AuthenticationFailed: It proves nothing.
            InvalidRequestBody: Its body is neither object nor form.
            TooManyAttempts: A `login_limit_...` is reached.
            LoginLimitUnavailable: Attempts cannot be counted.
        """
        self.check_log_in_body(request)
        throttle = self._throttle
        hits: list[Hit] = []
        try:
            if throttle is not None:
                hits = await throttle.count(
                    await resolve(self.login_account(request)),
                    await resolve(self.login_address(request)),
                )
            user = await self._hooks["authenticate"](
                **{**route_parameters, "request": request}
            )
            if not user:
                raise AuthenticationFailed()
        except SanicException as exc:
            if exc.status_code < 500:
                await self.emit(LoginFailedEvent(request, exc))
            raise
        if throttle is not None:
            await throttle.give_back(hits)
        result: UserT = user
        return result

    def login_account(
        self, request: Request
    ) -> MaybeAwaitable[str | Sequence[str] | None]:
        """Return the account that a log-in counts for, or several.

        The base takes `username`, `email`, `name` and `login`, whichever are
        strings, from the body, read as JSON and as a form. Override it if
        yours stands elsewhere; it may be async. What it returns need not
        exist, and is stored as a hash.
        """
        return [
            account
            for fields in read_both_ways(request)
            for name in ACCOUNT_FIELDS
            if isinstance(account := fields.get(name), str)
        ]

    def login_address(self, request: Request) -> MaybeAwaitable[str | None]:
        """Return the address that a log-in counts for, or `None`.

        The base takes the one that a proxy tells, if Sanic is configured to
        believe it, and else that of the connection. It may be async.
        """
        return request.remote_addr or request.ip

    def check_log_in_body(self, request: Request) -> None:
        """Refuse a body that `authenticate` cannot expect (R8).

        Override it to let other forms of body pass.

        Raises:
            InvalidRequestBody: It is neither a JSON object nor a form.
        """
        read_fields(request)

    def user_of(self, request: Request, payload: Payload) -> Awaitable[Any]:
        """Return the user that a verified payload names, or `None`."""
        return self._hooks["retrieve_user"](request=request, payload=payload)

    async def issue_refresh_token(self, request: Request, user: UserT) -> str:
        """Make a refresh token for a user, have it stored, and return it."""
        token: str = await self._hooks["generate_refresh_token"](
            request=request, user=user
        )
        await self._hooks["store_refresh_token"](
            user_id=await self.user_id_of(user),
            refresh_token=token,
            request=request,
        )
        return token

    async def start_session(
        self, request: Request, user: UserT, issued: Issuing
    ) -> str:
        """Start the session that tokens were issued for.

        Args:
            request: The log-in.
            user: Who has logged in.
            issued: What was issued.

        Returns:
            Its first refresh token.

        Raises:
            SessionStoreUnavailable: It cannot be kept.
        """
        label = await self._hooks["session_label"](request=request, user=user)
        if not issued.session_id:
            user_id = await self.user_id_of(user)
            issued.name(str(user_id) if isinstance(user_id, UUID) else user_id)
        return await self.sessions.start(
            issued.session_id,
            issued.user_id,
            str(label)[:LABEL_LETTERS],
            issued.access_until,
            self.settings(request),
        )

    async def refresh(self, request: Request) -> tuple[UserT, str, Payload]:
        """Return the user, refresh token and payload of a refresh request.

        With a session store, the payload is the id of the user and `sid`.

        Raises:
            Unauthorized: The access token is not good, apart from its age.
            CSRFFailed: See `check`.
            AuthenticationFailed: The refresh token is not this user's, or
                the user exists no more.
        """
        if self._sessions is not None:
            return await self._refresh_session(request)
        with self.override(verify_exp=False):
            payload = await self.check(request)
        user = await self.user_of(request, payload)
        if not user:
            raise AuthenticationFailed()
        purported = read_token(request, self.settings(request), "refresh")
        stored = await self._hooks["retrieve_refresh_token"](
            user_id=await self.user_id_of(user),
            request=request,
            refresh_token=purported,
        )
        if not _same_secret(stored, purported):
            raise AuthenticationFailed()
        return user, purported, payload

    async def _refresh_session(
        self, request: Request
    ) -> tuple[UserT, str, Payload]:
        settings = self.settings(request)
        presented = read_token(request, settings, "refresh")
        session = await self._find_session(request, presented)
        state_of(request, self).session = session
        payload = {settings.user_id: session.user_id, "sid": session.id}
        user = await self.user_of(request, payload)
        if not user:
            await self.sessions.revoke(session.id)
            raise AuthenticationFailed()
        return user, presented, payload

    async def renew_refresh_token(
        self, request: Request, presented: str, issued: Issuing
    ) -> str:
        """Swap the refresh token of a request for its successor.

        Args:
            request: The request that `refresh` has looked at.
            presented: Its refresh token.
            issued: What was issued for the session meanwhile.

        Returns:
            The successor.

        Raises:
            AuthenticationFailed: The token was used before, which ends the
                session; or the session has ended.
            SessionStoreUnavailable: It cannot be swapped.
        """
        session = self.session_of(request)
        if session is None:
            raise AuthenticationFailed()
        outcome, successor = await self.sessions.swap(
            presented, session, issued.access_until, self.settings(request)
        )
        if outcome is Outcome.REUSED:
            await self.emit(RefreshReusedEvent(request, session))
        if outcome in (Outcome.REUSED, Outcome.REFUSED):
            raise AuthenticationFailed()
        return successor

    async def log_out(self, request: Request) -> None:
        """End the session that a request belongs to.

        It is named by its refresh token or its access token. An access token
        that belongs to no session is revoked alone.

        Raises:
            Unauthorized: There is no good token.
            AuthenticationFailed: The refresh token is not good, or the two
                are of different sessions.
        """
        user_id, session_id = await self._session_named(request)
        if session_id is not None:
            await self.sessions.revoke(session_id)
        else:
            await self.sessions.revoke_token(await self.check(request))
        await self.emit(LogoutEvent(request, user_id, session_id))

    async def log_out_everywhere(self, request: Request) -> None:
        """End every session of the user of a request; see `log_out`."""
        user_id, session_id = await self._session_named(request)
        await self.sessions.revoke_all(user_id)
        if session_id is None:
            await self.sessions.revoke_token(await self.check(request))
        await self.emit(LogoutEvent(request, user_id, None))

    async def end_session(self, request: Request, session_id: str) -> None:
        """End a session of the user of a request.

        Raises:
            Unauthorized: There is no good token.
            SessionNotFound: The user has no such session.
        """
        payload = await self.check(request)
        user_id = payload[self.settings(request).user_id]
        mine = {session.id for session in await self.sessions.list(user_id)}
        if session_id not in mine:
            raise SessionNotFound()
        await self.sessions.revoke(session_id)
        await self.emit(LogoutEvent(request, user_id, session_id))

    def session_of(self, request: Request) -> Session | None:
        """Return the session whose refresh token a request has presented."""
        return state_of(request, self).session

    async def _session_named(
        self, request: Request
    ) -> tuple[UserId, str | None]:
        """Return the user of a request, and the id of its session."""
        settings = self.settings(request)
        try:
            presented = read_token(request, settings, "refresh")
        except MissingCredentials:
            payload = await self.check(request)
            return payload[settings.user_id], payload.get("sid")
        session = await self._find_session(request, presented)
        return session.user_id, session.id

    async def _find_session(self, request: Request, presented: str) -> Session:
        """Return the session that a refresh token is of (requirement R7).

        An access token may have expired, and need not come with it, unless
        it is in a cookie: then the CSRF value of the access token shows who
        sends it. One that is of another session or user is refused.

        Raises:
            Unauthorized: The access token is needed, and not good.
            CSRFFailed: See `check`.
            AuthenticationFailed: There is no such session.
        """
        session = await self.sessions.find(presented)
        if session is None:
            raise AuthenticationFailed()
        with self.override(verify_exp=False, revocation_check="never"):
            if is_forgeable(request, self.settings(request), "refresh"):
                payload: Payload | None = await self.check(request)
            else:
                payload = await self._admitted_payload(request)
        if payload is not None:
            user_id = payload.get(self.settings(request).user_id)
            if user_id != session.user_id or (
                payload.get("sid") not in (None, session.id)
            ):
                raise AuthenticationFailed()
        return session

    def delete_cookies(self, response: HTTPResponse, request: Request) -> None:
        """Have a browser forget its tokens, in answer to a log-out.

        Does nothing where cookies are off. The log-out endpoints call it.
        Path, domain and prefix are those that the cookies were written with;
        so call it on a route that has the settings, and the parameters in
        its path, of the log-in.

        Args:
            response: The response that deletes them.
            request: The request that it answers.
        """
        settings = self.settings(request)
        if not settings.cookie_set:
            return
        path = settings.cookie_refresh_path or self.refresh_path(request)
        csrf = self.binds_csrf(settings)
        cookies.delete_all(response, settings, path, csrf=csrf)

    async def emit(self, event: Event) -> None:
        """Tell an event to its hook and to whoever hears its signal."""
        hook = f"on_{event.name}"
        if hook in self._written:
            await self._hooks[hook](event=event)
        app, signal = event.request.app, f"sanic_jwt_oo.auth.{event.name}"
        if signal in app.signal_router.name_index:
            await app.dispatch(signal, context={"event": event})

    def refresh_path(self, request: Request) -> str:
        """Return the path of the refresh endpoint for this request."""
        views = {name: view for name, _, view in self._views}
        for route in request.app.router.routes:
            if route.handler is not views.get("RefreshEndpoint"):
                continue
            return "/" + _PARAMETER.sub(
                lambda found: str(request.match_info.get(found[1], "")),
                route.path,
            )
        return "/"


def _check_payload(
    payload: Any, settings: Configuration, needed: Iterable[str] = ()
) -> None:
    """Refuse to sign a payload that lost what it must have."""
    if not isinstance(payload, dict):
        raise InvalidPayload(
            f"The payload must be a dict, not {type(payload).__name__}."
        )
    if payload.get(settings.user_id) is None:
        raise MissingUserId(f"The user has no {settings.user_id!r}.")
    missing = sorted({*needed} - payload.keys())
    if missing:
        raise MissingRegisteredClaim(
            f"extend_payload() removed {', '.join(missing)}."
        )


def _revoked() -> InvalidToken:
    return InvalidToken(detail="The token has been revoked.")


def _seconds(moment: Any) -> float:
    """Return a time of a payload as seconds since the epoch."""
    if not isinstance(moment, datetime):
        return float(moment)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return float(moment.timestamp())


def _can_be_looked_up(user_id: Any) -> bool:
    """Tell whether an unverified id is one that a store can look for."""
    if type(user_id) is int:
        return -(2**63) <= user_id < 2**63
    if type(user_id) is not str or "\0" in user_id:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in user_id)


def _same_secret(stored: Any, given: str) -> bool:
    """Compare a stored secret with a given one in constant time."""
    if isinstance(stored, str):
        stored = stored.encode("utf-8", "surrogatepass")
    if not isinstance(stored, bytes) or not stored:
        return False
    return compare_digest(stored, given.encode("utf-8", "surrogatepass"))
