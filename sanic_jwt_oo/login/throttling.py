"""Limits on failed logins, counted by the package `limits`.

`JWTAuth.log_in` counts each attempt before it calls `authenticate`. The
attempt is refunded if it succeeds or if a limit refuses it, so only failures
count. Counting and checking is one atomic step of the storage: of attempts
that arrive together, at most the limit pass. Only this module imports
`limits`, and only if a limit is set. It receives accounts and addresses, not
requests.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Iterable, Iterator
from hashlib import sha256
from importlib import import_module
from math import ceil
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from ..configuration import Configuration
from ..exceptions import (
    InvalidConfiguration,
    LoginLimitUnavailable,
    TooManyAttempts,
)
from ..runtime.loops import PerLoop, drop_pool
from .accounts import normalize_account, normalize_address

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.aio.strategies import FixedWindowRateLimiter
else:  # annotations must also be readable without the package
    RateLimitItem = FixedWindowRateLimiter = Any

_logger = logging.getLogger("sanic_jwt_oo")

STORAGE_TIMEOUT = 2.0
"""The timeout of the storage, in seconds."""
KEY_PREFIX = "sanic_jwt_oo"
"""The prefix of all keys in Redis."""

_Kind: TypeAlias = Literal["account", "address", "further account"]


class Hit(NamedTuple):
    """An attempt that was counted against one limit."""

    item: RateLimitItem
    kind: _Kind
    key: str


class Throttle:
    """Counts the login attempts of one installation.

    Windows are fixed: a window begins with the first attempt and lasts for
    the period of the limit, however many attempts are refused in it.

    Args:
        settings: The settings of the installation.
        scope: A name that separates its counts from those of other
            installations with the same storage.

    Raises:
        InvalidConfiguration: One of the `login_limit_...` settings is
            invalid.
    """

    def __init__(self, settings: Configuration, scope: str) -> None:
        self._scope = scope
        self._limits: dict[_Kind, list[RateLimitItem]] = {
            "address": _parse("login_limit_per_address", settings),
            "account": _parse("login_limit_per_account", settings),
        }
        self._limits["further account"] = self._limits["account"]
        self._storage = settings.login_limit_storage
        self._in_memory = _create_limiter(self._storage)
        self._limiters: PerLoop[FixedWindowRateLimiter] = PerLoop(
            self._limiter_for_loop, _start_closing, _drop
        )
        self._warned = False

    @classmethod
    def from_settings(
        cls, settings: Configuration, scope: str
    ) -> Throttle | None:
        """Return a throttle, or `None` if the settings set no limit."""
        if (
            settings.login_limit_per_account is None
            and settings.login_limit_per_address is None
        ):
            return None
        return cls(settings, scope)

    async def count(self, accounts: Any, address: Any) -> list[Hit]:
        """Count an attempt, or refuse it.

        A request may name several accounts, and only `authenticate` knows
        which one it uses. The first one counts as the account. The further
        ones have separate counts, so that a decoy in front hides no account,
        and so that naming an account second cannot lock out its owner, who
        names it first.

        Args:
            accounts: The account, several accounts, or `None`.
            address: The IP address of the client, or `None`.

        Returns:
            The counted hits, for `refund`.

        Raises:
            TooManyAttempts: A limit is exceeded.
            LoginLimitUnavailable: The storage does not respond.
        """
        try:
            return await asyncio.wait_for(
                self._count(self._keys(accounts, address)), STORAGE_TIMEOUT
            )
        except TooManyAttempts:
            raise
        except Exception as exc:  # storages may raise nearly anything
            raise LoginLimitUnavailable() from exc

    async def refund(self, hits: list[Hit]) -> None:
        """Remove the hits of a successful attempt.

        If the storage does not respond, the attempt stays counted.
        """
        if self._limits["account"] and not self._warned:
            self._warned = not any(hit.kind == "account" for hit in hits)
            if self._warned:
                _logger.warning(
                    "login_limit_per_account counts nothing: "
                    "login_account() found no account in the login request. "
                    "Override it to return the account."
                )
        try:
            await asyncio.wait_for(self._refund(hits), STORAGE_TIMEOUT)
        except Exception as exc:  # storages may raise nearly anything
            _logger.warning(
                "A successful login stays counted: %s", type(exc).__name__
            )

    async def close(self, *args: object) -> None:
        """Close the connections to the storage; used as a Sanic listener."""
        await self._limiters.close()

    async def _count(self, keys: Iterable[tuple[_Kind, str]]) -> list[Hit]:
        limiter = self._limiter
        hits = []
        for kind, key in keys:
            for item in self._limits[kind]:
                allowed = await limiter.hit(item, kind, key)
                hits.append(Hit(item, kind, key))
                if not allowed:
                    window = await limiter.get_window_stats(item, kind, key)
                    remaining = window.reset_time - time.time()
                    # A late refund would be a credit in the next window.
                    if remaining < STORAGE_TIMEOUT:
                        hits.pop()
                    await self._refund(hits)
                    raise TooManyAttempts(
                        retry_after=_retry_after(remaining, item.get_expiry())
                    )
        return hits

    async def _refund(self, hits: list[Hit]) -> None:
        storage = self._limiter.storage
        for item, kind, key in hits:
            name, seconds = item.key_for(kind, key), item.get_expiry()
            if await storage.incr(name, seconds, amount=-1) < 0:
                # Its window has ended: leave no credit for the next one.
                await storage.incr(name, seconds, amount=1)

    def _keys(
        self, accounts: Any, address: Any
    ) -> Iterator[tuple[_Kind, str]]:
        """Yield the keys to count; they contain only digests."""
        network = normalize_address(address)
        if network:
            yield "address", self._key(network)
        if isinstance(accounts, (set, frozenset)):
            accounts = sorted(map(normalize_account, accounts))
        elif not isinstance(accounts, (list, tuple)):
            accounts = [accounts]
        kind: _Kind = "account"
        for account in dict.fromkeys(map(normalize_account, accounts)):
            if account:
                yield kind, self._key(account)
                kind = "further account"

    def _key(self, text: str) -> str:
        data = f"{self._scope}\0{text}".encode("utf-8", "surrogatepass")
        return sha256(data).hexdigest()

    @property
    def _limiter(self) -> FixedWindowRateLimiter:
        return self._limiters.get()

    def _limiter_for_loop(self) -> FixedWindowRateLimiter:
        """Return the limiter for the running loop.

        Connections belong to the loop in which they were opened. Counts in
        memory are kept across loops; only their cleanup timer must be
        restarted in each loop.
        """
        storage: Any = self._in_memory.storage
        if not hasattr(storage, "timer"):
            return _create_limiter(self._storage)
        storage.timer = None
        return self._in_memory


def _start_closing(limiter: FixedWindowRateLimiter) -> asyncio.Task[None]:
    return asyncio.create_task(_close_client(_client_of(limiter)))


async def _close_client(client: Any) -> None:
    if client is not None:
        try:
            await asyncio.wait_for(client.aclose(), STORAGE_TIMEOUT)
        except Exception as exc:  # storages may raise nearly anything
            _logger.warning(
                "Cannot close connections to login_limit_storage: %s",
                type(exc).__name__,
            )


def _drop(limiter: FixedWindowRateLimiter) -> None:
    client = _client_of(limiter)
    if client is not None:
        drop_pool(client.connection_pool)


def _client_of(limiter: FixedWindowRateLimiter) -> Any:
    """Return the Redis client of a limiter, or `None`."""
    bridge = getattr(limiter.storage, "bridge", None)
    return getattr(bridge, "storage", None)


def _retry_after(remaining: float, period: int) -> int:
    """Return whole seconds, rounded up: Redis may round down by 0.5."""
    return max(1, min(ceil(remaining + 0.5), period))


def _parse(name: str, settings: Configuration) -> list[RateLimitItem]:
    """Return the limits of a setting, the shortest period first."""
    text: str | None = getattr(settings, name)
    if text is None:
        return []
    try:
        import limits
    except ImportError as exc:
        raise InvalidConfiguration(
            f"{name!r} requires the package limits. Install the extra limits: "
            "in a checkout of sanic_jwt_oo, run pip install '.[limits]'."
        ) from exc
    try:
        items = limits.parse_many(text)
    except ValueError:
        items = []
    if not items or any(item.amount < 1 for item in items):
        raise InvalidConfiguration(
            f"{name!r} is {text!r}. Use a positive number of attempts and a "
            "period, such as '10/minute', or several: '10/minute;100/hour'."
        )
    return sorted(items, key=lambda item: item.get_expiry())


def _create_limiter(uri: str) -> FixedWindowRateLimiter:
    """Return a limiter with a storage; it does not connect yet."""
    from limits.aio.strategies import FixedWindowRateLimiter
    from limits.storage import storage_from_string

    uri = uri.removeprefix("async+")
    kind = re.split(r"[+:]", uri)[0]
    options: dict[str, Any] = {}
    fault = "storage is not supported"
    try:
        if kind in ("redis", "rediss"):
            options = {
                "implementation": "redispy",
                "key_prefix": KEY_PREFIX,
                # an idle connection may have been closed
                "retry_on_error": [import_module("redis").ConnectionError],
                "socket_connect_timeout": STORAGE_TIMEOUT,
                "socket_timeout": STORAGE_TIMEOUT,
            }
        if kind in ("memory", "redis", "rediss"):
            return FixedWindowRateLimiter(
                storage_from_string(f"async+{uri}", **options)
            )
    except Exception as exc:
        # not its message or traceback, which may contain the password
        fault = type(exc).__name__
    raise InvalidConfiguration(
        f"'login_limit_storage' is invalid ({fault}). Use 'memory://', or "
        "'redis://host:port/0' including the port. Redis requires the package "
        "redis 5.2 or newer: in a checkout of sanic_jwt_oo, run pip install "
        "'.[limits,redis]'."
    )
