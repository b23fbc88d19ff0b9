"""Type variables, aliases and protocols.

`Settings` declares the keyword arguments of `JWTAuth(...)`, the decorators
and `override()` for type checkers. `configuration.py` documents them, and a
test keeps the two lists equal. Modules that do not otherwise depend on Sanic
import the names of its types from here.
"""

from __future__ import annotations

from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
    Mapping,
    Sequence,
)
from datetime import datetime, timedelta
from pathlib import Path
from typing import (
    Any,
    Literal,
    ParamSpec,
    Protocol,
    TypeAlias,
    TypedDict,
    TypeVar,
    overload,
)

from sanic import HTTPResponse as HTTPResponse
from sanic import Request as Request
from sanic import Sanic as Sanic
from sanic.exceptions import SanicException as SanicException

__all__ = [
    "Claims",
    "Decorator",
    "Injector",
    "KeyMaterial",
    "MaybeAwaitable",
    "Payload",
    "RequiredScopes",
    "SameSite",
    "Settings",
    "UserT",
]

UserT = TypeVar("UserT")
P = ParamSpec("P")
R = TypeVar("R")

MaybeAwaitable: TypeAlias = R | Awaitable[R]
Payload: TypeAlias = dict[str, Any]
"""The claims of a token."""


class Claims(dict[str, Any]):
    """The claims of the token of a request.

    A handler with a parameter of this type receives them from sanic-ext.
    """


KeyMaterial: TypeAlias = str | bytes | Path | object
"""A key as text or bytes, the path of its file, or a key object."""
SameSite: TypeAlias = Literal["Lax", "Strict", "None", "lax", "strict", "none"]
RequiredScopes: TypeAlias = str | Sequence[str] | Callable[..., Any]
"""One scope, several, or a callable that receives the request."""


class Decorator(Protocol):
    """A decorator of handlers, sync or async, that keeps their parameters."""

    @overload
    def __call__(
        self, handler: Callable[P, Awaitable[R]], /
    ) -> Callable[P, Coroutine[Any, Any, R]]: ...

    @overload
    def __call__(
        self, handler: Callable[P, R], /
    ) -> Callable[P, Coroutine[Any, Any, R]]: ...

    def __call__(
        self, handler: Callable[P, Any], /
    ) -> Callable[P, Coroutine[Any, Any, Any]]:
        """Return the guarded handler."""
        ...


class Injector(Protocol):
    """A decorator that passes `user` to a handler, sync or async."""

    @overload
    def __call__(
        self, handler: Callable[..., Awaitable[R]], /
    ) -> Callable[..., Coroutine[Any, Any, R]]: ...

    @overload
    def __call__(
        self, handler: Callable[..., R], /
    ) -> Callable[..., Coroutine[Any, Any, R]]: ...

    def __call__(
        self, handler: Callable[..., Any], /
    ) -> Callable[..., Coroutine[Any, Any, Any]]:
        """Return the decorated handler, as a route calls it."""
        ...


class Settings(TypedDict, total=False):
    """Keyword arguments that change settings; see `Configuration`."""

    access_token_name: str
    algorithm: str
    auth_mode: bool
    authorization_header: str
    authorization_header_prefix: str
    authorization_header_refresh_prefix: str
    blueprint_name: str
    claim_aud: str | Sequence[str] | None
    claim_iat: bool
    claim_iss: str | Sequence[str] | None
    claim_nbf: bool
    claim_nbf_delta: float | timedelta
    cookie_access_token_name: str
    cookie_domain: str
    cookie_expires: datetime | None
    cookie_host_prefix: bool
    cookie_httponly: bool
    cookie_max_age: int | timedelta
    cookie_path: str
    cookie_refresh_path: str | None
    cookie_refresh_samesite: SameSite | None
    cookie_refresh_token_name: str
    cookie_samesite: SameSite | None
    cookie_secure: bool
    cookie_set: bool
    cookie_split: bool
    cookie_split_signature_name: str
    cookie_strict: bool
    csrf_cookie_name: str
    csrf_header_name: str
    csrf_protect: bool
    debug: bool
    do_protection: bool
    expiration_delta: float | timedelta
    key_id: str | None
    leeway: float | timedelta
    login_limit_per_account: str | None
    login_limit_per_address: str | None
    login_limit_storage: str
    login_redirect_url: str | None
    max_sessions: int | None
    max_socket_lifetime: float | timedelta
    path_to_authenticate: str
    path_to_logout: str
    path_to_logout_all: str
    path_to_refresh: str
    path_to_retrieve_user: str
    path_to_sessions: str
    path_to_verify: str
    private_key: KeyMaterial | None
    query_string_access_token_name: str
    query_string_refresh_token_name: str
    query_string_set: bool
    query_string_strict: bool
    refresh_token_enabled: bool | None
    refresh_token_grace: float | timedelta
    refresh_token_name: str
    required_claims: Sequence[str]
    revocation_check: Literal["never", "feed", "store"] | None
    scopes_enabled: bool | None
    scopes_name: str
    secret: KeyMaterial | None
    session_endpoints_enabled: bool
    session_idle_lifetime: float | timedelta
    session_lifetime: float | timedelta
    session_secret: KeyMaterial | None
    single_credential: bool
    socket_ends_with: Literal["session", "token"] | None
    strict_slashes: bool
    token_cache_bytes: int
    token_cache_entries: int
    tokens_in_body: bool | None
    trusted_origins: Sequence[str]
    url_prefix: str
    user_id: str
    user_id_required: bool
    user_secret_enabled: bool
    verification_keys: Mapping[str, KeyMaterial]
    verify_exp: bool

    # deprecated names of three settings
    cookie_token_name: str
    public_key: KeyMaterial | None
    split_cookie: bool
