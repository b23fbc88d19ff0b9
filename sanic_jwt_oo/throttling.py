"""Throttling of log-ins, counted by the package `limits`.

`JWTAuth.log_in` has each attempt counted before `authenticate` is called. It
is given back if a limit refuses it, and once it has succeeded: what stays
counted is what has failed. To count and to look is one step of the storage,
so of any number of attempts at once no more pass than a limit allows. Only
this module imports `limits`, and only where a limit is set. It sees accounts
and addresses, no requests.
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

from .accounts import network_of, plain_account
from .configuration import Configuration
from .exceptions import (
    InvalidConfiguration,
    LoginLimitUnavailable,
    TooManyAttempts,
)
from .loops import PerLoop, drop_pool

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.aio.strategies import FixedWindowRateLimiter
else:  # the names in annotations, which work without the package as well
    RateLimitItem = FixedWindowRateLimiter = Any

_logger = logging.getLogger("sanic_jwt_oo")

ACCOUNT_FIELDS = ("username", "email", "name", "login")
"""Fields of a log-in body that usually name the account."""
PATIENCE = 2.0
"""Seconds that the storage has for its answer."""
KEY_PREFIX = "sanic_jwt_oo"
"""What the names of all keys in Redis begin with."""

_Kind: TypeAlias = Literal["account", "address", "further account"]


class Hit(NamedTuple):
    """One limit under which an attempt was counted."""

    item: RateLimitItem
    kind: _Kind
    key: str


class Throttle:
    """Counts the log-ins of one installation.

    Windows are fixed: one begins with the first attempt and lasts as long as
    the limit says, however many attempts are refused in it.

    Args:
        settings: The settings of the installation.
        scope: What keeps its counts apart from those of others that use the
            same storage.

    Raises:
        InvalidConfiguration: One of the `login_limit_...` settings cannot
            work.
    """

    def __init__(self, settings: Configuration, scope: str) -> None:
        self._scope = scope
        self._limits: dict[_Kind, list[RateLimitItem]] = {
            "address": _parse("login_limit_per_address", settings),
            "account": _parse("login_limit_per_account", settings),
        }
        self._limits["further account"] = self._limits["account"]
        self._storage = settings.login_limit_storage
        self._in_memory = _open(self._storage)
        self._limiters: PerLoop[FixedWindowRateLimiter] = PerLoop(
            self._open_here, _close, _drop
        )
        self._warned = False

    @classmethod
    def of(cls, settings: Configuration, scope: str) -> Throttle | None:
        """Return the throttle that the settings ask for, if they do."""
        if (
            settings.login_limit_per_account is None
            and settings.login_limit_per_address is None
        ):
            return None
        return cls(settings, scope)

    async def count(self, accounts: Any, address: Any) -> list[Hit]:
        """Count an attempt, or refuse it.

        An attempt counts against one account, the first. Which one it really
        tries, only `authenticate` knows; so the further ones have counts of
        their own, and no decoy hides an account. Those refuse no attempt that
        names the account first, or naming others would lock them out.

        Args:
            accounts: The account, or several, or none.
            address: Where the attempt comes from, if that is known.

        Returns:
            What was counted, for `give_back`.

        Raises:
            TooManyAttempts: A limit is reached.
            LoginLimitUnavailable: The storage does not answer.
        """
        try:
            return await asyncio.wait_for(
                self._count(self._keys(accounts, address)), PATIENCE
            )
        except TooManyAttempts:
            raise
        except Exception as exc:  # whatever a storage may raise
            raise LoginLimitUnavailable() from exc

    async def give_back(self, hits: list[Hit]) -> None:
        """Take back what was counted of an attempt that has succeeded.

        If the storage does not answer any more, it stays counted.
        """
        if self._limits["account"] and not self._warned:
            self._warned = not any(hit.kind == "account" for hit in hits)
            if self._warned:
                _logger.warning(
                    "login_limit_per_account counts nothing: a log-in names "
                    "its account where login_account() does not look."
                )
        try:
            await asyncio.wait_for(self._give_back(hits), PATIENCE)
        except Exception as exc:  # whatever a storage may raise
            _logger.warning(
                "A log-in that succeeded stays counted: %s", type(exc).__name__
            )

    async def close(self, *args: object) -> None:
        """Close the connections to the storage; a listener of Sanic."""
        await self._limiters.close()

    async def _count(self, keys: Iterable[tuple[_Kind, str]]) -> list[Hit]:
        limiter = self._limiter
        hits = []
        for kind, key in keys:
            for item in self._limits[kind]:
                passed = await limiter.hit(item, kind, key)
                hits.append(Hit(item, kind, key))
                if not passed:
                    window = await limiter.get_window_stats(item, kind, key)
                    left = window.reset_time - time.time()
                    if left < PATIENCE:  # no credit for the next window
                        hits.pop()
                    await self._give_back(hits)
                    raise TooManyAttempts(
                        retry_after=_whole_seconds(left, item.get_expiry())
                    )
        return hits

    async def _give_back(self, hits: list[Hit]) -> None:
        storage = self._limiter.storage
        for item, kind, key in hits:
            name, seconds = item.key_for(kind, key), item.get_expiry()
            if await storage.incr(name, seconds, amount=-1) < 0:
                # its window is over: no credit for the next ones
                await storage.incr(name, seconds, amount=1)

    def _keys(
        self, accounts: Any, address: Any
    ) -> Iterator[tuple[_Kind, str]]:
        """Yield what is counted; nothing of it can be read from its key."""
        network = network_of(address)
        if network:
            yield "address", self._key(network)
        if isinstance(accounts, (set, frozenset)):
            accounts = sorted(map(plain_account, accounts))
        elif not isinstance(accounts, (list, tuple)):
            accounts = [accounts]
        kind: _Kind = "account"
        for account in dict.fromkeys(map(plain_account, accounts)):
            if account:
                yield kind, self._key(account)
                kind = "further account"

    def _key(self, text: str) -> str:
        whole = f"{self._scope}\0{text}".encode("utf-8", "surrogatepass")
        return sha256(whole).hexdigest()

    @property
    def _limiter(self) -> FixedWindowRateLimiter:
        return self._limiters.get()

    def _open_here(self) -> FixedWindowRateLimiter:
        """Return the limiter for the running loop.

        Connections belong to the loop they were made in. Counts in memory
        outlive it; only what sweeps them has to be begun anew.
        """
        storage: Any = self._in_memory.storage
        if not hasattr(storage, "timer"):
            return _open(self._storage)
        storage.timer = None
        return self._in_memory


def _close(limiter: FixedWindowRateLimiter) -> asyncio.Task[None]:
    return asyncio.create_task(_close_client(_client_of(limiter)))


async def _close_client(client: Any) -> None:
    if client is not None:
        try:
            await asyncio.wait_for(client.aclose(), PATIENCE)
        except Exception as exc:  # whatever a storage may raise
            _logger.warning(
                "Connections to login_limit_storage do not close: %s",
                type(exc).__name__,
            )


def _drop(limiter: FixedWindowRateLimiter) -> None:
    client = _client_of(limiter)
    if client is not None:
        drop_pool(client.connection_pool)


def _client_of(limiter: FixedWindowRateLimiter) -> Any:
    """Return the client of a storage in Redis."""
    bridge = getattr(limiter.storage, "bridge", None)
    return getattr(bridge, "storage", None)


def _whole_seconds(left: float, longest: int) -> int:
    """Round up; half a second is what Redis may have rounded down."""
    return max(1, min(ceil(left + 0.5), longest))


def _parse(name: str, settings: Configuration) -> list[RateLimitItem]:
    """Return the limits that a setting names, the shortest first."""
    text: str | None = getattr(settings, name)
    if text is None:
        return []
    try:
        import limits
    except ImportError as exc:
        raise InvalidConfiguration(
            f"{name!r} needs the package limits, from the extra limits: in a "
            "checkout of sanic_jwt_oo, pip install '.[limits]'."
        ) from exc
    try:
        items = limits.parse_many(text)
    except ValueError:
        items = []
    if not items or any(item.amount < 1 for item in items):
        raise InvalidConfiguration(
            f"{name!r} is {text!r}; write a number of attempts, one or more, "
            "and a period: '10/minute', or several: '10/minute;100/hour'."
        )
    return sorted(items, key=lambda item: item.get_expiry())


def _open(uri: str) -> FixedWindowRateLimiter:
    """Return a limiter on a storage; connects to nothing yet."""
    from limits.aio.strategies import FixedWindowRateLimiter
    from limits.storage import storage_from_string

    uri = uri.removeprefix("async+")
    kind = re.split(r"[+:]", uri)[0]
    options: dict[str, Any] = {}
    fault = "another kind of storage"
    try:
        if kind in ("redis", "rediss"):
            options = {
                "implementation": "redispy",
                "key_prefix": KEY_PREFIX,
                # a connection may have ended while nobody logged in
                "retry_on_error": [import_module("redis").ConnectionError],
                "socket_connect_timeout": PATIENCE,
                "socket_timeout": PATIENCE,
            }
        if kind in ("memory", "redis", "rediss"):
            return FixedWindowRateLimiter(
                storage_from_string(f"async+{uri}", **options)
            )
    except Exception as exc:
        # its message, and so its traceback, may hold the password
        fault = type(exc).__name__
    raise InvalidConfiguration(
        f"'login_limit_storage' cannot be used ({fault}); write 'memory://', "
        "or 'redis://host:port/0' with the port, which needs redis 5.2 or "
        "newer: in a checkout of sanic_jwt_oo, pip install '.[limits,redis]'."
    )
