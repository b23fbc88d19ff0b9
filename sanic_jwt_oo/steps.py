"""Every hook and step of `JWTAuth`: what an application may override.

A hook is called wherever it is defined, and receives just the parameters it
names. A step has a default and a fixed signature; overridden, it is taken on
every way that a request can take. Both may be sync or async.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any, Generic

from .exceptions import (
    AuthenticateNotImplemented,
    MeEndpointNotSetup,
    RefreshTokenNotImplemented,
    ScopesNotImplemented,
    UserSecretNotImplemented,
)
from .hooks import hook, step
from .installation import Installation
from .locations import read_fields
from .login import usual_accounts
from .types import KeyMaterial, MaybeAwaitable, Payload, Request, UserT


class Steps(Generic[UserT]):
    """The methods that an application overrides.

    Errors that they raise are the application's own and pass unchanged.
    """

    _sanic_jwt_oo: Installation
    """Everything that the package keeps on an instance."""

    # --- hooks: users -------------------------------------------------------

    @hook("request")
    def authenticate(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[UserT | None]:
        """Return the user whose credentials a request has; `(request)`.

        The parameters of the route are offered as well.

        Returns:
            The user: a dict, a record with keys as database drivers return
            it, or an object with a `to_dict` or the attribute that the
            setting `user_id` names. Anything falsy is a 401.

        Raises:
            AuthenticationFailed: Wrong credentials.
        """
        raise AuthenticateNotImplemented()

    @hook("request", "payload", by_position=2)
    def retrieve_user(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[UserT | None]:
        """Return the user that a payload names; `(request, payload)`.

        `None` means that the user no longer exists. `/me`, `inject_user` and
        `/refresh` need this hook.
        """
        raise MeEndpointNotSetup()

    @hook("user_id", "encode", by_position=0, by_name=("request",))
    def retrieve_user_secret(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[KeyMaterial | None]:
        """Return the secret of a user; `(user_id, encode, request)`.

        With an asymmetric algorithm, return the private key when `encode` is
        true and the public one when it is not. The id comes from a token
        that is not verified yet: for a user who does not exist, return `None`
        or raise `LookupError`. `request` may be `None`.
        """
        raise UserSecretNotImplemented()

    # --- hooks: tokens and scopes -------------------------------------------

    @hook("payload", "user", by_name=("request",))
    def extend_payload(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Payload]:
        """Return the payload with more claims; `(payload, user, request)`.

        `exp`, `iat` and `nbf` are seconds since the epoch. A `datetime` with
        a time zone may be written as well.

        `request` is `None` for a token that is issued without one.
        """
        payload: Payload = (
            kwargs["payload"] if "payload" in kwargs else args[0]
        )
        return payload

    @hook("user", by_name=("request",))
    def add_scopes_to_payload(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[str | Iterable[str] | None]:
        """Return the scopes of a user; `(user, request)`.

        One string, or any iterable of strings, including sets and generators.
        Defining it turns scopes on, unless `scopes_enabled` is set.
        """
        raise ScopesNotImplemented()

    @hook("scopes", by_name=("request",))
    def destructure_scopes(self, *args: Any, **kwargs: Any) -> Any:
        """Return the required scopes, rewritten; `(scopes, request)`."""
        return kwargs["scopes"] if "scopes" in kwargs else args[0]

    @hook(
        "is_valid",
        "required",
        "user_scopes",
        "require_all_actions",
        by_position=4,
        by_name=("request",),
    )
    def override_scope_validator(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[bool]:
        """Return whether one required scope is granted.

        `(is_valid, required, user_scopes, require_all_actions, request)`,
        where scopes are pairs of a namespace and a list of actions.
        """
        return bool(kwargs["is_valid"] if "is_valid" in kwargs else args[0])

    # --- hooks: refresh tokens and sessions ---------------------------------

    @hook("user_id", "refresh_token", "request", by_position=0)
    def store_refresh_token(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Store a refresh token; `(user_id, refresh_token, request)`."""
        raise RefreshTokenNotImplemented()

    @hook("user_id", "request", "refresh_token", by_position=0)
    def retrieve_refresh_token(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[str | bytes | None]:
        """Return a user's refresh token; `(user_id, request, refresh_token)`.

        The last one is the token that the request presents, for applications
        that store hashes: return it if its hash is the user's, and `None`
        otherwise.
        """
        raise RefreshTokenNotImplemented()

    @hook("request", "user", by_position=0)
    def generate_refresh_token(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[str]:
        """Return a new refresh token; `(request, user)`.

        The default has 256 random bits.
        """
        return secrets.token_urlsafe(32)

    @hook("request", "user")
    def session_label(self, *args: Any, **kwargs: Any) -> MaybeAwaitable[str]:
        """Return the name that a user knows a device by; `(request, user)`.

        The default is the `User-Agent` header. Up to 255 printable characters
        are kept.
        """
        request = kwargs["request"] if "request" in kwargs else args[0]
        if request is None:
            return ""
        return str(request.headers.get("user-agent", ""))

    # --- hooks: events ------------------------------------------------------

    @hook("event")
    def on_login(self, *args: Any, **kwargs: Any) -> MaybeAwaitable[Any]:
        """Called after a user has logged in; `(event)`."""

    @hook("event")
    def on_login_failed(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Called after an attempt to log in has failed; `(event)`."""

    @hook("event")
    def on_refresh(self, *args: Any, **kwargs: Any) -> MaybeAwaitable[Any]:
        """Called after a refresh token was used; `(event)`."""

    @hook("event")
    def on_refresh_reused(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Called when a refresh token is used a second time; `(event)`."""

    @hook("event")
    def on_logout(self, *args: Any, **kwargs: Any) -> MaybeAwaitable[Any]:
        """Called after a user has ended sessions; `(event)`."""

    @hook("event")
    def on_session_evicted(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Called after a login over `max_sessions` ended one; `(event)`."""

    @hook("event")
    def on_socket_closed(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Called after the end of access closed a WebSocket; `(event)`."""

    @hook("event")
    def on_token_rejected(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Called before a protected route refuses a request; `(event)`."""

    # --- steps: a request with a token --------------------------------------

    @step
    async def read_token(self, request: Request) -> str:
        """Return the access token of a request, not verified yet.

        Raises:
            MissingCredentials: There is no token.
            InvalidRequest: There is something else, or several tokens that
                differ.
        """
        return self._sanic_jwt_oo.gate.read_token(request)

    @step
    async def verify_token(
        self, token: str, request: Request | None = None
    ) -> Payload:
        """Return the payload of an access token.

        While a request is admitted this checks signature and claims, under
        the settings in force for that request: those of its route and of
        `get_<name>(request)`, and `override()`. Called from elsewhere, it
        checks revocation, custom claims and `extra_verifications` as well.

        An override may return a payload that it has made up. Such a token is
        not cached, and its revocation is checked where the payload has `sid`
        or `jti`.

        Args:
            token: An access token.
            request: The request that it came with, if any.

        Raises:
            InvalidToken: The token is not valid.
            SessionStoreUnavailable: Revocation cannot be checked.
        """
        return await self._sanic_jwt_oo.gate.verify_token(token, request)

    @step
    async def check_request(self, request: Request, payload: Payload) -> None:
        """Raise an exception to refuse a request whose token is valid.

        This is the last check. The default does nothing.

        Args:
            request: The request.
            payload: The payload of its token.
        """

    @step
    async def find_user(
        self, request: Request, payload: Payload | None
    ) -> UserT | None:
        """Return the user of a request; the default calls `retrieve_user`.

        `inject_user`, `current_user`, `/me` and refreshes take this step. A
        falsy user is no user.

        Args:
            request: The request.
            payload: The payload of its token; `None` if it has no valid one.
        """
        user: UserT | None
        user = await self._sanic_jwt_oo.users.retrieve(request, payload)
        return user

    @step
    async def held_scopes(
        self, request: Request, payload: Payload
    ) -> Sequence[str] | None:
        """Return the scopes that a token grants; `None` grants none.

        `scoped` and `authorize` take this step for an admitted request.
        """
        scopes: Sequence[str] | None
        scopes = self._sanic_jwt_oo.authorizer.claimed(request, payload)
        return scopes

    # --- steps: a new token -------------------------------------------------

    @step
    async def user_id_of(self, user: UserT) -> Any:
        """Return the id of a user, or `None`.

        Raises:
            InvalidRetrieveUserObject: It is no object that could have an id.
        """
        return await self._sanic_jwt_oo.issuer.user_id_of(user)

    @step
    async def build_payload(self, user: UserT) -> Payload:
        """Return the claims that name the user."""
        return await self._sanic_jwt_oo.issuer.build_payload(user)

    @step
    async def add_claims(self, payload: Payload, user: UserT) -> Payload:
        """Return the payload with the registered claims of RFC 7519.

        `exp`, `iat` and `nbf` are seconds since the epoch.
        """
        return self._sanic_jwt_oo.issuer.add_claims(payload)

    @step
    async def issue_refresh_token(
        self, request: Request | None, user: UserT
    ) -> str:
        """Make a refresh token, have it stored, and return it.

        Called where there is no session store. The default calls the hooks
        `generate_refresh_token` and `store_refresh_token`.

        Args:
            request: The request of the login, if there is one.
            user: The user.
        """
        flows = self._sanic_jwt_oo.flows
        return await flows.issue_refresh_token(request, user)

    @step
    async def read_refresh_token(self, request: Request) -> str:
        """Return the refresh token of a request, not verified yet.

        Refreshes and logouts take this step.

        Raises:
            MissingCredentials: There is no token.
            InvalidRequest: There is something else, or several tokens that
                differ.
        """
        return self._sanic_jwt_oo.refreshing.read_token(request)

    # --- steps: a login -----------------------------------------------------

    @step
    async def check_log_in_body(self, request: Request) -> None:
        """Refuse a body that `authenticate` does not expect.

        Override it to accept other forms of body.

        Raises:
            InvalidRequestBody: It is neither a JSON object nor a form.
        """
        read_fields(request)

    @step
    async def login_account(
        self, request: Request
    ) -> str | float | Sequence[str | float] | None:
        """Return the account that a login attempt counts against, or several.

        A failed attempt counts against the first. The others have counts of
        their own, for attempts that name them first, with the same limit.

        The default takes `username`, `email`, `name` and `login`, those that
        are a string or number, or a list that begins with one, from the body,
        read as JSON and as a form. Override it to name the field that your
        `authenticate` reads. The account need not exist, and is stored as a
        hash.
        """
        return usual_accounts(request)

    @step
    async def login_address(self, request: Request) -> str | None:
        """Return the address that a login attempt counts against, or `None`.

        The default is the client's address according to the proxy, if Sanic
        is configured to trust it, or else that of the connection.
        """
        return request.remote_addr or request.ip

    # --- steps that are sync ------------------------------------------------

    @step
    def random_secret(self) -> str:
        """Return a secret for this run, where none is set; sync."""
        return self._sanic_jwt_oo.random_secret()

    @step
    def now(self) -> float:
        """Return the time, in seconds since the epoch; sync."""
        return self._sanic_jwt_oo.system_time()
