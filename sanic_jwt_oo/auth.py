"""`JWTAuth`: the class that an application subclasses.

Here are its decorators, and the steps of its endpoints: log in, refresh, log
out. What it does with tokens that come in is in `verification`, `admission`
and `authorization`, how it makes new ones in `issuance`. The way of a log-in:
`log_in -> generate_access_token -> start_session` (or `issue_refresh_token`)
`-> responses`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Any
from uuid import UUID

from sanic import HTTPResponse, Request
from sanic.exceptions import SanicException
from typing_extensions import Never, Unpack

from . import decorators
from .configuration import Configuration
from .events import (
    LoginFailedEvent,
    LogoutEvent,
    RefreshReusedEvent,
    SessionEvictedEvent,
)
from .exceptions import (
    AuthenticationFailed,
    CSRFFailed,
    InvalidConfiguration,
    MissingCredentials,
    SessionNotFound,
    Unauthorized,
)
from .hooks import is_awaitable, resolve
from .issuance import Issuance
from .locations import (
    KINDS,
    cookies,
    is_forgeable,
    is_same_site,
    read_both_ways,
    read_fields,
    read_token,
)
from .logs import log_refusal, logger
from .scopes import named_scopes
from .sessions import (
    Cursor,
    Outcome,
    Page,
    Session,
    UserId,
    is_session_id,
)
from .state import Issuing, state_of
from .throttling import ACCOUNT_FIELDS, Hit
from .types import (
    Decorator,
    Injector,
    MaybeAwaitable,
    Payload,
    RequiredScopes,
    Settings,
    UserT,
)

_LABEL_LETTERS = 255
_PARAMETER = re.compile(r"<(\w+)[^>]*>")


class JWTAuth(Issuance[UserT]):
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
        *misplaced: Never,
        redirect_on_fail: bool = False,
        redirect_url: str | None = "",
        **settings: Unpack[Settings],
    ) -> Decorator:
        """Let only requests with a good token reach a handler.

        See `sanic_jwt_oo.decorators.protected`.

        Raises:
            InitializationFailure: There were no parentheses.
            InvalidConfiguration: A setting is unknown or cannot work.
        """
        return decorators.protected(
            self,
            *misplaced,
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

    def inject_user(
        self, *misplaced: Never, **settings: Unpack[Settings]
    ) -> Injector:
        """Hand the user of the token to a handler, as its argument `user`.

        See `sanic_jwt_oo.decorators.inject_user`.

        Raises:
            InitializationFailure: There were no parentheses.
            InvalidConfiguration: A setting is unknown or cannot work.
        """
        return decorators.inject_user(
            self, *misplaced, **self._route_settings(settings)
        )

    def _route_settings(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        fixed = {n: v for n, v in settings.items() if not callable(v)}
        if self.session_store is None:
            self._check_revocation(self.Configuration(fixed), False)
        return {**settings, **self.Configuration.changes(fixed)}

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
            hook = self._hooks["authenticate"]
            if route_parameters:
                user = hook.call({**route_parameters, "request": request})
            else:
                user = hook.direct(request)
            if is_awaitable(user):
                user = await user
            if not user:
                self._log_falsy_user(user)
                raise AuthenticationFailed()
        except SanicException as exc:
            log_refusal(request, exc)
            if exc.status_code < 500:
                await resolve(self.emit(LoginFailedEvent, request, exc))
            raise
        if throttle is not None:
            await throttle.refund(hits)
        result: UserT = user
        return result

    def _log_falsy_user(self, user: Any) -> None:
        """Log, once, that `authenticate` returned an empty user.

        `None` and `False` are its ways to refuse a log-in.
        """
        if user is None or user is False or self._falsy_user_logged:
            return
        self._falsy_user_logged = True
        logger.warning(
            "authenticate() returned a falsy user, of class %s: the log-in "
            "was refused. Return a user with a %r, or None to refuse.",
            type(user).__name__,
            self.settings().user_id,
        )

    def login_account(
        self, request: Request
    ) -> MaybeAwaitable[str | float | Sequence[str | float] | None]:
        """Return the account that a log-in counts against, or several.

        A failed log-in counts against the first. The further ones are
        counted apart, for log-ins that name them so, with the same limit.

        The base takes `username`, `email`, `name` and `login`, whichever are
        a string or number, or a list that begins with one, from the body,
        read as JSON and as a form. Override it to name the one that your
        `authenticate` reads; it may be async. What it returns need not exist,
        and is stored as a hash.
        """
        accounts = []
        for fields in read_both_ways(request):
            for name in ACCOUNT_FIELDS:
                account = fields.get(name)
                while isinstance(account, list) and account:
                    account = account[0]
                if isinstance(account, (str, int, float)):
                    accounts.append(account)
        return accounts

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

        If the user has `max_sessions` already, the least recently used one
        ends, and `on_session_evicted` is called.

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
        letters = filter(str.isprintable, str(label or ""))
        if not issued.session_id:
            user_id = await self.user_id_of(user)
            issued.name(str(user_id) if isinstance(user_id, UUID) else user_id)
        return await self.sessions.start(
            issued.session_id,
            issued.user_id,
            "".join(letters)[:_LABEL_LETTERS],
            issued.access_until,
            self.settings(request),
            lambda evicted: self.emit(SessionEvictedEvent, request, evicted),
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
        beside = await self._access_token_beside(request)
        session = await self.sessions.find(presented)
        if session is None:
            raise AuthenticationFailed()
        self._check_same_session(beside, session, settings)
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
        outcome, successor = await self._present(
            request, presented, session, issued.access_until
        )
        if outcome is Outcome.REFUSED:
            raise AuthenticationFailed()
        return successor

    async def _present(
        self,
        request: Request,
        presented: str,
        session: Session,
        access_until: float,
    ) -> tuple[Outcome, str]:
        """Use a refresh token up, and notice if that was done before.

        Raises:
            AuthenticationFailed: It was, and so the session has ended.
        """
        outcome, successor = await self.sessions.swap(
            presented, session, access_until, self.settings(request)
        )
        if outcome is Outcome.REUSED:
            await resolve(self.emit(RefreshReusedEvent, request, session))
            raise AuthenticationFailed()
        return outcome, successor

    async def log_out(self, request: Request) -> None:
        """End the session that a request belongs to.

        Its refresh token names it, or else its access token, which may have
        expired. An access token that belongs to no session is revoked alone.
        A refresh token that was used before ends its session as it does at a
        refresh.

        Raises:
            Unauthorized: There is no valid token.
            CSRFFailed: Another site may have sent the request.
            AuthenticationFailed: The refresh token was used before, or the
                two tokens are of different sessions; or the access token
                belongs to no session here and has no id or no end.
        """
        user_id, session_id, payload = await self._session_named(request)
        if session_id is None or not await self.sessions.revoke(session_id):
            await self._revoke_token(payload)
        await resolve(self.emit(LogoutEvent, request, user_id, session_id))

    async def log_out_everywhere(self, request: Request) -> None:
        """End every session of the user of a request; see `log_out`."""
        user_id, session_id, payload = await self._session_named(request)
        await self.sessions.revoke_all(user_id)
        if session_id is None or not await self.sessions.revoke(session_id):
            await self._revoke_token(payload)
        await resolve(self.emit(LogoutEvent, request, user_id, None))

    async def _revoke_token(self, payload: Payload | None) -> None:
        """Revoke the access token that a log-out was asked with, if any.

        No feed hears of a session that has ended by itself, and its last
        access token may outlive it.
        """
        if payload is None:  # a refresh token named the session
            return
        try:
            await self.sessions.revoke_token(payload)
        except ValueError as exc:
            raise AuthenticationFailed() from exc

    async def sessions_of(self, request: Request) -> list[Session]:
        """Return the sessions of the user of a request.

        Raises:
            Unauthorized: There is no good token.
            AuthenticationFailed: It names nobody who could have sessions.
        """
        return await self.sessions.list(await self._user_asking(request))

    async def page_of_sessions(
        self,
        request: Request,
        *,
        limit: int = 100,
        after: Cursor | None = None,
    ) -> Page:
        """Return some sessions of the user of a request.

        Args:
            request: The request.
            limit: How many at most.
            after: `following` of the page before; `None`: the first page.

        Raises:
            Unauthorized: There is no good token.
            AuthenticationFailed: It names nobody who could have sessions.
        """
        user_id = await self._user_asking(request)
        return await self.sessions.page(user_id, limit=limit, after=after)

    async def _user_asking(self, request: Request) -> UserId:
        payload = await self.check(request)
        return self._user_in(payload, self.settings(request))

    @staticmethod
    def _user_in(payload: Payload, settings: Configuration) -> UserId:
        """Return the user that a payload names; others may have signed it."""
        user_id = payload.get(settings.user_id)
        if not isinstance(user_id, (str, int)) or isinstance(user_id, bool):
            raise AuthenticationFailed()
        return user_id

    async def end_session(self, request: Request, session_id: str) -> None:
        """End a session of the user of a request.

        Raises:
            Unauthorized: There is no good token.
            SessionNotFound: The user has no such session.
        """
        user_id = await self._user_asking(request)
        # what has another form cannot be asked of every store
        known = is_session_id(session_id)
        session = await self.sessions.get(session_id) if known else None
        if session is None or session.user_id != user_id:
            raise SessionNotFound()
        await self.sessions.revoke(session_id)
        await resolve(self.emit(LogoutEvent, request, user_id, session_id))

    async def end_all_sessions(self) -> int:
        """End all sessions of all users, and their access tokens with them.

        This is for the day on which a key or the session store has leaked,
        after the key was replaced. Every session that there was when it
        began has ended when it returns, also those that are refreshed
        meanwhile. It ends them a few at a time, so that the store goes on
        answering, and sends no events.

        Returns:
            How many have ended.

        Raises:
            SessionStoreUnavailable: The store does not respond. Some sessions
                have ended; call it again.
            InitializationFailure: There is no session store.
        """
        return await self.sessions.revoke_everyone()

    def session_of(self, request: Request) -> Session | None:
        """Return the session whose refresh token a request has presented."""
        return state_of(request, self).session

    async def _session_named(
        self, request: Request
    ) -> tuple[UserId, str | None, Payload | None]:
        """Return whose session a log-out is to end, and which.

        Returns:
            The user, the id of the session, and the payload of the access
            token if that has named them.
        """
        settings = self.settings(request)
        try:
            presented = read_token(request, settings, "refresh")
        except MissingCredentials:
            return await self._named_by_access_token(request)
        beside = await self._access_token_beside(request, ending=True)
        session = await self.sessions.find(presented)
        if session is None:
            return await self._named_by_access_token(request)
        self._check_same_session(beside, session, settings)
        await self._present(request, presented, session, session.access_until)
        return session.user_id, session.id, None

    async def _named_by_access_token(
        self, request: Request
    ) -> tuple[UserId, str | None, Payload]:
        settings = self.settings(request)
        try:
            with self.override(verify_exp=False):
                state = await resolve(self.admit(request))
                if (
                    settings.revocation_check == "never"
                    and state.token.ends <= self.now()
                ):
                    # an expired token is valid here while its session lasts
                    with self.override(revocation_check="store"):
                        state = await resolve(self.admit(request))
        except Unauthorized as exc:
            if not isinstance(exc.__cause__, MissingCredentials):
                raise
            raise Unauthorized(
                "There is no token: send the access token, or "
                f"`{settings.refresh_token_name}`."
            ) from None
        payload = state.token.payload()
        session_id = payload.get("sid")
        if not (session_id is None or isinstance(session_id, str)):
            raise AuthenticationFailed()
        return self._user_in(payload, settings), session_id, payload

    async def _access_token_beside(
        self, request: Request, *, ending: bool = False
    ) -> Payload | None:
        """Return the payload of the access token beside a refresh token.

        It may have expired, and need not be there. But where a cookie comes
        along, the CSRF value of the access token shows who sends it. To end
        a session, it is enough that the browser says so: the access token
        may be gone from it.

        Raises:
            Unauthorized: The access token is needed, and not valid.
            CSRFFailed: Its CSRF value is in no header.
        """
        with self.override(verify_exp=False, revocation_check="never"):
            try:
                return await self.check(request)
            except CSRFFailed:
                raise  # whichever credential the refresh token came in
            except Unauthorized:
                settings = self.settings(request)
                needed = any(is_forgeable(request, settings, k) for k in KINDS)
                if needed and not (ending and is_same_site(request, settings)):
                    raise
        return None

    @staticmethod
    def _check_same_session(
        payload: Payload | None, session: Session, settings: Configuration
    ) -> None:
        """Refuse an access token of another session or user (R7)."""
        if payload is not None and (
            payload.get(settings.user_id) != session.user_id
            or payload.get("sid") not in (None, session.id)
        ):
            raise AuthenticationFailed()

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
        path = self.refresh_cookie_path(request)
        csrf = self.binds_csrf(settings)
        cookies.delete_all(response, settings, path, csrf=csrf)

    def refresh_cookie_path(self, request: Request) -> str:
        """Return the path of the refresh token's cookie for this request.

        Where no setting says so it is what the paths of the endpoints begin
        with, so that refresh and log-out get the cookie, and nothing else.
        """
        settings = self.settings(request)
        if settings.cookie_refresh_path:
            path: str = settings.cookie_refresh_path
            return path
        views = {name: view for name, _, view in self._views}
        for route in request.app.router.routes:
            if route.handler is not views.get("RefreshEndpoint"):
                continue
            prefix = f"/{route.path}".rstrip("/")
            prefix = prefix.removesuffix(settings.path_to_refresh.rstrip("/"))
            path = _PARAMETER.sub(
                lambda found: str(request.match_info.get(found[1], "")), prefix
            )
            # a semicolon would end the path and begin another attribute
            return path.replace(";", "%3B") or "/"
        return "/"


def _same_secret(stored: Any, given: str) -> bool:
    """Compare a stored secret with a given one in constant time."""
    if isinstance(stored, str):
        stored = stored.encode("utf-8", "surrogatepass")
    if not isinstance(stored, bytes) or not stored:
        return False
    return compare_digest(stored, given.encode("utf-8", "surrogatepass"))
