"""`Authentication`: `JWTAuth` with the methods of sanic-jwt 1.8."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sanic import Request

from ..auth import JWTAuth
from ..hooks import Callback, helper, hook, resolve, step
from ..locations import Places
from ..tokens import Claim, make_claims
from ..types import Payload
from .configuration import LegacyConfiguration, LegacyConfigurationView

claim_label = {"iss": "issuer", "iat": "iat", "nbf": "nbf", "aud": "audience"}
"""Claims, and what PyJWT's `decode` calls the values that it checks."""


class Authentication(JWTAuth[Any]):
    """`JWTAuth` with the methods that applications of sanic-jwt override."""

    Configuration = LegacyConfiguration

    def __init__(
        self, app: Any = None, config: Any = None, **kwargs: Any
    ) -> None:
        super().__init__()
        self._view = LegacyConfigurationView(self)
        self.app = app
        self.configure(**kwargs)

    @property  # type: ignore[misc]
    def config(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
    ) -> Any:
        """The settings in their callable form."""
        return self._view

    @step
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
        after this step, so `inline_claims` has no effect.
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
        hook = Callback(self.retrieve_user, ("request", "payload"), 2)
        return await hook(request=request, payload=payload)

    async def extract_payload(  # type: ignore[misc]
        self, request: Request, verify: bool = True
    ) -> Payload | None:
        """Return the payload of a valid token; it is always verified."""
        return await super().extract_payload(request)

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
        payload = await super().verify_token(token)
        for claim in make_claims(custom_claims or ()):
            await claim.check(payload)
        return payload if return_payload else True

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

    async def retrieve_refresh_token_from_request(
        self, request: Request
    ) -> str:
        """Return the refresh token that a request carries."""
        return Places(self.settings(request), "refresh").read(request).token
