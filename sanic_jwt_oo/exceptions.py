"""All errors that this package raises, in one tree under `SanicJWTException`.

Each class has an HTTP status, the reasons sent to the client, and the RFC
6750 error code of its challenge. An error may also have a `detail`, which is
sent only in debug mode. The first part of the module contains the errors of
requests, the second part the configuration errors that `.install()` raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sanic.exceptions import SanicException
from sanic.exceptions import Unauthorized as SanicUnauthorized

__all__ = [
    "AuthenticateNotImplemented",
    "AuthenticationFailed",
    "CSRFFailed",
    "ConflictingCredentials",
    "CookieTooLarge",
    "ExpiredToken",
    "HookNotImplemented",
    "InitializationFailure",
    "InsecureSecretWarning",
    "InvalidAuthorizationHeader",
    "InvalidClassViewsFormat",
    "InvalidConfiguration",
    "InvalidCustomClaim",
    "InvalidCustomClaimError",
    "InvalidPayload",
    "InvalidRequest",
    "InvalidRequestBody",
    "InvalidRetrieveUserObject",
    "InvalidToken",
    "InvalidVerification",
    "InvalidVerificationError",
    "LoginLimitUnavailable",
    "LoopNotRunning",
    "MeEndpointNotSetup",
    "MissingAuthorizationCookie",
    "MissingAuthorizationHeader",
    "MissingAuthorizationQueryArg",
    "MissingCredentials",
    "MissingRegisteredClaim",
    "MissingUserId",
    "ProvidedPathNotFound",
    "RefreshTokenNotImplemented",
    "RequiredKeysNotFound",
    "RetryLater",
    "SanicJWTException",
    "ScopesNotImplemented",
    "SessionNotFound",
    "SessionStoreUnavailable",
    "TooManyAttempts",
    "Unauthorized",
    "UserSecretNotImplemented",
    "WeakSecret",
]

_NOT_QUOTABLE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class InsecureSecretWarning(UserWarning):
    """A secret is in use that is only suitable for development."""


class SanicJWTException(SanicException):
    """The base class of all errors of this package.

    Args:
        message: One reason or several; by default the class attribute
            `message`, or else `default_message`.
        status_code: The HTTP status; by default that of the class.
        detail: A more specific reason, sent to the client only in debug
            mode.
        error: The RFC 6750 error code; by default that of the class.
        scope: The scopes that the request requires; of one text, its words.
        headers: Additional response headers; by default those of the class.
        quiet: Whether Sanic omits the traceback from its log; by default if
            the status is below 500.
        context: See `SanicException`.
        extra: See `SanicException`.

    Attributes:
        reasons: The reasons.
        detail: The argument `detail`.
        error: The RFC 6750 error code, or `None`.
        scope: The scopes that the request requires.
        headers: The response headers, including the challenge.
    """

    status_code: int = 500
    default_message: str = "Authentication error."
    error: str | None = None

    def __init__(
        self,
        message: str | bytes | Sequence[str] | None = None,
        status_code: int | None = None,
        *,
        detail: str | None = None,
        error: str | None = None,
        scope: str | Iterable[str] = (),
        headers: dict[str, Any] | None = None,
        quiet: bool | None = None,
        context: dict[str, Any] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        if message is None:
            message = type(self).message or self.default_message
        if isinstance(message, bytes):
            message = message.decode(errors="replace")
        self.reasons: list[str] = (
            [message] if isinstance(message, str) else [*message]
        )
        self.detail: str | None = detail
        self.error: str | None = error or type(self).error
        self.scope: tuple[str, ...] = tuple(
            scope.split() if isinstance(scope, str) else scope
        )
        status = status_code or type(self).status_code
        SanicException.__init__(
            self,
            " ".join(self.reasons),
            status,
            quiet=(status < 500) if quiet is None else quiet,
            context=context,
            extra=extra,
        )
        # A new dict: Sanic's default is shared by all instances.
        self.headers: dict[str, Any] = {**(headers or type(self).headers)}
        if self.status_code == 401 or self.error:
            self.headers["WWW-Authenticate"] = self.challenge()

    def public_reasons(self, debug: bool) -> list[str]:
        """Return the reasons to send to the client.

        Args:
            debug: Whether to include what is not public: the `detail`, and
                the reasons of an error with a status of 500 or more.
        """
        if debug:  # requirement L1
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
    """The credentials of a login are not valid."""

    status_code: int = 401
    default_message: str = "Authentication failed."


class Unauthorized(SanicJWTException, SanicUnauthorized):
    """The request is not authorized for a protected route or its scopes.

    Args:
        message: One reason or several; by default `default_message`.
        status_code: The HTTP status; by default that of the class.
        realm: The realm of the challenge; by default that of the response.
        **options: Further arguments of `SanicJWTException`.
    """

    status_code: int = 401
    default_message: str = "Auth required."

    def __init__(
        self,
        message: str | bytes | Sequence[str] | None = None,
        status_code: int | None = None,
        *,
        realm: str | None = None,
        **options: Any,
    ) -> None:
        self._realm = realm
        super().__init__(message, status_code, **options)

    def challenge(self, realm: str = "api") -> str:
        """Return the `WWW-Authenticate` value, with the realm it was given."""
        return super().challenge(self._realm or realm)


class CSRFFailed(Unauthorized):
    """The request may be a cross-site request forgery.

    Its method is unsafe, its token is in a cookie and the CSRF value of the
    token is not in a header; or it is a cross-site login, refresh or logout,
    or a cross-site WebSocket with a token in a cookie.
    """

    status_code: int = 403
    default_message: str = "CSRF value missing or wrong."


class MissingCredentials(SanicJWTException):
    """The request contains no token in any enabled location."""

    status_code: int = 401
    default_message: str = "Credentials not present."


class MissingAuthorizationHeader(MissingCredentials):
    """The authorization header is absent.

    A request without a token gets a 401. Raised by a hook, it is a 400.
    """

    status_code: int = 400
    default_message: str = "Authorization header not present."


class MissingAuthorizationCookie(MissingCredentials):
    """The token cookie is absent and no other location is read.

    A request without a token gets a 401. Raised by a hook, it is a 400.
    """

    status_code: int = 400
    default_message: str = "Authorization cookie not present."


class MissingAuthorizationQueryArg(MissingCredentials):
    """The query argument is absent and no other location is read.

    A request without a token gets a 401. Raised by a hook, it is a 400.
    """

    status_code: int = 400
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
    """The request contains several credentials (RFC 6750 section 2)."""

    default_message: str = "More than one credential in the request."


class InvalidRequestBody(InvalidRequest):
    """The body of a login or refresh request is malformed."""

    error: str | None = None
    default_message: str = "The request body must be a JSON object or a form."


class CookieTooLarge(SanicJWTException):
    """The token does not fit into a cookie (RFC 6265 section 6.1)."""

    status_code: int = 431
    default_message: str = "The access token is too large for a cookie."


class InvalidToken(SanicJWTException):
    """The token is not valid.

    If its signature was not verified, the cause is only in `detail`, which
    no client receives outside debug mode.
    """

    status_code: int = 401
    error: str | None = "invalid_token"
    default_message: str = "Auth required."


class ExpiredToken(InvalidToken):
    """The token has expired (`exp`)."""

    default_message: str = "Signature has expired."


class InvalidCustomClaimError(InvalidToken):
    """A custom claim rejected the value in the token."""

    default_message: str = "Custom claim value was not met."


class InvalidVerificationError(InvalidToken):
    """One of the `extra_verifications` rejected the payload."""

    default_message: str = "Verifications were not met."


class InvalidCustomClaim(InvalidToken):
    """A custom claim does not implement the interface of `Claim`."""

    default_message: str = "Custom claim is invalid."


class InvalidVerification(InvalidToken):
    """One of `extra_verifications` is not callable or returns no boolean."""

    default_message: str = (
        "Verifications must be a callable object returning a boolean value."
    )


class MeEndpointNotSetup(SanicJWTException):
    """The endpoint `/me` was called, but there is no `retrieve_user`."""

    status_code: int = 404
    default_message: str = "This application does not publish its users."


class SessionNotFound(SanicJWTException):
    """The user has no session with this id."""

    status_code: int = 404
    default_message: str = "There is no such session."


class RetryLater(SanicJWTException):
    """The request cannot be accepted now; the client may repeat it later.

    Args:
        message: One reason or several; by default `default_message`.
        retry_after: The value of the header `Retry-After`, in seconds.
        options: Further arguments of `SanicJWTException`.
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
    """An account or an IP address has exceeded a login limit."""

    status_code: int = 429
    default_message: str = "Too many attempts; try again later."


class LoginLimitUnavailable(RetryLater):
    """The storage of login limits does not respond, so logins are refused."""

    default_message: str = "Logins cannot be checked at the moment."


class SessionStoreUnavailable(RetryLater):
    """The session store does not respond, so the request is refused."""

    default_message: str = "Sessions cannot be checked at the moment."


# --- the application is not set up properly ---------------------------------


class InvalidConfiguration(SanicJWTException):
    """A setting is invalid; the message says how to correct it."""

    default_message: str = "Invalid configuration."


class InitializationFailure(InvalidConfiguration):
    """An installation or a decorator was applied to an invalid target."""

    default_message: str = (
        "Install on a Sanic application, a Blueprint or a blueprint group."
    )


class WeakSecret(InvalidConfiguration):
    """An HMAC secret is shorter than the hash (RFC 7518 section 3.2)."""

    default_message: str = "The secret is too short."


class RequiredKeysNotFound(InvalidConfiguration):
    """A key for an asymmetric algorithm is missing."""

    default_message: str = "An asymmetric algorithm needs its keys."


class ProvidedPathNotFound(RequiredKeysNotFound):
    """The path of a key does not exist or is not a file."""

    default_message: str = "The path given for a key is not a file."


class InvalidClassViewsFormat(InvalidConfiguration):
    """`class_views` contains an invalid entry."""

    default_message: str = (
        "class_views takes pairs of a path and a subclass of BaseEndpoint."
    )


class HookNotImplemented(InvalidConfiguration):
    """A hook is missing that an enabled feature requires."""

    default_message: str = "A hook is missing."


class AuthenticateNotImplemented(HookNotImplemented):
    """`auth_mode` is enabled, but there is no `authenticate`."""

    default_message: str = (
        "Define authenticate(), or set auth_mode = False for a service "
        "that only verifies tokens."
    )


class RefreshTokenNotImplemented(HookNotImplemented):
    """Refresh tokens are enabled, but one of their hooks is missing."""

    default_message: str = (
        "Refresh tokens need store_refresh_token(), retrieve_refresh_token() "
        "and retrieve_user()."
    )


class ScopesNotImplemented(HookNotImplemented):
    """Scopes are enabled, but there is no `add_scopes_to_payload`."""

    default_message: str = (
        "Define add_scopes_to_payload(), or set scopes_enabled = False."
    )


class UserSecretNotImplemented(HookNotImplemented):
    """User secrets are enabled, but there is no `retrieve_user_secret`."""

    default_message: str = (
        "Define retrieve_user_secret(), or set user_secret_enabled = False."
    )


class InvalidRetrieveUserObject(SanicJWTException):
    """A user is not a mapping and cannot be converted to one."""

    default_message: str = (
        "A user must be a dict, or have a method to_dict or __json__."
    )


class InvalidPayload(SanicJWTException):
    """The payload cannot be encoded as a token."""

    default_message: str = "The token could not be issued."


class MissingUserId(InvalidPayload):
    """The user has no id, so no token is issued."""

    default_message: str = "The user has no id."


class MissingRegisteredClaim(SanicJWTException):
    """`extend_payload` removed a claim that the settings require.

    Args:
        message: One reason or several; by default `default_message`.
        missing: The names of the claims, written behind the message.
        **options: Further arguments of `SanicJWTException`.
    """

    default_message: str = "extend_payload() removed claims that must stay."

    def __init__(
        self,
        message: str | None = None,
        missing: Iterable[str] | None = None,
        **options: Any,
    ) -> None:
        if missing:
            names = str([*missing])
            message = f"{message or f'{self.default_message} '}{names}"
        super().__init__(message, **options)


class LoopNotRunning(SanicJWTException):
    """Not raised; kept for applications that import it."""

    default_message: str = "The event loop is not running."
