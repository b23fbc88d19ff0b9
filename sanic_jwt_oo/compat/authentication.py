"""`Authentication`: `JWTAuth` with the methods of sanic-jwt 1.8."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sanic import Request, Sanic

from ..auth import JWTAuth
from ..exceptions import (
    ConflictingCredentials,
    CSRFFailed,
    InvalidConfiguration,
    InvalidToken,
    MissingCredentials,
    SanicJWTException,
    SessionStoreUnavailable,
    Unauthorized,
)
from ..hooks import Callback, helper, hook, resolve, step
from ..installation import installation_of
from ..integration import Installer
from ..runtime.sanic_internals import current_request
from ..tokens import Claim, become_pyjwt_error, make_claims
from ..types import Payload
from .by_hand import LegacyResponses, given_by
from .configuration import LegacyConfiguration, LegacyConfigurationView
from .private_calls import PrivateCalls
from .taken_over import (
    REPLACED,
    STAND_INS,
    MissingToken,
    ask,
    is_taken_over,
    is_valid,
    let_refuse,
    payload_for_user,
    reasons_of,
    unpack,
    verified_payload,
)

claim_label: dict[str, str] = {
    "iss": "issuer",
    "iat": "iat",
    "nbf": "nbf",
    "aud": "audience",
}
"""Claims, and what PyJWT's `decode` calls the values that it checks."""


class Authentication(PrivateCalls):
    """`JWTAuth` with the methods that applications of sanic-jwt override."""

    Configuration = LegacyConfiguration
    Responses = LegacyResponses
    _sanic_jwt_oo_stand_ins = STAND_INS
    _sanic_jwt_oo_replaced = REPLACED

    def __init__(
        self, app: Any = None, config: Any = None, **kwargs: Any
    ) -> None:
        given = given_by(config)
        self._view = LegacyConfigurationView(self) if given is None else config
        self.app = app
        super().__init__()
        self.app = app
        self.configure(**kwargs)
        if given is None:
            return
        vars(self)["Configuration"] = given.Configuration
        given.auth = self
        self.configure(**given.values)
        if given.instance is None:
            _install_without_endpoints(self, app)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "request" in inspect.signature(cls.verify_token).parameters:
            raise InvalidConfiguration(
                f"{cls.__name__} defines verify_token() with a request, as a "
                "JWTAuth would. Here no guard calls it. Override "
                "_decode(token, verify, inline_claims) instead."
            )

    @property  # type: ignore[misc]
    def config(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
    ) -> Any:
        """The settings in their callable form."""
        return self._view

    @config.setter
    def config(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, value: Any
    ) -> None:
        """Accept the settings that `__init__` was called with.

        Raises:
            InvalidConfiguration: It is another object.
        """
        if value is not self._view:
            raise InvalidConfiguration(
                "config cannot be replaced. Pass it to __init__, or call "
                "configure(...) to change settings."
            )

    @helper
    async def add_claims(
        self,
        payload: Payload,
        user: Any,
        inline_claims: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Payload:
        """Add the registered claims to `payload` and return it.

        Times are naive `datetime` objects in UTC. Custom claims are added
        afterwards, so `inline_claims` has no effect.
        """
        payload.update(await super().add_claims(payload, user))
        return payload

    @hook("payload", "user", by_name=("request",))
    async def extend_payload(
        self, payload: Payload, *args: Any, **kwargs: Any
    ) -> Payload:
        """Return the payload. Overrides await it with `super()`.

        `exp`, `iat` and `nbf` are naive `datetime` objects in UTC.
        """
        return payload

    async def find_user(self, request: Request, payload: Any) -> Any:
        """Call `retrieve_user` even without a payload, as 1.8 does."""
        if payload is None:
            await let_refuse(self, request)
        else:
            extracted = await payload_for_user(self, request, payload)
            if payload and not extracted:
                return None
            payload = extracted or None
        hook = self._sanic_jwt_oo.hooks["retrieve_user"]
        return await hook(request=request, payload=payload)

    # --- 1.8 asks these; overridden, they are asked here too -----------------

    @helper
    async def _check_authentication(
        self, request: Request, request_args: Any, request_kwargs: Any
    ) -> tuple[bool, int, Any]:
        """Return whether a request is accepted, a status and the reasons.

        Raises:
            Unauthorized: `_verify` has raised an error.
        """
        try:
            verdict = await resolve(
                self._verify(
                    request,
                    request_args=request_args,
                    request_kwargs=request_kwargs,
                )
            )
        except (CSRFFailed, ConflictingCredentials, SessionStoreUnavailable):
            raise
        except SanicJWTException as exc:
            debug = self.settings(request).debug
            raise Unauthorized(exc.public_reasons(debug)) from exc
        except Exception as exc:
            raise Unauthorized() from exc
        return unpack(verdict)

    @helper
    async def _verify(
        self,
        request: Request,
        return_payload: bool = False,
        verify: bool = True,
        raise_missing: bool = False,
        request_args: Any = None,
        request_kwargs: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Verify the token of a request.

        Returns:
            Whether it is valid, a status and the reasons; or, with
            `return_payload`, the payload or `None`.

        Raises:
            MissingCredentials: There is no token, with `raise_missing`.
            CSRFFailed: Another site may have caused the request.
            InvalidRequest: There is something else than a token.
        """
        payload: Payload | None = None
        reasons: Any = None
        try:
            payload = await verified_payload(self, request, verify)
        except MissingCredentials as exc:
            if raise_missing:
                raise
            reasons = MissingToken(exc.reasons)
        except InvalidToken as exc:
            reasons = reasons_of(exc, self.settings(request).debug)
        if return_payload:
            return payload
        return reasons is None, 401 if reasons else 200, reasons

    @helper
    async def _decode(
        self,
        token: str,
        verify: bool = True,
        inline_claims: Sequence[type[Claim]] | None = None,
    ) -> Payload:
        """Return the payload of a token, whose signature is always verified.

        Args:
            token: The token.
            verify: Whether `custom_claims` and `extra_verifications` of the
                application have to be met as well.
            inline_claims: Further claims that have to be met.

        Raises:
            InvalidToken: It is not valid. Where PyJWT raises an error of its
                own, it is that as well, such as `jwt.ExpiredSignatureError`.
        """
        gate = self._sanic_jwt_oo.gate
        try:
            payload = await gate.verify_token(token, current_request(), verify)
        except InvalidToken as exc:
            become_pyjwt_error(exc)
            raise
        for claim in make_claims(inline_claims or ()):
            await claim.check(payload)
        return payload

    @helper  # type: ignore[misc]
    async def extract_payload(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, request: Request, verify: bool = True, *args: Any, **kwargs: Any
    ) -> Payload | None:
        """Return the payload of a valid token; it is always verified."""
        if not is_taken_over(self):
            return await super().extract_payload(request)
        kwargs.update(return_payload=True, verify=verify)
        payload: Payload | None = None
        with suppress(CSRFFailed):
            payload = await ask(self._verify, request, *args, **kwargs)
        return payload

    @helper  # type: ignore[misc]
    async def extract_scopes(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, request: Request
    ) -> Any:
        """Return the scopes of a valid token, or `None`."""
        payload = await resolve(self.extract_payload(request))
        if not (payload and isinstance(payload, dict)):
            return None
        return self._sanic_jwt_oo.authorizer.claimed(request, payload)

    @helper
    async def retrieve_refresh_token_from_request(
        self, request: Request
    ) -> str:
        """Return the refresh token that a request carries."""
        return self._sanic_jwt_oo.refreshing.read_token(request)

    # --- what an application calls ------------------------------------------

    @helper
    async def verify_token(  # type: ignore[override]
        self,
        token: str,
        return_payload: bool = False,
        custom_claims: Sequence[type[Claim]] | None = None,
    ) -> Payload | bool:
        """Return whether a token is valid, or its payload.

        Raises:
            InvalidToken: It is not valid.
        """
        inline: dict[str, Any] = {}
        if custom_claims:
            inline["inline_claims"] = custom_claims
        payload: Payload = await resolve(self._decode(token, **inline))
        return payload if return_payload else bool(payload)

    async def is_authenticated(  # type: ignore[misc]
        self, request: Request
    ) -> bool:
        """Return whether a request has a valid token."""
        if not is_taken_over(self):
            return await super().is_authenticated(request)
        return await is_valid(self, request)

    async def extract_user_id(  # type: ignore[misc]
        self, request: Request
    ) -> Any:
        """Return the user id of a valid token, or `None`."""
        payload = await resolve(self.extract_payload(request))
        if not isinstance(payload, dict):
            return None
        return payload.get(self.settings(request).user_id)

    @step  # type: ignore[misc]
    async def generate_access_token(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        user: Any,
        extend_payload: Callable[..., Any] | None = None,
        custom_claims: Sequence[type[Claim]] | None = None,
    ) -> str:
        """Return an access token for a user."""
        return await super().generate_access_token(
            user, extend_payload, custom_claims or ()
        )

    async def generate_refresh_token(
        self, request: Request | None, user: Any
    ) -> str:
        """Make a refresh token, store it, and return it."""
        settings: Any = self.settings(request)  # of the legacy form
        generate = settings.generate_refresh_token
        if generate is None:
            generate = super().generate_refresh_token
        token: str = await Callback(generate, ("request", "user"))(
            request=request, user=user
        )
        store = Callback(
            self.store_refresh_token, ("user_id", "refresh_token", "request")
        )
        await store(
            user_id=await resolve(self.user_id_of(user)),
            refresh_token=token,
            request=request,
        )
        return token

    async def issue_refresh_token(
        self, request: Request | None, user: Any
    ) -> str:
        """Return what `generate_refresh_token` returns, as 1.8 does."""
        token: str = await resolve(self.generate_refresh_token(request, user))
        return token


def _install_without_endpoints(auth: Authentication, app: Any) -> None:
    """Settle an object that the application has constructed itself.

    `protected` uses it where it is `app.ctx.auth`.
    """
    installation = installation_of(auth)
    if installation is not None and isinstance(app, Sanic):
        Installer(installation, JWTAuth, has_endpoints=False).bind(app)
