"""What a client receives: bodies, cookies, errors and challenges.

An application subclasses `Responses` like `Configuration`: nested in its
`JWTAuth` subclass, or as a separate class. A method may be sync, async or
static, and takes only the parameters it names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sanic import Request
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse, json
from typing_extensions import Self

from .access import in_charge
from .configuration import Configuration
from .exceptions import (
    InitializationFailure,
    SanicJWTException,
    Unauthorized,
)
from .hooks import hook
from .installation import installation_on
from .login import NO_STORE
from .types import MaybeAwaitable

if TYPE_CHECKING:
    from .auth import JWTAuth

__all__ = [
    "Responses",
]

_logger = logging.getLogger("sanic_jwt_oo")

_F = TypeVar("_F", bound=Callable[..., Any])


def _static_too(method: _F) -> _F:
    """Let a method be called on the class, with a request first.

    sanic-jwt has static methods. An override there ends with
    `return Responses.exception_response(request, exception)`.
    """

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], Responses):
            return method(*args, **kwargs)
        request = args[0] if args else kwargs["request"]
        found = in_charge(request) or installation_on(request.app)
        if found is None:
            raise InitializationFailure()
        return method(found.auth.responses, *args, **kwargs)

    return cast("_F", call)


class Responses:
    """The responses of one installation.

    Args:
        auth: The `JWTAuth` object, which is `self.auth`. In the form of
            sanic-jwt, the settings in its place.
        instance: In the form of sanic-jwt, the application or blueprint that
            is installed on.
        config: In the form of sanic-jwt, the settings by name.
    """

    auth: JWTAuth[Any]

    def __init__(
        self,
        auth: JWTAuth[Any] | Any = None,
        instance: Any = None,
        config: Any = None,
    ) -> None:
        given = auth if config is None else config
        self._given: tuple[Any, Any] = (given, instance)
        if instance is None:
            self.auth = given

    @classmethod
    def _made_for(cls, auth: Any) -> Self:
        """Return the responses of an installation; may be overridden."""
        return cls(auth)

    def _arguments_of_views(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return what views are constructed with; may be overridden."""
        return (self.auth,), {}

    def __getattr__(self, name: str) -> Any:
        """Find the object, where the application has constructed this."""
        if name != "auth" or "_given" not in vars(self):
            raise AttributeError(
                f"{type(self).__name__} has no attribute {name!r}."
            )
        found = installation_on(self._given[1])
        if found is None:
            raise InitializationFailure()
        return found.auth

    @property
    def config(self) -> Configuration:
        """The settings; with `Initialize`, their callable view."""
        settings, instance = self._given
        found: Configuration
        found = self.auth.config if instance is None else settings
        return found

    @property
    def instance(self) -> Any:
        """The application, blueprint or group that was installed on."""
        _, instance = self._given
        return self.auth.instance if instance is None else instance

    def _settings(self, request: Request) -> Configuration:
        """Return the settings in force for a request."""
        return self.auth._sanic_jwt_oo.policies.in_force(request).settings

    @hook("request", "user", "config", "instance", by_position=0)
    @_static_too
    async def get_access_token_output(
        self, request: Request, user: Any, config: Any, instance: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return an access token for a user, and the body that contains it."""
        settings = self._settings(request)
        token = await self.auth.generate_access_token(user)
        if not settings._puts_tokens_in_body:
            return token, {}
        return token, {settings.access_token_name: token}

    @hook(
        "request",
        "access_token",
        "output",
        "config",
        "refresh_token",
        by_position=0,
    )
    @_static_too
    def get_token_response(
        self,
        request: Request,
        access_token: str,
        output: dict[str, Any],
        config: Any,
        refresh_token: str | None = None,
    ) -> HTTPResponse:
        """Return the response with the tokens, in cookies if they are on.

        Raises:
            CookieTooLarge: A browser would drop one of the cookies.
        """
        responder = self.auth._sanic_jwt_oo.responder
        return responder.token_response(
            request, access_token, output, refresh_token
        )

    @hook("request", "user", "access_token", "refresh_token", by_position=0)
    def extend_authenticate(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return more fields for the response to a login.

        `(request, user, access_token, refresh_token)`
        """
        return {}

    @hook("request", "user", "payload", by_position=0)
    def extend_retrieve_user(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return more fields for the response of `/me`.

        `(request, user, payload)`
        """
        return {}

    @hook("request", "user", "payload", by_position=0)
    def extend_verify(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return more fields for the response of `/verify`.

        `(request, user, payload)`; `user` is always `None`, and `payload` is
        `None` if the token is not valid.
        """
        return {}

    @hook(
        "request",
        "user",
        "access_token",
        "refresh_token",
        "purported_token",
        "payload",
        by_position=0,
    )
    def extend_refresh(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[dict[str, Any]]:
        """Return more fields for the response to a refresh.

        `(request, user, access_token, refresh_token, purported_token,
        payload)`
        """
        return {}

    @hook("request", "exception", by_position=0)
    @_static_too
    def exception_response(
        self, request: Request, exception: SanicException
    ) -> HTTPResponse:
        """Return the response for an error.

        It is called for errors of this package, and on its endpoints for
        those of Sanic.
        """
        headers = {**exception.headers, **NO_STORE}
        if isinstance(exception, SanicJWTException):
            reasons = self.reasons(request, exception)
            if "WWW-Authenticate" in headers:
                headers["WWW-Authenticate"] = self.challenge(
                    request, exception
                )
        else:
            reasons = [str(exception)]
            if exception.status_code == 401:
                headers["WWW-Authenticate"] = self.challenge(
                    request, Unauthorized()
                )
        if exception.status_code >= 500:
            traceback = None if exception.quiet else exception
            _logger.error("%s", exception, exc_info=traceback)
        return json(
            {"reasons": reasons, "exception": type(exception).__name__},
            status=exception.status_code,
            headers=headers,
        )

    def reasons(
        self, request: Request, exception: SanicJWTException
    ) -> list[str]:
        """Return the reasons that the client receives."""
        return exception.public_reasons(self._settings(request).debug)

    def challenge(self, request: Request, exception: SanicJWTException) -> str:
        """Return `WWW-Authenticate`; the realm is the application's name."""
        return exception.challenge(realm=request.app.name)
