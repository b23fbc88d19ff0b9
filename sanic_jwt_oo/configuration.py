"""Every setting: its name, type, default, limits and meaning, in one place.

`Configuration` is both the declaration and, as an instance, the frozen
snapshot that an installation runs on. How values are read from their sources,
checked and compared is the matter of `settings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from .exceptions import (
    HookNotImplemented,
    InvalidConfiguration,
    InvalidPayload,
    WeakSecret,
)
from .settings import (
    Alias,
    AtLeast,
    ConfigItem,
    CookieName,
    FixedAtInstall,
    HeaderName,
    NotEmpty,
    Origins,
    Seconds,
    Secret,
    Snapshot,
    UrlPath,
    WholeSeconds,
)
from .types import KeyMaterial, SameSite

__all__ = [
    "ConfigItem",
    "Configuration",
]

TEXT_CLAIMS = ("scope", "scp")
"""Claims with scopes that may be one string (RFC 8693 section 4.2)."""


class Configuration(Snapshot, declares=True):
    """The settings of an installation.

    Subclass it, or nest a class of this name in a `JWTAuth` subclass, and
    set what differs: a plain value, a `set_<name>(self)` method that is
    called once at install, or a `get_<name>(self, request)` method that is
    called once per request.
    """

    access_token_name: Annotated[str, NotEmpty] = "access_token"
    """Name of the access token in JSON responses."""
    algorithm: str = "HS256"
    """Signature algorithm (RFC 7518 section 3.1): HS, RS, ES or PS with 256,
    384 or 512, `ES256K`, or `EdDSA`."""
    auth_mode: Annotated[bool, FixedAtInstall] = True
    """Whether this service logs users in. Without it there are no endpoints,
    and an asymmetric algorithm needs no private key: the service only
    verifies tokens."""
    authorization_header: Annotated[str, HeaderName] = "authorization"
    """Name of the header that carries the token."""
    authorization_header_prefix: str = "Bearer"
    """Scheme before the token, compared without case. When empty, the whole
    header is the token."""
    authorization_header_refresh_prefix: str = "Refresh"
    """Accepted for compatibility with sanic-jwt; has no effect in either."""
    blueprint_name: Annotated[str, FixedAtInstall] = "auth_bp"
    """Name of the blueprint that holds the endpoints of an application."""
    claim_aud: str | Sequence[str] | None = None
    """Audience that tokens are issued for and must name (RFC 7519 section
    4.1.3). Of several, a token must name one."""
    claim_iat: bool = False
    """Whether tokens carry `iat`, the time at which they were issued."""
    claim_iss: str | Sequence[str] | None = None
    """Issuer that tokens name and must name (RFC 7519 section 4.1.1). Of
    several all are accepted, the first one is issued."""
    claim_nbf: bool = False
    """Whether tokens carry `nbf`, the time from which they are valid."""
    claim_nbf_delta: Seconds = 0
    """Seconds from its issue until a token is valid; may be negative, to
    allow for clocks that are slow."""
    cookie_access_token_name: Annotated[
        str, CookieName, Alias("cookie_token_name")
    ] = "access_token"
    """Name of the access token's cookie."""
    cookie_domain: str = ""
    """`Domain` of the cookies; empty means this host alone."""
    cookie_expires: datetime | None = None
    """`Expires` of the cookies; without it and `cookie_max_age` they live as
    long as the browser's session."""
    cookie_host_prefix: bool = True
    """Whether cookie names get the `__Host-` prefix, which keeps other hosts
    of the domain from setting them, where `Secure`, a path of `/` and no
    domain allow it (RFC 6265bis section 4.1.3.2)."""
    cookie_httponly: bool = True
    """Whether scripts are kept from reading the cookies."""
    cookie_max_age: Annotated[WholeSeconds, AtLeast(0)] = 0
    """`Max-Age` of the cookies in seconds; 0 leaves it out."""
    cookie_path: Annotated[str, UrlPath] = "/"
    """`Path` of the access token's cookie."""
    cookie_refresh_path: Annotated[str | None, UrlPath] = None
    """`Path` of the refresh token's cookie; `None` takes the common prefix of
    the endpoints, `/auth` by default."""
    cookie_refresh_samesite: SameSite | None = "Strict"
    """`SameSite` of the refresh token's cookie."""
    cookie_refresh_token_name: Annotated[str, CookieName] = "refresh_token"
    """Name of the refresh token's cookie."""
    cookie_samesite: SameSite | None = "Lax"
    """`SameSite` of the access token's cookie; `None` leaves it out."""
    cookie_secure: bool = True
    """Whether browsers send the cookies over HTTPS only."""
    cookie_set: bool = False
    """Whether tokens travel in cookies."""
    cookie_split: Annotated[bool, Alias("split_cookie")] = False
    """Whether the access token is split in two cookies: header and payload,
    which scripts may read, and the signature, which they may not."""
    cookie_split_signature_name: Annotated[str, CookieName] = (
        "access_token_signature"
    )
    """Name of the signature's cookie."""
    cookie_strict: bool = True
    """Whether, with cookies on, nothing but the cookie is read."""
    csrf_cookie_name: Annotated[str, CookieName] = "csrf_token"
    """Name of the cookie in which scripts find the CSRF value."""
    csrf_header_name: Annotated[str, HeaderName] = "x-csrf-token"
    """Name of the header in which they send it back."""
    csrf_protect: bool = True
    """Whether, with cookies on, access tokens carry a random claim `csrf`,
    and a request whose token is in a cookie must repeat it in a header,
    unless its method is GET, HEAD, OPTIONS or TRACE; and logins, refreshes
    and logouts that come from pages of other sites are refused. A cookie
    opens a WebSocket only for pages of the host itself and of
    `trusted_origins`, whatever this setting is."""
    debug: bool = False
    """Whether refusals give more detail about their cause. Never changes a
    status."""
    do_protection: bool = True
    """Whether `protected` refuses anything; off for development only."""
    expiration_delta: Annotated[Seconds, AtLeast(1)] = 30 * 60
    """Seconds an access token lives."""
    key_id: str | None = None
    """`kid` of the key that signs (RFC 7515 section 4.1.4). A token that
    names another one is looked up in `verification_keys`."""
    leeway: Annotated[Seconds, AtLeast(0)] = 60
    """Seconds by which clocks may differ when times are checked."""
    login_limit_per_account: Annotated[str | None, FixedAtInstall] = None
    """How many logins for one account may fail, as `10/minute`, or several
    limits, as `10/minute;100/hour`. Needs the extra `limits`."""
    login_limit_per_address: Annotated[str | None, FixedAtInstall] = None
    """How many logins from one address may fail; an IPv6 network of 64 bits
    counts as one address. Needs the extra `limits`."""
    login_limit_storage: Annotated[str, FixedAtInstall, Secret] = "memory://"
    """Where logins are counted: `memory://`, in each worker process
    separately, or `redis://:password@host:port/database`, for all workers
    and machines; also `rediss://` and the other Redis schemes of `limits`."""
    login_redirect_url: str | None = "/index.html"
    """Where `redirect_on_fail` sends a browser; `None`: nowhere."""
    max_sessions: Annotated[int | None, AtLeast(1)] = 100
    """How many sessions a user may have; `None`: any number. A login beyond
    that ends the least recently used session. For session stores."""
    max_socket_lifetime: Annotated[Seconds, AtLeast(1)] = 24 * 3600
    """Seconds after its handshake, or the last `renew`, at which an open
    WebSocket is closed, however long its token or session lasts."""
    path_to_authenticate: Annotated[str, UrlPath, FixedAtInstall] = "/"
    """Path of the login endpoint under `url_prefix`."""
    path_to_logout: Annotated[str, UrlPath, FixedAtInstall] = "/logout"
    """Path of the endpoint that ends a session."""
    path_to_logout_all: Annotated[str, UrlPath, FixedAtInstall] = "/logout/all"
    """Path of the endpoint that ends all sessions of a user."""
    path_to_refresh: Annotated[str, UrlPath, FixedAtInstall] = "/refresh"
    """Path of the refresh endpoint under `url_prefix`."""
    path_to_retrieve_user: Annotated[str, UrlPath, FixedAtInstall] = "/me"
    """Path of the endpoint that returns the user."""
    path_to_sessions: Annotated[str, UrlPath, FixedAtInstall] = "/sessions"
    """Path of the endpoints that list and end a user's sessions."""
    path_to_verify: Annotated[str, UrlPath, FixedAtInstall] = "/verify"
    """Path of the endpoint that checks a token."""
    private_key: Annotated[KeyMaterial | None, Secret] = None
    """Key that signs under an asymmetric algorithm: PEM text or bytes, a
    `Path` to them, or a key object."""
    query_string_access_token_name: Annotated[str, NotEmpty] = "access_token"
    """Name of the query argument with the access token."""
    query_string_refresh_token_name: Annotated[str, NotEmpty] = "refresh_token"
    """Name of the query argument with the refresh token."""
    query_string_set: bool = False
    """Whether tokens are read from the query string. They end up in
    histories and logs; those of Sanic and uvicorn mask them."""
    query_string_strict: bool = True
    """Whether, with query tokens on, no header is read."""
    refresh_token_enabled: Annotated[bool | None, FixedAtInstall] = None
    """Whether there are refresh tokens and an endpoint for them; `None`: if
    there is a session store."""
    refresh_token_grace: Annotated[Seconds, AtLeast(0)] = 10
    """Seconds in which a refresh token that was just used gets the same
    successor again, for clients that lost the response or sent the request
    twice; with 0, a second use ends the session. For session stores."""
    refresh_token_name: Annotated[str, NotEmpty] = "refresh_token"
    """Name of the refresh token in JSON bodies."""
    required_claims: Sequence[str] = ("exp",)
    """Claims that a token must carry; `exp` is one of them, also if the list
    does not name it, unless `verify_exp` is off. An empty list makes `exp`
    optional, for tokens that services or other issuers sign without it: such
    a token is valid until it is revoked or its key is replaced."""
    revocation_check: Literal["never", "feed", "store"] | None = None
    """How a route checks for revocation: `store` queries the session store on
    each request; `feed` uses what this worker process knows, which may be
    `SessionStore.staleness` seconds old; `never` does not check. `None` is
    `feed` where there is a session store."""
    scopes_enabled: bool | None = None
    """Whether tokens carry scopes; `None`: if `add_scopes_to_payload` is
    defined."""
    scopes_name: Annotated[str, NotEmpty] = "scopes"
    """Name of the claim with the scopes: a list of strings. The claims
    `scope` (RFC 8693, RFC 9068) and `scp` (Microsoft Entra) may also be one
    string, whose words are separated by spaces. With `auth_mode` off and
    this setting at its default, a token without `scopes` is read for `scope`
    and then for `scp`."""
    secret: Annotated[KeyMaterial | None, Alias("public_key"), Secret] = None
    """Secret of an HMAC algorithm, at least as long as its hash; or the
    public key of an asymmetric one. `None` makes a random secret for this
    run, or takes the public half of `private_key`."""
    session_endpoints_enabled: Annotated[bool, FixedAtInstall] = False
    """Whether there are endpoints with which users list and end their
    sessions. For session stores."""
    session_idle_lifetime: Annotated[Seconds, AtLeast(1)] = 7 * 24 * 3600
    """Seconds after which a session that is not refreshed ends."""
    session_lifetime: Annotated[Seconds, AtLeast(1)] = 30 * 24 * 3600
    """Seconds after the login at which a session ends, even if it is in
    use."""
    session_secret: Annotated[KeyMaterial | None, FixedAtInstall, Secret] = (
        None
    )
    """Secret that refresh tokens are derived under, 32 bytes or more; the
    same on every machine. `None` takes the key that signs."""
    single_credential: bool = True
    """Whether a request with different tokens in two enabled places is
    refused (RFC 6750 section 2); otherwise the first place wins."""
    socket_ends_with: Literal["session", "token"] | None = None
    """What ends an open WebSocket: `token` closes it at the end of its token,
    `exp` and `leeway`; `session` leaves it open until its session ends, which
    a refresh extends. `None` is `session` for a socket whose token came in a
    cookie, unless `revocation_check` is `never`, and `token` for any other.
    A token without a session always ends its socket itself."""
    strict_slashes: Annotated[bool, FixedAtInstall] = False
    """Whether a trailing slash in the path of an endpoint matters."""
    token_cache_bytes: Annotated[int, AtLeast(0), FixedAtInstall] = (
        16 * 1024 * 1024
    )
    """Memory that verified tokens may take in each worker process, in
    bytes."""
    token_cache_entries: Annotated[int, AtLeast(0), FixedAtInstall] = 10_000
    """Verified tokens that each worker process keeps, so that the signature
    of a token is checked once; 0 turns this off."""
    tokens_in_body: bool | None = None
    """Whether responses carry tokens in their JSON body; `None`: only when
    cookies do not carry them."""
    trusted_origins: Annotated[Sequence[str], Origins] = ()
    """Origins that are trusted besides the host of the request, with
    cookies: `scheme://host` or `scheme://host:port`,
    without wildcards. Their requests are not cross-site, and they may open
    WebSockets. It does not set CORS headers."""
    url_prefix: Annotated[str, UrlPath, FixedAtInstall] = "/auth"
    """Prefix of the paths of the endpoints."""
    user_id: Annotated[str, NotEmpty] = "user_id"
    """Claim with the user's id, and the key or attribute of a user that
    holds it."""
    user_id_required: bool = True
    """Whether a token must carry the claim that `user_id` names. A service
    that only verifies may switch it off, for tokens that name no user."""
    user_secret_enabled: bool = False
    """Whether every user has a secret, or pair of keys, of their own."""
    verification_keys: Annotated[Mapping[str, KeyMaterial], Secret] = {}
    """Further keys, by `kid`, that verify but do not sign: those that were
    rotated out, or those of another issuer."""
    verify_exp: bool = True
    """Whether expired tokens are refused."""

    @property
    def _puts_tokens_in_body(self) -> bool:
        """Whether tokens are in bodies (C1)."""
        if self.tokens_in_body is None:
            return not self.cookie_set
        return self.tokens_in_body

    @property
    def _required_claims(self) -> Sequence[str]:
        """The claims that a token must carry (T9)."""
        return self.required_claims

    @property
    def _scope_claims(self) -> tuple[str, ...]:
        """The claims that may hold the scopes; the first in a token counts.

        Others issue `scope` and `scp`. An installation that issues tokens
        reads only the claim that it writes, so that no other one grants.
        """
        if self.auth_mode or self.scopes_name != Configuration.scopes_name:
            return (self.scopes_name,)
        return (self.scopes_name, *TEXT_CLAIMS)

    @property
    def _starts_after(self) -> float:
        """Seconds from the issue of a token to its `nbf`."""
        return self.claim_nbf_delta

    @property
    def _shows_datetimes(self) -> bool:
        """Whether hooks see `exp`, `iat` and `nbf` as `datetime`."""
        return False

    @classmethod
    def _aware(cls, claim: str, moment: datetime) -> datetime:
        """Refuse a time without a time zone in a payload; may be overridden.

        Raises:
            InvalidPayload: Always, in this class.
        """
        raise InvalidPayload(
            f"The claim {claim!r} is a datetime without a time zone. Use one "
            "with a time zone, as datetime.now(timezone.utc) is, or seconds "
            "since the epoch."
        )

    @classmethod
    def _report_weak_secret(cls, error: WeakSecret) -> None:
        """Refuse a secret that is shorter than its hash; may be overridden.

        Raises:
            WeakSecret: Always, in this class.
        """
        raise error

    @classmethod
    def _report_no_user(cls, error: HookNotImplemented) -> None:
        """Refuse refresh tokens without `retrieve_user`; may be overridden.

        Raises:
            HookNotImplemented: Always, in this class.
        """
        raise error

    @classmethod
    def _accepts_any_name(cls) -> bool:
        """Return whether parameters of hooks may have names of their own."""
        return False

    def _endpoint_path(self, path: str, target: Any) -> str:
        """Return where an endpoint is on what it is installed on.

        Args:
            path: Its path under `url_prefix`.
            target: The application or blueprint.
        """
        return self.url_prefix + path

    def _class_view_path(self, path: str, target: Any) -> str:
        """Return where an entry of `class_views` is; see `_endpoint_path`."""
        return self._endpoint_path(path, target)

    @classmethod
    def _check_together(cls, values: Mapping[str, Any]) -> None:
        """Refuse a CSRF cookie under the name of another one.

        Raises:
            InvalidConfiguration: Two cookies have the same name.
        """
        if not (values["cookie_set"] and values["csrf_protect"]):
            return
        name = values["csrf_cookie_name"]
        for other in cls.declarations().with_marker(CookieName):
            if other != "csrf_cookie_name" and values[other] == name:
                raise InvalidConfiguration(
                    f"'csrf_cookie_name' is {name!r}, and so is {other!r}; "
                    "give each cookie a name of its own."
                )
