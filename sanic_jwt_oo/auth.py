"""`JWTAuth`: the class that an application subclasses, and what it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from sanic import HTTPResponse, Request, Sanic
from typing_extensions import Never, Self, Unpack, final

from . import configuration, decorators, endpoints, responses, sockets
from .access import Required, check_without_store, overriding, state_of
from .endpoints import BaseEndpoint
from .exceptions import InitializationFailure, InvalidConfiguration
from .hooks.checks import check_attribute, check_class
from .installation import Installation, installation_of
from .integration import Installer, Target
from .login import Tokens
from .sessions import Cursor, Page, Session, Sessions, SessionStore
from .steps import Steps
from .tokens import (
    CacheInfo,
    Claim,
    Verification,
    named_scopes,
    scope_claim,
)
from .types import (
    Decorator,
    Injector,
    Payload,
    RequiredScopes,
    Settings,
    UserT,
)

_CHECKS = ("custom_claims", "extra_verifications")


class JWTAuth(Steps[UserT]):
    """Authentication with JSON Web Tokens for an application or blueprint.

    Subclass it, define hooks, override settings and responses, install:

        class MyAuth(JWTAuth[User]):
            class Configuration:
                expiration_delta = 15 * 60

            async def authenticate(self, request):
                ...

        auth = MyAuth(secret=...).install(app)

    An instance is one installation. The nested classes `Configuration` and
    `Responses` need not name a base; those of every class in the hierarchy
    are mixed together along its method resolution order. Hooks and steps are
    overridden; the methods below are called, and cannot be overridden.

    Args:
        class_views: Further endpoints: pairs of a path under `url_prefix`
            and a `BaseEndpoint` subclass.
        custom_claims: `Claim` subclasses for every token.
        extra_verifications: Callables that receive the payload of a verified
            token and return whether it is valid.
        session_store: Where sessions are kept; it turns on refresh tokens,
            logout and revocation. A class attribute of this name does the
            same.
        **settings: Settings by name, see `Configuration`.
    """

    Configuration: ClassVar[type[Any]] = configuration.Configuration
    Responses: ClassVar[type[Any]] = responses.Responses
    class_views: Sequence[tuple[str, type[BaseEndpoint]]] = ()
    custom_claims: Sequence[type[Claim]] = ()
    extra_verifications: Sequence[Verification] = ()
    session_store: SessionStore | None = None
    login_body: type[Any] | None = None
    """Describes the body of a login in the OpenAPI document of sanic-ext: a
    dataclass, a `TypedDict` or a pydantic model. Nothing is validated."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        check_class(cls, JWTAuth)
        for name in ("Configuration", "Responses"):
            setattr(cls, name, _compose_nested(cls, name))

    def __init__(
        self,
        *,
        class_views: Sequence[tuple[str, type[BaseEndpoint]]] = (),
        custom_claims: Sequence[type[Claim]] = (),
        extra_verifications: Sequence[Verification] = (),
        session_store: SessionStore | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        self._sanic_jwt_oo = Installation(self)
        self.app: Sanic[Any, Any] | None = None
        self.instance: Target | None = None
        self.responses: responses.Responses = self.Responses._made_for(self)
        self.configure(
            class_views,
            custom_claims,
            extra_verifications,
            session_store,
            **settings,
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Stay the same installation when Sanic copies a blueprint."""
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        check_attribute(type(self), JWTAuth, name)
        super().__setattr__(name, value)
        self._resettle(name)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        self._resettle(name)

    def _resettle(self, name: str) -> None:
        """Use a step or check that was set on an installed instance."""
        installation = vars(self).get("_sanic_jwt_oo")
        if (
            installation is not None
            and installation.is_settled
            and (name in installation.steps.watched or name in _CHECKS)
        ):
            installation.settle_steps()

    # --- setting up ---------------------------------------------------------

    @final
    def configure(
        self,
        class_views: Sequence[tuple[str, type[BaseEndpoint]]] = (),
        custom_claims: Sequence[type[Claim]] = (),
        extra_verifications: Sequence[Verification] = (),
        session_store: SessionStore | None = None,
        **settings: Any,
    ) -> None:
        """Add to what the class says; the arguments are those of `JWTAuth`.

        After `.install()`, settings alone can be changed, those that a
        request or a block could change as well. Requests that are being
        handled may see either value.

        Raises:
            InvalidConfiguration: A setting cannot change any more.
        """
        installation = self._sanic_jwt_oo
        if installation.is_settled:
            if (
                class_views
                or custom_claims
                or extra_verifications
                or session_store
            ):
                raise InitializationFailure(
                    "This is installed already: only settings can change."
                )
            installation.policies.change(installation.changes(settings))
            return
        self.session_store = session_store or self.session_store
        self.class_views = (*self.class_views, *class_views)
        self.custom_claims = (*self.custom_claims, *custom_claims)
        self.extra_verifications = (
            *self.extra_verifications,
            *extra_verifications,
        )
        installation.given.update(settings)

    @final
    def install(
        self, target: Target, app: Sanic[Any, Any] | None = None
    ) -> Self:
        """Add the endpoints to an application, a blueprint or a group of them.

        A blueprint may be registered before or after; its application's
        settings are read once it is.

        Args:
            target: Where to install.
            app: The application, to have its settings read at once although
                a blueprint is not registered yet.

        Returns:
            The object itself.

        Raises:
            InvalidConfiguration: A setting cannot work, or a hook that an
                enabled feature needs is missing. On a blueprint that is not
                registered yet, this is raised when it is.
            InitializationFailure: `target` is something else, or this
                object is installed already.
        """
        installation = installation_of(self)
        if installation is None:
            raise InitializationFailure(
                f"{type(self).__name__}.__init__ does not call that of its "
                "base: write super().__init__(**settings)."
            )
        Installer(installation, JWTAuth).install(target, app)
        return self

    # --- decorators ---------------------------------------------------------

    @final
    def protected(
        self,
        *misplaced: Never,
        redirect_on_fail: bool = False,
        redirect_url: str | None = "",
        **settings: Unpack[Settings],
    ) -> Decorator:
        """Refuse requests without a valid token before they reach a handler.

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
            **_route_settings(self, settings),
        )

    @final
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
        """Refuse requests whose token does not grant `scopes`.

        See `sanic_jwt_oo.decorators.scoped`.

        Raises:
            InvalidConfiguration: `scopes` cannot be required, or a setting
                is unknown or cannot work.
        """
        if not (scopes and (callable(scopes) or named_scopes(scopes))):
            raise InvalidConfiguration(
                f"{scopes!r} is not a scope; use protected() for a route that "
                "needs none."
            )
        return decorators.scoped(
            scopes,
            require_all,
            require_all_actions,
            self,
            redirect_on_fail=redirect_on_fail,
            redirect_url=redirect_url,
            **_route_settings(self, settings),
        )

    @final
    def inject_user(
        self, *misplaced: Never, **settings: Unpack[Settings]
    ) -> Injector:
        """Pass the user of the token to a handler, as its argument `user`.

        See `sanic_jwt_oo.decorators.inject_user`.

        Raises:
            InitializationFailure: There were no parentheses.
            InvalidConfiguration: A setting is unknown or cannot work.
        """
        return decorators.inject_user(
            self, *misplaced, **_route_settings(self, settings)
        )

    # --- settings -----------------------------------------------------------

    @final
    @property
    def config(self) -> configuration.Configuration:
        """The settings that were made at install.

        Raises:
            InitializationFailure: There are none yet.
        """
        return self._sanic_jwt_oo.policies.base.settings

    @final
    def settings(
        self, request: Request | None = None
    ) -> configuration.Configuration:
        """Return the settings that are in force.

        Args:
            request: The request they are for; by default the one that is
                being handled, if any.
        """
        return self._sanic_jwt_oo.policies.in_force(request).settings

    @final
    def override(
        self, **settings: Unpack[Settings]
    ) -> AbstractContextManager[None]:
        """Override settings inside a `with` block.

        Other requests and tasks do not see them.

        Raises:
            InvalidConfiguration: A name is unknown, or shapes routes.
        """
        installation = self._sanic_jwt_oo
        return overriding(installation, installation.changes(settings))

    # --- a request with a token ---------------------------------------------

    @final
    async def check(self, request: Request) -> Payload:
        """Return the payload of a request's token, or refuse the request.

        However often it is called, a request is verified once, and has one
        payload, which no other request sees.

        Raises:
            Unauthorized: There is no valid token.
            CSRFFailed: It is in a cookie, and another site may have caused
                the request.
            InvalidRequest: There are several that differ.
        """
        state = await self._sanic_jwt_oo.gate.require_token(request)
        return state.claims()

    @final
    async def verify_request(self, request: Request) -> Payload:
        """Return the payload of a request's token, or raise the error.

        Raises:
            MissingCredentials: There is no token.
            InvalidToken: It is not valid.
            CSRFFailed: See `check`.
            InvalidRequest: There is something else, or several.
            SessionStoreUnavailable: Revocation cannot be checked.
        """
        installation = self._sanic_jwt_oo
        state = state_of(request, installation, True)
        state = await installation.gate.examine(request, state)
        return state.claims()

    @final
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
            route_parameters: Offered to a callable, with the request.

        Raises:
            Unauthorized: With status 403 (RFC 6750 section 3.1).
        """
        await self._sanic_jwt_oo.authorizer.authorize(
            request,
            Required.of(scopes, require_all, require_all_actions),
            route_parameters or {},
        )

    @final
    async def is_authenticated(self, request: Request) -> bool:
        """Return whether a request has a valid token."""
        return await self._sanic_jwt_oo.gate.admitted(request) is not None

    @final
    async def extract_payload(self, request: Request) -> Payload | None:
        """Return a copy of the payload of a request's token, if valid."""
        state = await self._sanic_jwt_oo.gate.admitted(request)
        return None if state is None else state.token.payload()

    @final
    async def extract_user_id(self, request: Request) -> Any:
        """Return the user id in a request's token, if that is valid."""
        payload = await self.extract_payload(request)
        policy = self._sanic_jwt_oo.policies.in_force(request)
        return payload and payload.get(policy.settings.user_id)

    @final
    async def extract_scopes(self, request: Request) -> Any:
        """Return the claim with the scopes of a request's valid token.

        Of a claim that is one string, the list of its words.
        """
        payload = await self.extract_payload(request)
        policy = self._sanic_jwt_oo.policies.in_force(request)
        return payload and scope_claim(payload, policy.settings._scope_claims)

    @final
    async def current_user(self, request: Request) -> UserT | None:
        """Return the user of a request, or `None` if it has no valid token.

        A falsy user, whatever its type, is no user: `None`.

        Raises:
            AuthenticationFailed: The route is protected, and the user that
                the token names does not exist.
        """
        user: UserT | None
        user = await self._sanic_jwt_oo.users.current(request)
        return user

    @final
    async def renew(self, ws: Any, token: str) -> None:
        """Have an open WebSocket live with a newer token of the same user.

        The token is checked as that of a request is, with the request of the
        handshake and the settings of its route. Then the claims, the scopes
        and the user of that request are those of the token, and the socket is
        open until the token or its session ends. A token that is refused
        changes nothing: the socket stays open as long as it was to.

        Args:
            ws: The socket, as its handler received it.
            token: An access token that ends no sooner than the one before.

        Raises:
            Unauthorized: The token is not valid, belongs to another user or
                ends sooner; or the socket is closed. With status 403 it
                lacks a scope that the route requires, and the socket is
                closed with the code 3003.
            SessionStoreUnavailable: Revocation cannot be checked.
        """
        await sockets.renew(self._sanic_jwt_oo, ws, token)

    @final
    def cache_info(self) -> CacheInfo:
        """Return counts of the cache of verified tokens, and its size.

        Each worker process has a cache of its own, and counts on its own. So
        has a route whose decorator sets other keys; it is not counted here.
        """
        return self._sanic_jwt_oo.policies.base.codec.cache.info()

    # --- logging in ---------------------------------------------------------

    @final
    async def log_in(self, request: Request, **route_parameters: Any) -> UserT:
        """Return the user that a login request proves to be.

        Raises:
            AuthenticationFailed: Wrong credentials.
            InvalidRequestBody: Its body is neither object nor form.
            TooManyAttempts: A `login_limit_...` is reached.
            LoginLimitUnavailable: Attempts cannot be counted.
        """
        flows = self._sanic_jwt_oo.flows
        user: UserT = await flows.log_in(request, **route_parameters)
        return user

    @final
    async def issue_tokens(
        self, user: UserT, *, request: Request | None = None
    ) -> Tokens:
        """Log a user in: start a session, if there is a store; issue tokens.

        This is what `POST /auth` does once `authenticate` has returned the
        user. It checks neither origin nor limits.

        Args:
            user: The user, as `authenticate` would return it.
            request: The request, if there is one: for its settings, the label
                of the session, and events.

        Raises:
            AuthenticationFailed: The user has no id.
            SessionStoreUnavailable: The session cannot be stored.
        """
        return await self._sanic_jwt_oo.flows.issue_tokens(user, request)

    @final
    async def token_response(
        self, request: Request, tokens: Tokens
    ) -> HTTPResponse:
        """Return the response to a login: tokens in its body or in cookies.

        Args:
            request: The request that it responds to.
            tokens: What `issue_tokens` has returned.
        """
        responder = self._sanic_jwt_oo.responder
        return await responder.after_login(request, tokens)

    @final
    async def generate_access_token(
        self,
        user: UserT,
        extend_payload: Callable[..., Any] | None = None,
        custom_claims: Sequence[type[Claim]] = (),
    ) -> str:
        """Return an access token for a user, and start no session.

        Args:
            user: The user, as `authenticate` would return it.
            extend_payload: A last change to this one payload; offered
                `payload`, `user` and `request`, returns the payload.
            custom_claims: Claims of this token only.

        Raises:
            MissingUserId: The user has no id.
            InvalidPayload: A hook returned no dict, or a time without a
                time zone.
        """
        issuer = self._sanic_jwt_oo.issuer
        grant = await issuer.grant_for(user)
        return await issuer.access_token(grant, extend_payload, custom_claims)

    # --- sessions -----------------------------------------------------------

    @final
    @property
    def sessions(self) -> Sessions:
        """The sessions of the session store.

        Raises:
            InitializationFailure: There is no session store.
        """
        sessions = self._sanic_jwt_oo.sessions
        if sessions is None:
            raise _no_sessions(self)
        return sessions

    @final
    async def log_out(self, request: Request) -> None:
        """End the session that a request belongs to.

        Its refresh token names it, or else its access token, which may have
        expired. An access token that belongs to no session is revoked alone.
        A refresh token that was used before ends its session as it does at a
        refresh.

        Raises:
            Unauthorized: There is no valid token.
            CSRFFailed: Another site may have caused the request.
            AuthenticationFailed: The refresh token was used before, or the
                two tokens are of different sessions; or the access token
                belongs to no session here and has no id.
        """
        await self._sanic_jwt_oo.own_sessions.log_out(request)

    @final
    async def log_out_everywhere(self, request: Request) -> None:
        """End every session of the user of a request; see `log_out`."""
        await self._sanic_jwt_oo.own_sessions.log_out_everywhere(request)

    @final
    async def sessions_of(self, request: Request) -> list[Session]:
        """Return the sessions of the user of a request.

        Raises:
            Unauthorized: There is no valid token.
            AuthenticationFailed: Its user id is no string or number.
        """
        return await self._sanic_jwt_oo.own_sessions.list(request)

    @final
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
            Unauthorized: There is no valid token.
            AuthenticationFailed: Its user id is no string or number.
        """
        return await self._sanic_jwt_oo.own_sessions.page(
            request, limit=limit, after=after
        )

    @final
    async def end_session(self, request: Request, session_id: str) -> None:
        """End a session of the user of a request.

        Raises:
            Unauthorized: There is no valid token.
            SessionNotFound: The user has no such session.
        """
        await self._sanic_jwt_oo.own_sessions.end(request, session_id)

    @final
    async def end_all_sessions(self) -> int:
        """End all sessions of all users, and their access tokens with them.

        This is for the day on which a key or the session store has leaked,
        after the key was replaced. Every session that there was when it
        began has ended when it returns, also those that are refreshed
        meanwhile. It ends them a few at a time, so that the store goes on
        responding, and sends no events.

        Returns:
            How many have ended.

        Raises:
            SessionStoreUnavailable: The store does not respond. Some sessions
                have ended; call it again.
            InitializationFailure: There is no session store.
        """
        installation = self._sanic_jwt_oo
        if installation.sessions is None:
            raise _no_sessions(self)
        return await installation.sessions.revoke_everyone()

    @final
    def delete_cookies(self, response: HTTPResponse, request: Request) -> None:
        """Delete the cookies with tokens, in the response to a logout.

        Does nothing if cookies are off. The logout endpoints call it.
        Path, domain and prefix are those that the cookies were written with;
        so call it on a route that has the settings, and the parameters in
        its path, of the login.

        Args:
            response: The response that deletes them.
            request: The request that it responds to.
        """
        self._sanic_jwt_oo.cookies.delete(response, request)


def _no_sessions(auth: JWTAuth[Any]) -> InitializationFailure:
    return InitializationFailure(
        f"{type(auth).__name__} keeps no sessions: it has no session_store, "
        "or is not installed yet.",
        500,
    )


def _route_settings(
    auth: JWTAuth[Any], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the checked settings of a decorator."""
    fixed = {n: v for n, v in settings.items() if not callable(v)}
    if auth.session_store is None:
        check_without_store(
            fixed.get("revocation_check"), fixed.get("socket_ends_with")
        )
    return {**settings, **auth.Configuration.changes(fixed)}


def _compose_nested(cls: type, name: str) -> type:
    """Mix the nested classes called `name` along a class's MRO."""
    found = [vars(k)[name] for k in cls.__mro__ if name in vars(k)]
    # one that another one derives from takes part through that one
    bases = [
        nested
        for nested in dict.fromkeys(found)
        if not any(
            issubclass(other, nested) for other in found if other is not nested
        )
    ]
    if len(bases) == 1:
        base: type = bases[0]
        return base
    return type(name, tuple(bases), {"__module__": cls.__module__})


# Annotations of these modules name the class, and frameworks resolve them.
for _module in (endpoints, responses):
    vars(_module)["JWTAuth"] = JWTAuth
