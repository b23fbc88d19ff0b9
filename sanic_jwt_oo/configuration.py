"""Every setting: its name, type, default and meaning, in one place.

`Configuration` is both the declaration and, as an instance, the frozen
snapshot that an installation runs on. The sources, weakest first: defaults,
`SANIC_JWT_*` of the environment, then of `app.config`, the classes, keyword
arguments. What comes after that belongs to one request or block and is made
with `derive()`: `get_<name>(request)`, the settings of a decorator,
`override()`. Of two classes the more derived one wins, whether it has a value,
a `set_<name>()` or a `get_<name>()`.
"""

from __future__ import annotations

import inspect
import logging
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    get_args,
    get_origin,
    get_type_hints,
)

from typing_extensions import Self

from .exceptions import InvalidConfiguration, InvalidPayload
from .hooks import OFFERED, Hook
from .types import KeyMaterial, SameSite, Seconds, WholeSeconds

_logger = logging.getLogger("sanic_jwt_oo")

APP_CONFIG_PREFIX = "SANIC_JWT_"

ALIASES = {
    "public_key": "secret",
    "cookie_token_name": "cookie_access_token_name",
    "split_cookie": "cookie_split",
}
"""Older names of settings."""

OF_THE_AUTH_CLASS = (
    "class_views",
    "custom_claims",
    "extra_verifications",
    "session_store",
)
"""What a `JWTAuth` class has besides settings."""

TEXT_CLAIMS = ("scope", "scp")
"""Claims with scopes that may be one string (RFC 8693 section 4.2)."""

INSTALL_ONLY = frozenset(
    {
        "auth_mode",
        "blueprint_name",
        "login_limit_per_account",
        "login_limit_per_address",
        "login_limit_storage",
        "path_to_authenticate",
        "path_to_logout",
        "path_to_logout_all",
        "path_to_refresh",
        "path_to_retrieve_user",
        "path_to_sessions",
        "path_to_verify",
        "refresh_token_enabled",
        "session_endpoints_enabled",
        "session_secret",
        "strict_slashes",
        "token_cache_bytes",
        "token_cache_entries",
        "url_prefix",
    }
)
"""Settings of the whole run; no request or block can change them."""

SECRETS = frozenset(
    {
        "login_limit_storage",
        "private_key",
        "secret",
        "session_secret",
        "verification_keys",
    }
)
"""Settings that are never shown."""


class ConfigItem:
    """A setting as an object, the form that sanic-jwt's setters may return.

    Args:
        value: The value.
        **kwargs: What sanic-jwt took besides; it has no effect.
    """

    def __init__(self, value: Any = None, **kwargs: Any) -> None:
        self._value = value

    def __call__(self) -> Any:
        """Return the value."""
        return self._value

    def update(self, value: Any) -> None:
        """Replace the value."""
        self._value = value


class Configuration:
    """The settings of an installation.

    Subclass it, or nest a class of this name in a `JWTAuth` subclass, and
    set what differs: a plain value, a `set_<name>(self)` method that is
    called once at install, or a `get_<name>(self, request)` method that is
    called once per request.
    """

    access_token_name: str = "access_token"
    """Name of the access token in the JSON answers."""
    algorithm: str = "HS256"
    """Signature algorithm (RFC 7518 section 3.1): HS, RS, ES or PS with 256,
    384 or 512, `ES256K`, or `EdDSA`."""
    auth_mode: bool = True
    """Whether this service logs users in. Without it there are no endpoints,
    and an asymmetric algorithm needs no private key: the service only
    verifies tokens."""
    authorization_header: str = "authorization"
    """Name of the header that carries the token."""
    authorization_header_prefix: str = "Bearer"
    """Scheme before the token, compared without case. When empty, the whole
    header is the token."""
    authorization_header_refresh_prefix: str = "Refresh"
    """Accepted for sanic-jwt's sake; neither package uses it."""
    blueprint_name: str = "auth_bp"
    """Name of the blueprint that holds the endpoints of an application."""
    claim_aud: str | Sequence[str] | None = None
    """Audience that tokens are issued for and must name (RFC 7519 section
    4.1.3). Of several, a token must name one."""
    claim_iat: bool = False
    """Whether tokens say when they were issued."""
    claim_iss: str | Sequence[str] | None = None
    """Issuer that tokens name and must name (RFC 7519 section 4.1.1). Of
    several all are accepted, the first one is issued."""
    claim_nbf: bool = False
    """Whether tokens say from when on they are good."""
    claim_nbf_delta: Seconds = 0
    """Seconds from its issue until a token is good; may be negative, for
    the sake of clocks that are slow."""
    cookie_access_token_name: str = "access_token"
    """Name of the access token's cookie."""
    cookie_domain: str = ""
    """`Domain` of the cookies; empty means this host alone."""
    cookie_expires: datetime | None = None
    """`Expires` of the cookies; without it and `cookie_max_age` they live as
    long as the browser's session."""
    cookie_host_prefix: bool = True
    """Whether cookie names get the `__Host-` prefix, which keeps other hosts
    of the domain from planting them, where `Secure`, a path of `/` and no
    domain allow it (RFC 6265bis section 4.1.3.2)."""
    cookie_httponly: bool = True
    """Whether scripts are kept from reading the cookies."""
    cookie_max_age: WholeSeconds = 0
    """`Max-Age` of the cookies in seconds; 0 leaves it out."""
    cookie_path: str = "/"
    """`Path` of the access token's cookie."""
    cookie_refresh_path: str | None = None
    """`Path` of the refresh token's cookie; `None` is what the paths of the
    endpoints begin with, `/auth` by default."""
    cookie_refresh_samesite: SameSite | None = "Strict"
    """`SameSite` of the refresh token's cookie."""
    cookie_refresh_token_name: str = "refresh_token"
    """Name of the refresh token's cookie."""
    cookie_samesite: SameSite | None = "Lax"
    """`SameSite` of the access token's cookie; `None` leaves it out."""
    cookie_secure: bool = True
    """Whether browsers send the cookies over HTTPS only."""
    cookie_set: bool = False
    """Whether tokens travel in cookies."""
    cookie_split: bool = False
    """Whether the access token is split in two cookies: header and payload,
    which scripts may read, and the signature, which they may not."""
    cookie_split_signature_name: str = "access_token_signature"
    """Name of the signature's cookie."""
    cookie_strict: bool = True
    """Whether, with cookies on, nothing but the cookie is read."""
    csrf_cookie_name: str = "csrf_token"
    """Name of the cookie in which scripts find the CSRF value."""
    csrf_header_name: str = "x-csrf-token"
    """Name of the header in which they send it back."""
    csrf_protect: bool = True
    """Whether, with cookies on, access tokens carry a random claim `csrf`,
    and a request whose token is in a cookie must repeat it in a header,
    unless its method is GET, HEAD, OPTIONS or TRACE; only pages of the host
    itself and of `trusted_origins` open WebSockets; and log-ins, refreshes
    and log-outs that come from pages of other sites are refused."""
    debug: bool = False
    """Whether refusals say more about their cause. Never changes a
    status."""
    do_protection: bool = True
    """Whether `protected` refuses anything; off for development only."""
    expiration_delta: Seconds = 30 * 60
    """Seconds an access token lives."""
    key_id: str | None = None
    """`kid` of the key that signs (RFC 7515 section 4.1.4). A token that
    names another one is looked up in `verification_keys`."""
    leeway: Seconds = 60
    """Seconds by which clocks may differ when times are checked."""
    login_limit_per_account: str | None = None
    """How many log-ins for one account may fail, as `10/minute`, or several
    limits, as `10/minute;100/hour`. Needs the extra `limits`."""
    login_limit_per_address: str | None = None
    """How many log-ins from one address may fail; an IPv6 network of 64 bits
    is one address. Needs the extra `limits`."""
    login_limit_storage: str = "memory://"
    """Where log-ins are counted: `memory://`, in each worker process for
    itself, or `redis://:password@host:port/database`, for all workers and
    machines; also `rediss://` and what else `limits` knows of Redis."""
    login_redirect_url: str | None = "/index.html"
    """Where `redirect_on_fail` sends a browser; `None`: nowhere."""
    max_sessions: int | None = 100
    """How many sessions a user may have, 1 or more; `None`: any number. A
    log-in above that ends the session that was used least recently. For
    session stores."""
    path_to_authenticate: str = "/"
    """Path of the log-in endpoint under `url_prefix`."""
    path_to_logout: str = "/logout"
    """Path of the endpoint that ends a session."""
    path_to_logout_all: str = "/logout/all"
    """Path of the endpoint that ends all sessions of a user."""
    path_to_refresh: str = "/refresh"
    """Path of the refresh endpoint under `url_prefix`."""
    path_to_retrieve_user: str = "/me"
    """Path of the endpoint that answers with the user."""
    path_to_sessions: str = "/sessions"
    """Path of the endpoints that list and end a user's sessions."""
    path_to_verify: str = "/verify"
    """Path of the endpoint that checks a token."""
    private_key: KeyMaterial | None = None
    """Key that signs under an asymmetric algorithm: PEM text or bytes, a
    `Path` to them, or a key object."""
    query_string_access_token_name: str = "access_token"
    """Name of the query argument with the access token."""
    query_string_refresh_token_name: str = "refresh_token"
    """Name of the query argument with the refresh token."""
    query_string_set: bool = False
    """Whether tokens are read from the query string. They end up in
    histories and logs; those of Sanic and uvicorn mask them."""
    query_string_strict: bool = True
    """Whether, with query tokens on, no header is read."""
    refresh_token_enabled: bool | None = None
    """Whether there are refresh tokens and the endpoint for them; `None`: if
    there is a session store."""
    refresh_token_grace: Seconds = 10
    """Seconds in which a refresh token that was just used gets the same
    successor again, for clients whose answer was lost or who asked twice;
    with 0, whoever comes second ends the session. For session stores."""
    refresh_token_name: str = "refresh_token"
    """Name of the refresh token in JSON bodies."""
    required_claims: Sequence[str] = ("exp",)
    """Claims that a token must carry."""
    revocation_check: Literal["never", "feed", "store"] | None = None
    """What a route asks about revocation: `store` asks the session store on
    each request; `feed` asks what this worker process knows of it, which may
    be `SessionStore.staleness` seconds old; `never` does not ask. `None` is
    `feed` where there is a session store."""
    scopes_enabled: bool | None = None
    """Whether tokens carry scopes; `None`: if `add_scopes_to_payload` is
    defined."""
    scopes_name: str = "scopes"
    """Name of the claim with the scopes: a list of strings. The claims
    `scope` (RFC 8693, RFC 9068) and `scp` (Microsoft Entra) may also be one
    string, whose words are separated by spaces. With `auth_mode` off and
    this setting at its default, a token without `scopes` is read for `scope`
    and then for `scp`."""
    secret: KeyMaterial | None = None
    """Secret of an HMAC algorithm, at least as long as its hash; or the
    public key of an asymmetric one. `None` makes a random secret for this
    run, or takes the public half of `private_key`."""
    session_endpoints_enabled: bool = False
    """Whether users may list their sessions and end any of them. For session
    stores."""
    session_idle_lifetime: Seconds = 7 * 24 * 3600
    """Seconds after which a session ends that is not refreshed."""
    session_lifetime: Seconds = 30 * 24 * 3600
    """Seconds after its log-in at which a session ends, however much it is
    used."""
    session_secret: KeyMaterial | None = None
    """Secret that refresh tokens are derived under, 32 bytes or more; the
    same on every machine. `None` takes the key that signs."""
    single_credential: bool = True
    """Whether a request with different tokens in two enabled places is
    refused (RFC 6750 section 2); otherwise the first place wins."""
    strict_slashes: bool = False
    """Whether the endpoints insist on the slash at the end of their path."""
    token_cache_bytes: int = 16 * 1024 * 1024
    """Memory that verified tokens may take in each worker process, in
    bytes."""
    token_cache_entries: int = 10_000
    """Verified tokens that each worker process keeps, so that the signature
    of a token is checked once; 0 turns this off."""
    tokens_in_body: bool | None = None
    """Whether answers carry tokens in their JSON body; `None`: only when
    cookies do not carry them."""
    trusted_origins: Sequence[str] = ()
    """Origins of pages that count as your own besides those of the host of
    the request, with cookies: `scheme://host` or `scheme://host:port`,
    without wildcards. Their requests are not cross-site, and they may open
    WebSockets. It does not set CORS headers."""
    url_prefix: str = "/auth"
    """Where the endpoints are."""
    user_id: str = "user_id"
    """Claim with the user's id, and the key or attribute of a user that
    holds it."""
    user_id_required: bool = True
    """Whether a token must carry the claim that `user_id` names. A service
    that only verifies may switch it off, for tokens that name no user."""
    user_secret_enabled: bool = False
    """Whether every user has a secret, or pair of keys, of their own."""
    verification_keys: Mapping[str, KeyMaterial] = {}
    """Further keys, by `kid`, that verify but do not sign: those that were
    rotated out, or those of another issuer."""
    verify_exp: bool = True
    """Whether expired tokens are refused."""

    _declares: ClassVar[bool] = True
    _kinds: ClassVar[dict[str, Any]] = {}
    _durations: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, declares: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._declares = declares
        if declares:
            cls._kinds, cls._durations = _read_declarations(cls)

    def __init__(self, values: Mapping[str, Any]) -> None:
        vars(self).update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(
            f"Settings are frozen once installed; use override({name}=...) "
            "for a block of code."
        )

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={'***' if name in SECRETS else repr(value)}"
            for name, value in sorted(vars(self).items())
            if not name.startswith("_")
        )
        return f"Configuration({shown})"

    @classmethod
    def names(cls) -> frozenset[str]:
        """Return the name of every setting."""
        return frozenset(cls._kinds)

    @classmethod
    def build(
        cls, app_config: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> Self:
        """Make the snapshot of an installation from all its sources.

        Raises:
            InvalidConfiguration: A name is unknown or a value cannot work.
        """
        written = cls._read_classes()
        values = {name: getattr(cls, name) for name in cls._kinds}
        values.update(cls._from_app(app_config))
        values.update(written.values)
        values = {n: cls.plain_value(n, v) for n, v in values.items()}
        unset = cls(values)
        for name, method in written.setters.items():
            setter = cls._find_method(unset, method)
            if setter is not None:
                values[name] = cls.plain_value(name, setter())
        given = cls._canonical(settings, "keyword argument")
        for name in sorted(given.keys() & written.getters.keys()):
            cls.report_mistake(
                f"The keyword argument {name!r} has no effect: "
                f"{written.getters[name]}() decides for each request. Leave "
                "one of the two out."
            )
        values.update(given)
        cls.complete(values)
        for name, value in values.items():
            cls._validate(name, value)
        cls._check_csrf_cookie(values)
        unset = cls(values)
        getters = Getters(unset, cls._make_getters(unset, written.getters))
        return cls({**values, "_getters": getters})

    @classmethod
    def complete(cls, values: dict[str, Any]) -> None:
        """Fill settings in that follow from others; made to be overridden."""

    @classmethod
    def report_mistake(cls, message: str) -> None:
        """Refuse a mistake that sanic-jwt passed over; may be overridden.

        Raises:
            InvalidConfiguration: Always, in this class.
        """
        raise InvalidConfiguration(message)

    @classmethod
    def plain_value(cls, name: str, value: Any) -> Any:
        """Return the form in which a value is kept: durations in seconds."""
        if isinstance(value, timedelta) and name in cls._durations:
            seconds = value.total_seconds()
            whole = cls._kinds[name] is int and seconds.is_integer()
            return int(seconds) if whole else seconds
        return value

    @classmethod
    def aware(cls, claim: str, moment: datetime) -> datetime:
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
    def unknown_setting(cls, name: str, source: str) -> None:
        """Refuse a name that is no setting; made to be overridden."""
        close = get_close_matches(name, [*cls._kinds, *ALIASES], n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        if name in OFFERED:
            hint = " It is a hook: define it as a method."
        if name in OF_THE_AUTH_CLASS:
            hint = " It belongs on the auth class, outside of Configuration."
        raise InvalidConfiguration(
            f"{name!r} ({source}) is not a setting.{hint}"
        )

    @classmethod
    def changes(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Check settings that are to change for a request or a block.

        Returns:
            The settings under their present names, for `derive`.

        Raises:
            InvalidConfiguration: A name is unknown, shapes routes, or has a
                value that cannot work.
        """
        changes = cls._canonical(settings, "override")
        for name, value in changes.items():
            if name in INSTALL_ONLY:
                raise InvalidConfiguration(
                    f"{name!r} is settled at install and cannot change for "
                    "one request."
                )
            cls._validate(name, value)
        return changes

    def derive(self, changes: Mapping[str, Any]) -> Self:
        """Return a snapshot that differs in checked `changes`."""
        return type(self)({**vars(self), **changes})

    @property
    def scope_claims(self) -> tuple[str, ...]:
        """The claims that may hold the scopes; the first in a token counts.

        Others issue `scope` and `scp`. An installation that issues tokens
        reads only the claim that it writes, so that no other one grants.
        """
        if self.auth_mode or self.scopes_name != Configuration.scopes_name:
            return (self.scopes_name,)
        return (self.scopes_name, *TEXT_CLAIMS)

    @property
    def changes_per_request(self) -> bool:
        """Whether there is any `get_<name>` method."""
        return bool(vars(self)["_getters"])

    def for_request(self, request: Any) -> Self:
        """Return the snapshot that `get_<name>` methods make of this one."""
        getters: Getters = vars(self)["_getters"]
        return self.derive(self.changes(getters.call(request)))

    @classmethod
    def _find_method(
        cls, settings: Configuration, name: str
    ) -> Callable[..., Any] | None:
        """Return a `set_` or `get_` method; `None` if there is none."""
        method: Any = getattr(settings, name)
        if inspect.iscoroutinefunction(method):
            raise InvalidConfiguration(
                f"{name} cannot work: settings are read without waiting; "
                "make it a plain def."
            )
        if callable(method):
            return method  # type: ignore[no-any-return]
        if method is not None:
            cls.report_mistake(
                f"{name} is a {type(method).__name__}. Make it a method, or "
                f"write {name[4:]} = ... for a plain value."
            )
        return None

    @classmethod
    def _make_getters(
        cls, settings: Configuration, methods: Mapping[str, str]
    ) -> dict[str, Hook]:
        """Return the hook of each setting that a `get_<name>` decides."""
        getters = {}
        for name, method in methods.items():
            getter = cls._find_method(settings, method)
            if getter is None:
                continue
            if name in INSTALL_ONLY:
                raise InvalidConfiguration(
                    f"{method} cannot work: the setting is settled at "
                    f"install; use set_{name}."
                )
            getters[name] = Hook(getter, ("request",), 1)
        return getters

    @classmethod
    def _from_app(cls, app_config: Mapping[str, Any]) -> dict[str, Any]:
        """Read `SANIC_JWT_<NAME>`, first from the environment.

        Sanic takes `SANIC_` off the names of variables, and makes numbers
        and booleans of texts that look like them.
        """
        variables = {}
        for key, value in app_config.items():
            text = os.environ.get(f"SANIC_{key}")
            if key.startswith("JWT_") and text is not None:
                written_as = key[len("JWT_") :].lower()
                name = ALIASES.get(written_as, written_as)
                if not cls._resembles_setting(name):
                    # it may be there for something else
                    _logger.warning("SANIC_%s is not a setting.", key)
                    continue
                fits = name not in SECRETS and _fits(
                    value, cls._kinds.get(name, Any)
                )
                variables[written_as] = value if fits else text
        return {
            **cls._canonical(variables, "environment"),
            **cls._canonical(
                {
                    key[len(APP_CONFIG_PREFIX) :].lower(): value
                    for key, value in app_config.items()
                    if key.startswith(APP_CONFIG_PREFIX)
                },
                "app.config",
            ),
        }

    @classmethod
    def _read_classes(cls) -> _Written:
        """Find out what the classes say, the most derived one first.

        A value or `set_<name>` of a class ends what the classes it derives
        from have, a `get_<name>` included.
        """
        written = _Written({}, {}, {})
        ended: set[str] = set()
        for klass in cls.__mro__[:-1]:
            declares = vars(klass).get("_declares", False)
            settled = set()
            for written_as, value in vars(klass).items():
                form, name = _form(written_as)
                if form == "get_" and name in cls._kinds:
                    if name not in ended:
                        written.getters.setdefault(name, written_as)
                elif form == "set_" and name in cls._kinds:
                    settled.add(name)
                    if name not in ended:
                        written.setters[name] = written_as
                elif form:
                    cls._check_method(written_as)
                elif declares or written_as.startswith("_"):
                    continue
                elif name in cls._kinds:
                    settled.add(name)
                    written.values.setdefault(name, getattr(klass, written_as))
                elif not _is_code(value):
                    cls.unknown_setting(written_as, cls.__name__)
            ended |= settled
        return written

    @classmethod
    def _check_method(cls, name: str) -> None:
        """Refuse a `get_` or `set_` method of a misspelt setting."""
        setting = name[4:]
        if setting not in cls._kinds and cls._resembles_setting(setting):
            cls.unknown_setting(setting, f"{cls.__name__}.{name}")

    @classmethod
    def _resembles_setting(cls, name: str) -> bool:
        """Tell whether a name is a setting's, perhaps misspelt."""
        return bool(get_close_matches(name, cls._kinds, n=1, cutoff=0.85))

    @classmethod
    def _canonical(
        cls, settings: Mapping[str, Any], source: str
    ) -> dict[str, Any]:
        known: dict[str, Any] = {}
        for name, value in settings.items():
            if ALIASES.get(name, name) in cls._kinds:
                known[ALIASES.get(name, name)] = value
            else:
                cls.unknown_setting(name, source)
        return {n: cls.plain_value(n, v) for n, v in known.items()}

    @classmethod
    def _check_csrf_cookie(cls, values: Mapping[str, Any]) -> None:
        """Refuse a CSRF cookie under the name of another one."""
        if not (values["cookie_set"] and values["csrf_protect"]):
            return
        name = values["csrf_cookie_name"]
        for other in sorted(_COOKIE_NAMES - {"csrf_cookie_name"}):
            if values[other] == name:
                raise InvalidConfiguration(
                    f"'csrf_cookie_name' is {name!r}, and so is {other!r}; "
                    "give each cookie a name of its own."
                )

    @classmethod
    def _validate(cls, name: str, value: Any) -> None:
        kind = cls._kinds[name]
        duration = name in cls._durations
        if not _fits(value, kind):
            shown = type(value).__name__ if name in SECRETS else repr(value)
            expected = _describe(kind)
            if duration:
                whole = "whole seconds" if kind is int else "seconds"
                expected = f"a number of {whole}, or a timedelta"
            raise InvalidConfiguration(
                f"{name!r} cannot be {shown}; expected {expected}."
            )
        unit = " seconds" if duration else ""
        if duration and not -math.inf < value < math.inf:
            raise InvalidConfiguration(
                f"{name!r} is {value!r}; a duration is finite."
            )
        limit = _LOWER_LIMITS.get(name)
        if None not in (limit, value) and value < limit:
            raise InvalidConfiguration(
                f"{name!r} is {value!r}{unit}; it cannot be less than "
                f"{limit}{unit}."
            )
        if name in PATHS and value and not value.startswith("/"):
            raise InvalidConfiguration(
                f"{name!r} is {value!r}; a path starts with a slash."
            )
        if name in _NAMES and not value:
            raise InvalidConfiguration(f"{name!r} cannot be empty.")
        if name in _COOKIE_NAMES and not _TOKEN.fullmatch(value):
            raise InvalidConfiguration(
                f"{name!r} is {value!r}; no cookie can have that name (RFC "
                "6265 section 4.1.1)."
            )
        if name == "trusted_origins":
            _check_origins(value)
        if name == "csrf_header_name" and not _TOKEN.fullmatch(value):
            raise InvalidConfiguration(
                f"{name!r} is {value!r}; no header can have that name (RFC "
                "9110 section 5.1)."
            )


_LOWER_LIMITS = {
    "cookie_max_age": 0,
    "expiration_delta": 1,
    "leeway": 0,
    "max_sessions": 1,
    "refresh_token_grace": 0,
    "session_idle_lifetime": 1,
    "session_lifetime": 1,
    "token_cache_bytes": 0,
    "token_cache_entries": 0,
}
PATHS = {name for name in INSTALL_ONLY if name.startswith("path_to_")} | {
    "cookie_path",
    "url_prefix",
}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_COOKIE_NAMES = {
    "cookie_access_token_name",
    "cookie_refresh_token_name",
    "cookie_split_signature_name",
    "csrf_cookie_name",
}
_NAMES = {
    "access_token_name",
    "authorization_header",
    "cookie_access_token_name",
    "cookie_refresh_token_name",
    "cookie_split_signature_name",
    "csrf_cookie_name",
    "csrf_header_name",
    "query_string_access_token_name",
    "query_string_refresh_token_name",
    "refresh_token_name",
    "scopes_name",
    "user_id",
}


class Getters:
    """The `get_<name>` methods of a configuration, as hooks.

    Two are equal if they would return the same: their configurations are.

    Args:
        settings: What the methods are bound to.
        hooks: A hook for each setting that has such a method.
    """

    def __init__(
        self, settings: Configuration, hooks: Mapping[str, Hook]
    ) -> None:
        self._settings = settings
        self._hooks = hooks

    def __bool__(self) -> bool:
        return bool(self._hooks)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Getters):
            return NotImplemented
        return self._settings == other._settings

    __hash__ = None  # type: ignore[assignment]

    def call(self, request: Any) -> dict[str, Any]:
        """Return the values that the settings have for a request."""
        return {
            name: hook.call({"request": request})
            for name, hook in self._hooks.items()
        }


class _Written(NamedTuple):
    """What classes say of settings.

    Attributes:
        values: Plain values by the name of the setting.
        setters: The names of the `set_<name>` methods in force.
        getters: The names of the `get_<name>` methods in force.
    """

    values: dict[str, Any]
    setters: dict[str, str]
    getters: dict[str, str]


def _form(written_as: str) -> tuple[str, str]:
    """Take a name in a class apart: `get_`, `set_` or nothing, and setting."""
    form = written_as[:4] if written_as.startswith(("get_", "set_")) else ""
    name = written_as[len(form) :]
    return form, ALIASES.get(name, name)


_ORIGIN = re.compile(
    r"[a-z][a-z0-9+.-]*://([\w.-]+|\[[\da-f:.]+\])(:\d+)?", re.I | re.A
)


def _check_origins(origins: Sequence[str]) -> None:
    """Refuse an origin that no browser sends (RFC 6454 section 6.2)."""
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise InvalidConfiguration(
                f"'trusted_origins' has {origin!r}, which is no origin. Write "
                "each as scheme://host or scheme://host:port, without a "
                "wildcard, a path, or a slash at its end."
            )


def _is_code(value: Any) -> bool:
    return callable(value) or isinstance(
        value, (classmethod, property, staticmethod)
    )


def _read_declarations(
    cls: type[Configuration],
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the type of each setting, and which ones are durations."""
    kinds, durations = {}, set()
    for name, hint in get_type_hints(cls, include_extras=True).items():
        if name.startswith("_"):
            continue
        kinds[name] = hint
        if get_origin(hint) is Annotated:
            kinds[name], *extras = get_args(hint)
            if timedelta in extras:
                durations.add(name)
    return kinds, frozenset(durations)


def _fits(value: Any, kind: Any) -> bool:
    """Check a value against the annotation of its setting."""
    origin, members = get_origin(kind), get_args(kind)
    if kind in (Any, object):
        return True
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is bool:
        return isinstance(value, bool) or value in (0, 1)
    if origin is None:
        return isinstance(value, kind)
    if origin is Literal:
        return value in members
    if origin is Callable:
        return callable(value)
    if origin is Sequence:
        return isinstance(value, (list, tuple, set, frozenset)) and all(
            _fits(item, members[0]) for item in value
        )
    if origin is Mapping:
        return isinstance(value, Mapping)
    return any(_fits(value, member) for member in members)


def _describe(kind: Any) -> str:
    return getattr(kind, "__name__", None) or str(kind).replace(
        "collections.abc.", ""
    ).replace("typing.", "")


Configuration._kinds, Configuration._durations = _read_declarations(
    Configuration
)
