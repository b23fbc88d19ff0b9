"""`RedisSessionStore`: calls the scripts, and follows what is revoked."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import (
    AsyncIterator,
    Callable,
    Iterable,
    Mapping,
)
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from hashlib import sha256
from typing import Any, TypeAlias

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError

from ...exceptions import InvalidConfiguration, SessionStoreUnavailable
from ..feed import RevocationFeed
from ..model import (
    SHARDS,
    Outcome,
    Session,
    Swap,
    UserId,
    shard_of,
    user_id_from,
    user_key,
)
from ..store import SessionStore
from . import scripts

Client: TypeAlias = Any
"""A `Redis` or `RedisCluster` of `redis.asyncio`."""

_FIELDS = tuple(field.name for field in fields(Session))
_TIMES = frozenset({"access_until", "created", "ends", "expires", "last_used"})
_CONNECTIONS = 50


class RedisSessionStore(SessionStore):
    """Keeps sessions in Redis 7 or Valkey, on one server or in a cluster.

    Every step that has to be atomic is one script on the server, and every
    key lives no longer than it matters. A session takes about a kilobyte.

    How much survives a crash of the server is up to its settings: with
    `appendonly yes` and `appendfsync always` nothing is lost that was
    answered; with `everysec`, the default of an append-only file, up to a
    second; without a file, all sessions. Replicas follow asynchronously:
    what the primary had answered just before it failed may be lost in a
    failover, a revocation too, unless the server waits for replicas. Set
    `maxmemory-policy noeviction`: an evicted session is a user logged out.

    Args:
        server: A URL such as `redis://localhost:6379/0`, `rediss://` for TLS;
            or a function that returns a client, for Sentinel say. A client
            must decode responses, and not try again by itself. It is called
            anew for each event loop, and what it returns is closed.
        cluster: Whether the URL is that of a node of a cluster.
        prefix: What the names of all keys begin with.
        timeout: How long to wait for a connection or an answer, in seconds.
        feed_interval: How often to make sure that no revocation was missed,
            in seconds; the bound of the feed is three times that.

    Raises:
        InvalidConfiguration: The URL cannot be read.
    """

    def __init__(
        self,
        server: str | Callable[[], Client],
        *,
        cluster: bool = False,
        prefix: str = "sanic_jwt_oo",
        timeout: float = 2.0,
        feed_interval: float = 1.0,
    ) -> None:
        self.staleness: float = 3 * feed_interval
        self._interval = feed_interval
        self._prefix = prefix
        self._channel = f"{prefix}:revoked"
        self._client: Client | None = None
        self._scripts: dict[str, Any] = {}
        self._make: Callable[[], Client]
        if callable(server):
            self._make = server
            return
        options: dict[str, Any] = {
            "decode_responses": True,
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            # a script that was sent may have run: only the caller can tell
            # whether it may run again
            "retry": Retry(NoBackoff(), 0),
        }
        if cluster:
            self._make = lambda: RedisCluster.from_url(server, **options)
        else:
            self._make = lambda: Redis.from_pool(
                BlockingConnectionPool.from_url(
                    server,
                    max_connections=_CONNECTIONS,
                    timeout=timeout,
                    **options,
                )
            )
        try:
            self._make()
        except (TypeError, ValueError, RedisError) as exc:
            raise InvalidConfiguration(
                "The URL of the session store is not one of Redis, such as "
                "redis://localhost:6379/0."
            ) from exc

    async def close(self) -> None:
        """Close all connections; the next use opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def start(self, session: Session, token: str) -> None:
        """Keep a new session; see `SessionStore.start`."""
        owner = _owner(session.user_id)
        values = {name: getattr(session, name) for name in _FIELDS}
        values["user_id"] = user_key(session.user_id)
        await self._run(
            "START",
            session.id[:2],
            session.created,
            session.id,
            owner,
            session.expires,
            session.ends,
            *(part for pair in values.items() for part in pair),
            "owner",
            owner,
            "token",
            token,
        )

    async def get(self, session_id: str, now: float) -> Session | None:
        """Return a living session; see `SessionStore.get`."""
        async with self._asked():
            key = self._session_key(session_id)
            found = await (await self._connected()).hmget(key, _FIELDS)
        return _session(found, now)

    async def swap(self, swap: Swap) -> Outcome:
        """Swap a refresh token; see `SessionStore.swap`."""
        outcome = await self._run(
            "SWAP",
            swap.session_id[:2],
            swap.now,
            swap.session_id,
            swap.family,
            swap.presented,
            swap.successor,
            swap.grace,
            swap.expires,
            swap.access_until,
            *self._telling(),
        )
        return Outcome(outcome)

    async def of_user(self, user_id: UserId, now: float) -> list[Session]:
        """Return the sessions of a user; see `SessionStore.of_user`."""
        shard = self._shard(_shard_of_user(user_id))
        async with self._asked():
            client = await self._connected()
            ids = await client.zrange(f"{shard}u:{_owner(user_id)}", 0, -1)
            pipeline = client.pipeline(transaction=False)
            for session_id in ids:
                pipeline.hmget(self._session_key(session_id), _FIELDS)
            found = await pipeline.execute() if ids else []
        sessions = [_session(values, now) for values in found]
        return sorted(
            (session for session in sessions if session is not None),
            key=lambda session: session.last_used,
            reverse=True,
        )

    async def revoke(self, session_id: str, now: float) -> Mapping[str, float]:
        """End a session; see `SessionStore.revoke`."""
        return _pairs(
            await self._run(
                "REVOKE", session_id[:2], now, session_id, *self._telling()
            )
        )

    async def revoke_all(
        self, user_id: UserId, now: float, *, but: str | None = None
    ) -> Mapping[str, float]:
        """End the sessions of a user; see `SessionStore.revoke_all`."""
        return _pairs(
            await self._run(
                "REVOKE_ALL",
                _shard_of_user(user_id),
                now,
                _owner(user_id),
                but or "",
                *self._telling(),
            )
        )

    async def revoke_token(
        self, token_id: str, until: float, now: float
    ) -> None:
        """Revoke one access token; see `SessionStore.revoke_token`."""
        await self._run(
            "REVOKE_TOKEN",
            _shard_of_token(token_id),
            now,
            token_id,
            until,
            *self._telling(),
        )

    async def is_revoked(
        self, session_id: str | None, token_id: str | None, now: float
    ) -> bool:
        """Tell whether a token is revoked; see `SessionStore.is_revoked`."""
        async with self._asked():
            pipeline = (await self._connected()).pipeline(transaction=False)
            if session_id is not None:
                pipeline.hget(self._session_key(session_id), "expires")
            if token_id is not None:
                shard = self._shard(_shard_of_token(token_id))
                pipeline.zscore(f"{shard}revoked", token_id)
            found = await pipeline.execute()
        if session_id is not None:
            expires = found.pop(0)
            if expires is None or now >= float(expires):
                return True
        until = found[0] if found else None
        return until is not None and now < until

    async def follow(self, feed: RevocationFeed) -> None:
        """Tell a feed what is revoked; see `SessionStore.follow`.

        Messages bring it at once. Each shard has a version that changes with
        every revocation, and is looked at once in an interval: a message
        that was missed, on a lost connection or in a failover, shows there.
        """
        known: dict[str, str] = {}
        async with self._asked(), self._subscribed() as messages:
            while True:
                checked = time.monotonic()
                await self._catch_up(feed, known)
                feed.confirm(checked)
                await self._listen(messages, feed, known)

    async def _listen(
        self, messages: Any, feed: RevocationFeed, known: dict[str, str]
    ) -> None:
        """Learn from messages until it is time to look at the versions."""
        ends = time.monotonic() + self._interval
        while (left := ends - time.monotonic()) > 0:
            message = await messages.get_message(
                ignore_subscribe_messages=True, timeout=left
            )
            if message is None:
                continue
            shard, previous, version, revoked = json.loads(message["data"])
            feed.add(_pairs(revoked))
            if known.get(shard, "") == previous:
                known[shard] = version

    async def _catch_up(
        self, feed: RevocationFeed, known: dict[str, str]
    ) -> None:
        """Read the shards whose version is not the one that is known."""
        client = await self._connected()
        shards = [self._shard(f"{number:02x}") for number in range(SHARDS)]
        pipeline = client.pipeline(transaction=False)
        for shard in shards:
            pipeline.get(f"{shard}version")
        versions = await pipeline.execute()
        changed = [
            (shard, version or "")
            for shard, version in zip(shards, versions, strict=True)
            if known.get(shard, "") != (version or "")
        ]
        if not changed:
            return
        pipeline = client.pipeline(transaction=False)
        for shard, _ in changed:
            pipeline.zrange(f"{shard}revoked", 0, -1, withscores=True)
        for pairs in await pipeline.execute():
            feed.add({revoked_id: until for revoked_id, until in pairs})
        known.update(changed)

    @asynccontextmanager
    async def _subscribed(self) -> AsyncIterator[Any]:
        """Subscribe to the channel, in a cluster on any one of its nodes."""
        client = await self._connected()
        alone = None
        if isinstance(client, RedisCluster):
            node = client.get_primaries()[0]
            alone = client = Redis.from_pool(
                BlockingConnectionPool(
                    max_connections=1,
                    connection_class=node.connection_class,
                    **node.connection_kwargs,
                )
            )
        try:
            async with client.pubsub() as messages:
                await messages.subscribe(self._channel)
                yield messages
        finally:
            if alone is not None:
                await alone.aclose()

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[None]:
        """Raise what the server, or the way to it, raises as our own error.

        A server that has gone leaves no connection that works: those that
        wait in the pool would fail one by one when it is back.
        """
        try:
            yield
        except (RedisError, OSError, asyncio.TimeoutError) as exc:
            pool = getattr(self._client, "connection_pool", None)
            if pool is not None and isinstance(exc, ConnectionLost):
                with suppress(RedisError, OSError, asyncio.TimeoutError):
                    await pool.disconnect(inuse_connections=False)
            raise SessionStoreUnavailable() from exc

    async def _connected(self) -> Any:
        if self._client is None:
            client: Any = self._make()
            self._scripts = {
                name: client.register_script(getattr(scripts, name))
                for name in _SCRIPTS
            }
            self._client = client
        if isinstance(self._client, RedisCluster):
            # calls that find the nodes at the same time cut each other off
            await self._client.initialize()
        return self._client

    async def _run(self, script: str, shard: str, *args: Any) -> Any:
        async with self._asked():
            await self._connected()
            return await self._scripts[script](
                keys=[self._shard(shard)], args=[_text(arg) for arg in args]
            )

    def _telling(self) -> tuple[str, str]:
        """Return the channel, and the version that a shard will have."""
        return self._channel, secrets.token_hex(8)

    def _shard(self, shard: str) -> str:
        return f"{self._prefix}:{{{shard}}}:"

    def _session_key(self, session_id: str) -> str:
        return f"{self._shard(session_id[:2])}s:{session_id}"


_SCRIPTS = ("START", "SWAP", "REVOKE", "REVOKE_ALL", "REVOKE_TOKEN")


def _text(value: Any) -> str:
    """Return a value for a script; a time keeps all its digits."""
    return repr(value) if isinstance(value, (float, int)) else value


def _owner(user_id: UserId) -> str:
    """Return what the index of a user's sessions is called by."""
    return sha256(user_key(user_id).encode()).hexdigest()


def _shard_of_user(user_id: UserId) -> str:
    return f"{shard_of(user_key(user_id)):02x}"


def _shard_of_token(token_id: str) -> str:
    return f"{shard_of(token_id):02x}"


def _pairs(flat: Iterable[Any]) -> dict[str, float]:
    """Return what a script tells as a list of ids and times."""
    parts = iter(flat)
    return {revoked_id: float(next(parts)) for revoked_id in parts}


def _session(values: Any, now: float) -> Session | None:
    """Return the session with the values of `_FIELDS`, if it lives."""
    found = dict(zip(_FIELDS, values, strict=True))
    if found["expires"] is None or now >= float(found["expires"]):
        return None
    for name in _TIMES:
        found[name] = float(found[name])
    found["user_id"] = user_id_from(found["user_id"])
    return Session(**found)
