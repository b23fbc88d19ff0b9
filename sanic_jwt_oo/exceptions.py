"""Every error this package raises, as one tree under `SanicJWTException`.

Each class carries its HTTP status, the reasons a client may read, and the
RFC 6750 error code of its challenge. An error may also carry a `detail` that
only an application in debug mode shows. The upper half of the module is about
requests, the lower half about set-up mistakes, which `.install()` raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sanic.exceptions import SanicException
from sanic.exceptions import Unauthorized as SanicUnauthorized

_NOT_QUOTABLE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class InsecureSecretWarning(UserWarning):
    """A secret that is safe for development only is in use."""


class SanicJWTException(SanicException):
    """Base of the tree; catch it to catch everything of this package.

    Args:
        message: One reason, or several; the class default when left out.
        status_code: HTTP status of this one instance.
        detail: What only an application in debug mode tells its client.
        error: RFC 6750 error code of this one instance.
        scope: The scopes that would have been needed.
        headers: Further response headers.
        quiet: Whether Sanic keeps the traceback out of its log; by default
            that of a refusal.
    """

    status_code: int = 500
    default_message: str = "Authentication error."
    error: str | None = None

    def __init__(
        self,
        message: str | Sequence[str] | None = None,
        status_code: int | None = None,
        *,
        detail: str | None = None,
        error: str | None = None,
        scope: Iterable[str] = (),
        headers: dict[str, Any] | None = None,
        quiet: bool | None = None,
        context: dict[str, Any] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        if message is None:
            message = self.default_message
        self.reasons: list[str] = (
            [message] if isinstance(message, str) else [*message]
        )
        self.detail: str | None = detail
        self.error: str | None = error or type(self).error
        self.scope: tuple[str, ...] = tuple(scope)
        status = status_code or type(self).status_code
        SanicException.__init__(
            self,
            " ".join(self.reasons),
            status,
            quiet=(status < 500) if quiet is None else quiet,
            context=context,
            extra=extra,
        )
        self.headers: dict[str, Any] = {
            **(headers or {})
        }  # Sanic's default is shared
        if self.status_code == 401 or self.error:
            self.headers["WWW-Authenticate"] = self.challenge()

    def told(self, debug: bool) -> list[str]:
        """Return the reasons a client reads; debug mode says more (L1)."""
        if debug:
            return [self.detail] if self.detail else self.reasons
        return (
            self.reasons if self.status_code < 500 else [self.default_message]
        )

    def challenge(self, realm: str = "api") -> str:
        """Return the `WWW-Authenticate` value (RFC 6750 section 3)."""
        parameters = {"realm": realm}
        if self.error:
            parameters["error"] = self.error
            parameters["error_description"] = " ".join(self.reasons)
        if self.scope:
            parameters["scope"] = " ".join(self.scope)
        return "Bearer " + ", ".join(
            f'{name}="{_NOT_QUOTABLE.sub("?", value)}"'
            for name, value in parameters.items()
        )


# --- a request is refused ---------------------------------------------------


class AuthenticationFailed(SanicJWTException):
    """The caller could not prove who they are."""

    status_code: int = 401
    default_message: str = "Authentication failed."


class Unauthorized(SanicJWTException, SanicUnauthorized):
    """A protected route, or one of its scopes, is closed to this request."""

    status_code: int = 401
    default_message: str = "Auth required."


class CSRFFailed(Unauthorized):
    """Another site may have made a browser send this request.

    The method is unsafe, the token is in a cookie, and its CSRF value is in
    no header; or a log-in, refresh or log-out comes from a page of another
    site.
    """

    status_code: int = 403
    default_message: str = "CSRF value missing or wrong."


class MissingCredentials(SanicJWTException):
    """No token stands where one is read from."""

    status_code: int = 401
    default_message: str = "Credentials not present."


class MissingAuthorizationHeader(MissingCredentials):
    """The authorization header is absent."""

    default_message: str = "Authorization header not present."


class MissingAuthorizationCookie(MissingCredentials):
    """The token cookie is absent and nothing else may be read."""

    default_message: str = "Authorization cookie not present."


class MissingAuthorizationQueryArg(MissingCredentials):
    """The query argument is absent and nothing else may be read."""

    default_message: str = "Authorization query argument not present."


class InvalidRequest(SanicJWTException):
    """The request is malformed (RFC 6750 section 3.1)."""

    status_code: int = 400
    error: str | None = "invalid_request"
    default_message: str = "Invalid request."


class InvalidAuthorizationHeader(InvalidRequest):
    """The authorization header is not `<prefix> <token>`."""

    default_message: str = "Authorization header is invalid."


class ConflictingCredentials(InvalidRequest):
    """Several credentials came in one request (RFC 6750 section 2)."""

    default_message: str = "More than one credential in the request."


class InvalidRequestBody(InvalidRequest):
    """The body of a log-in or refresh request has not the expected form."""

    error: str | None = None
    default_message: str = "The request body must be a JSON object or a form."


class CookieTooLarge(SanicJWTException):
    """The token does not fit into a cookie (RFC 6265 section 6.1)."""

    status_code: int = 431
    default_message: str = "The access token is too large for a cookie."


class InvalidToken(SanicJWTException):
    """A token was refused.

    What is wrong with a token whose signature did not hold is told in
    `detail` only, never to the client of an application in production.
    """

    status_code: int = 401
    error: str | None = "invalid_token"
    default_message: str = "Auth required."


class ExpiredToken(InvalidToken):
    """The token was good once: `exp` has passed."""

    default_message: str = "Signature has expired."


class InvalidCustomClaimError(InvalidToken):
    """A custom claim refused the value in the token."""

    default_message: str = "Custom claim value was not met."


class InvalidVerificationError(InvalidToken):
    """One of the `extra_verifications` refused the payload."""

    default_message: str = "Verifications were not met."


class InvalidCustomClaim(InvalidToken):
    """A custom claim is not written the way `Claim` asks for."""

    default_message: str = "Custom claim is invalid."


class InvalidVerification(InvalidToken):
    """One of the `extra_verifications` does not return a boolean."""

    default_message: str = (
        "Verifications must be a callable object returning a boolean value."
    )


class MeEndpointNotSetup(SanicJWTException):
    """`/me` was asked for and the application has no `retrieve_user`."""

    status_code: int = 404
    default_message: str = "This application does not publish its users."


class SessionNotFound(SanicJWTException):
    """A user has no session of that id."""

    status_code: int = 404
    default_message: str = "There is no such session."


class RetryLater(SanicJWTException):
    """The same request may be let in later.

    Args:
        retry_after: After how many seconds a client may try again.
    """

    status_code: int = 503
    default_message: str = "Try again later."

    def __init__(
        self,
        message: str | Sequence[str] | None = None,
        *,
        retry_after: int = 5,
        **options: Any,
    ) -> None:
        headers = {"Retry-After": str(retry_after)}
        super().__init__(message, headers=headers, quiet=True, **options)


class TooManyAttempts(RetryLater):
    """An account or an address has used up its attempts to log in."""

    status_code: int = 429
    default_message: str = "Too many attempts; try again later."


class LoginLimitUnavailable(RetryLater):
    """The attempts to log in cannot be counted, so nobody may make one."""

    default_message: str = "Log-ins cannot be checked at the moment."


class SessionStoreUnavailable(RetryLater):
    """The session store does not answer, so nobody is let in."""

    default_message: str = "Sessions cannot be checked at the moment."


# --- the application is not set up properly ---------------------------------


class InvalidConfiguration(SanicJWTException):
    """A setting cannot work; the message names it and the way out."""

    default_message: str = "Invalid configuration."


class InitializationFailure(InvalidConfiguration):
    """An installation or a decorator was put on the wrong thing."""

    default_message: str = (
        "Install on a Sanic application, a Blueprint or a blueprint group."
    )


class WeakSecret(InvalidConfiguration):
    """An HMAC secret is shorter than its hash (RFC 7518 section 3.2)."""

    default_message: str = "The secret is too short."


class RequiredKeysNotFound(InvalidConfiguration):
    """An asymmetric algorithm is missing one of its keys."""

    default_message: str = "An asymmetric algorithm needs its keys."


class ProvidedPathNotFound(InvalidConfiguration):
    """A key was given as a path and there is no such file."""

    default_message: str = "The path given for a key is not a file."


class InvalidClassViewsFormat(InvalidConfiguration):
    """`class_views` has an entry of the wrong form."""

    default_message: str = (
        "class_views takes pairs of a path and a subclass of BaseEndpoint."
    )


class HookNotImplemented(InvalidConfiguration):
    """An enabled feature needs a hook that nobody wrote."""

    default_message: str = "A hook is missing."


class AuthenticateNotImplemented(HookNotImplemented):
    """`auth_mode` is on and there is no `authenticate`."""

    default_message: str = (
        "Define authenticate(), or set auth_mode = False for a service "
        "that only verifies tokens."
    )


class RefreshTokenNotImplemented(HookNotImplemented):
    """Refresh tokens are on and one of their hooks is missing."""

    default_message: str = (
        "Refresh tokens need store_refresh_token(), retrieve_refresh_token() "
        "and retrieve_user()."
    )


class ScopesNotImplemented(HookNotImplemented):
    """Scopes are on and there is no `add_scopes_to_payload`."""

    default_message: str = (
        "Define add_scopes_to_payload(), or set scopes_enabled = False."
    )


class UserSecretNotImplemented(HookNotImplemented):
    """User secrets are on and there is no `retrieve_user_secret`."""

    default_message: str = (
        "Define retrieve_user_secret(), or set user_secret_enabled = False."
    )


class InvalidRetrieveUserObject(SanicJWTException):
    """A user is neither a mapping nor an object that can become one."""

    default_message: str = (
        "A user must be a dict, or have a method to_dict or __json__."
    )


class InvalidPayload(SanicJWTException):
    """No token can be made of a payload."""

    default_message: str = "The token could not be issued."


class MissingUserId(InvalidPayload):
    """A user has no id, and gets no token."""

    default_message: str = "The user has no id."


class MissingRegisteredClaim(SanicJWTException):
    """`extend_payload` dropped a claim that the settings ask for."""

    default_message: str = "extend_payload() removed claims that must stay."


class LoopNotRunning(SanicJWTException):
    """Kept for imports of old applications; nothing raises it."""

    default_message: str = "The event loop is not running."
