"""`RedisSessionStore`: calls the scripts and follows the revocations."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import fields
from hashlib import sha256
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.exceptions import NoScriptError, RedisError

from ...exceptions import InvalidConfiguration
from ...runtime.loops import PerLoop
from ..feed import RevocationFeed
from ..model import (
    SHARDS,
    Cursor,
    Outcome,
    Page,
    Session,
    Swap,
    UserId,
    shard_of,
    user_id_from,
    user_key,
)
from ..store import SessionStore
from .connections import (
    Client,
    Connections,
    client_factory,
    translate_errors,
)
from .scripts import (
    PAGE,
    REVOKE,
    REVOKE_SOME,
    REVOKE_TOKEN,
    START,
    SWAP,
    Script,
)

_FIELDS = tuple(field.name for field in fields(Session))
_TIMES = frozenset({"access_until", "created", "ends", "expires", "last_used"})
_REVOCATION_KEYS = ("revoked", "version")
_CONCURRENCY = 8
_SCAN_COUNT = 1_000


class RedisSessionStore(SessionStore):
    """Keeps sessions in Redis 7 or Valkey, on one server or in a cluster.

    Every atomic step is one script on the server, and every key expires. A
    session takes about a kilobyte.

    What survives a crash of the server depends on its settings: with
    `appendonly yes` and `appendfsync always`, everything that it has
    acknowledged; with `everysec`, the default of an append-only file, all but
    the last second; without a file, nothing. Replication is asynchronous:
    writes that the primary acknowledged just before it failed, revocations
    included, may be lost in a failover, unless the server waits for replicas.
    Set `maxmemory-policy noeviction`: an evicted session logs its user out.
    While a cluster moves a slot, the sessions in it may be unavailable.

    An ACL must allow the keys `<prefix>:*` and the channel
    `<prefix>:revoked`.

    Args:
        server: A URL such as `redis://localhost:6379/0`, or `rediss://` for
            TLS; or a function that returns a client created with
            `decode_responses=True`, for example for Sentinel. The function is
            called once for each event loop. The store turns off the retries
            of the client, and closes it.
        cluster: Whether the URL is that of a node of a cluster.
        prefix: The prefix of all keys.
        timeout: The timeout of an operation, in seconds.
        feed_interval: How often to check for missed revocations, in seconds;
            the `staleness` of the feed is three times that.

    Raises:
        InvalidConfiguration: An argument is invalid. A client returned by
            `server` is checked when the server starts.
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
        if not (timeout > 0 and feed_interval > 0):
            raise InvalidConfiguration(
                "timeout and feed_interval must be positive."
            )
        self.staleness: float = 3 * feed_interval
        self._interval = feed_interval
        self._timeout = timeout
        self._prefix = prefix
        self._channel = f"{prefix}:revoked"
        most = None
        if callable(server):
            make = server
        else:
            make, most = client_factory(server, cluster, timeout)
        self._connections: PerLoop[Connections] = PerLoop(
            lambda: Connections(make, timeout, most),
            Connections.close,
            Connections.drop,
        )

    async def open(self) -> None:
        """Create the client; it does not connect yet."""
        self._connections.get().client()

    async def close(self) -> None:
        """Close the connections of the running event loop.

        Operations in progress complete or time out first. Closing continues
        if the caller is cancelled. The next use opens new connections.
        """
        await self._connections.close()

    async def start(
        self, session: Session, token: str, max_sessions: int | None = None
    ) -> list[Session]:
        """Store a new session; see `SessionStore.start`."""
        owner = _owner_of(session.user_id)
        values = {name: getattr(session, name) for name in _FIELDS}
        values["user_id"] = user_key(session.user_id)
        ended = await self._run(
            START,
            session.id[:2],
            [f"s:{session.id}", *_index_keys(owner), *_REVOCATION_KEYS],
            session.created,
            session.id,
            owner,
            session.expires,
            session.last_used,
            "" if max_sessions is None else max_sessions,
            self.step,
            *self._publish_args(),
            *(part for pair in values.items() for part in pair),
            "owner",
            owner,
            "token",
            token,
        )
        found = [
            _parse_session(values[: len(_FIELDS)], session.created)
            for values in ended
        ]
        return [session for session in found if session is not None]

    async def get(self, session_id: str, now: float) -> Session | None:
        """Return a session; see `SessionStore.get`."""
        [found] = await self._read(
            ("hmget", self._session_key(session_id), _FIELDS)
        )
        return _parse_session(found, now)

    async def swap(self, swap: Swap) -> Outcome:
        """Swap a refresh token; see `SessionStore.swap`."""
        outcome = await self._run(
            SWAP,
            swap.session_id[:2],
            [f"s:{swap.session_id}", *_REVOCATION_KEYS],
            swap.now,
            swap.session_id,
            swap.family,
            swap.presented,
            swap.successor,
            swap.grace,
            swap.expires,
            swap.access_until,
            *self._publish_args(),
        )
        return Outcome(outcome)

    async def page(
        self,
        user_id: UserId,
        now: float,
        limit: int,
        after: Cursor | None = None,
    ) -> Page:
        """Return some sessions of a user; see `SessionStore.page`."""
        owner = _owner_of(user_id)
        following, *found = await self._run(
            PAGE,
            _shard_of_user(user_id),
            _index_keys(owner)[:2],
            now,
            owner,
            limit,
            *(after or ("", "")),
            *_FIELDS,
        )
        sessions = [_parse_session(values, now) for values in found]
        return Page(
            [session for session in sessions if session is not None],
            Cursor(float(following[0]), following[1]) if following else None,
        )

    async def revoke(self, session_id: str, now: float) -> Mapping[str, float]:
        """End a session; see `SessionStore.revoke`."""
        return _revocations(
            await self._run(
                REVOKE,
                session_id[:2],
                [f"s:{session_id}", *_REVOCATION_KEYS],
                now,
                session_id,
                *self._publish_args(),
            )
        )

    async def revoke_all(
        self, user_id: UserId, now: float, *, but: str | None = None
    ) -> Mapping[str, float]:
        """End the sessions of a user; see `SessionStore.revoke_all`."""
        ended: dict[str, float] = {}
        async for step in self._revoke(
            _shard_of_user(user_id),
            f"u:{_owner_of(user_id)}",
            f"({_to_text(now)}",
            now,
            but or "",
        ):
            ended.update(step)
        return ended

    async def revoke_everyone(
        self, now: float
    ) -> AsyncIterator[Mapping[str, float]]:
        """End all sessions; see `SessionStore.revoke_everyone`."""
        for number in range(SHARDS):
            async for step in self._revoke(
                f"{number:02x}", "all", "-inf", now
            ):
                yield step

    async def _revoke(
        self, shard: str, index: str, since: str, now: float, but: str = ""
    ) -> AsyncIterator[Mapping[str, float]]:
        """End the sessions in an index, in order of expiry."""
        more = 1
        while more:
            more, revoked = await self._run(
                REVOKE_SOME,
                shard,
                [index, *_REVOCATION_KEYS],
                now,
                index,
                since,
                but,
                self.step,
                *self._publish_args(),
            )
            yield _revocations(revoked)

    async def revoke_token(
        self, token_id: str, until: float, now: float
    ) -> None:
        """Revoke one access token; see `SessionStore.revoke_token`."""
        await self._run(
            REVOKE_TOKEN,
            _shard_of_token(token_id),
            [*_REVOCATION_KEYS],
            now,
            token_id,
            until,
            *self._publish_args(),
        )

    async def is_revoked(
        self, session_id: str | None, token_id: str | None, now: float
    ) -> bool:
        """Return whether a token is revoked; see `SessionStore.is_revoked`."""
        calls: list[tuple[Any, ...]] = []
        if session_id is not None:
            calls.append(("hget", self._session_key(session_id), "expires"))
        if token_id is not None:
            shard = self._shard(_shard_of_token(token_id))
            calls.append(("zscore", f"{shard}revoked", token_id))
        found = await self._read(*calls)
        if session_id is not None:
            expires = found.pop(0)
            if expires is None or now >= float(expires):
                return True
        until = found[0] if found else None
        return until is not None and now < until

    async def follow(self, feed: RevocationFeed) -> None:
        """Send revocations to a feed; see `SessionStore.follow`.

        Revocations arrive as messages of a subscription. Each shard also has
        a version that changes with every revocation and is checked once per
        `feed_interval`, which reveals messages that were missed on a lost
        connection or in a failover. Each check subscribes again: the server
        confirms that, so a connection that stays silent is dead.
        """
        known: dict[str, str] = {}
        with translate_errors():
            async with self._subscribed() as messages:
                received = time.monotonic()
                while True:
                    checked = time.monotonic()
                    await self._catch_up(feed, known)
                    feed.confirm(checked)
                    if await self._listen(messages, feed, known):
                        received = time.monotonic()
                    elif time.monotonic() - received > self._timeout:
                        raise TimeoutError("The subscription is silent.")
                    await self._current.run(messages.subscribe(self._channel))

    async def _listen(
        self, messages: Any, feed: RevocationFeed, known: dict[str, str]
    ) -> bool:
        """Process messages until it is time to check the versions again.

        Returns:
            Whether the server has sent anything.
        """
        received = False
        ends = time.monotonic() + self._interval
        while (left := ends - time.monotonic()) > 0:
            message = await messages.get_message(timeout=left)
            if message is None:
                continue
            received = True
            if message["type"] != "message":
                continue
            shard, previous, version, revoked = json.loads(message["data"])
            feed.add(_revocations(revoked))
            if known.get(shard, "") == previous:
                known[shard] = version
        return received

    async def _catch_up(
        self, feed: RevocationFeed, known: dict[str, str]
    ) -> None:
        """Read the revocations of the shards whose version has changed."""
        shards = [self._shard(f"{number:02x}") for number in range(SHARDS)]
        versions = await self._read(
            *(("get", f"{shard}version") for shard in shards)
        )
        changed = [
            (shard, version or "")
            for shard, version in zip(shards, versions, strict=True)
            if known.get(shard, "") != (version or "")
        ]
        # each with its own timeout: all of them may take longer than one
        for shard, version in changed:
            position = 0
            while True:
                [(position, pairs)] = await self._read(
                    ("zscan", f"{shard}revoked", position, None, _SCAN_COUNT)
                )
                feed.add(dict(pairs))
                if position == 0:
                    break
            known[shard] = version

    @asynccontextmanager
    async def _subscribed(self) -> AsyncIterator[Any]:
        """Subscribe to the channel; in a cluster, on any one node."""
        client = await self._current.run(self._current.connected_client())
        subscriber = None
        if isinstance(client, RedisCluster):
            node = client.get_primaries()[0]
            subscriber = client = Redis.from_pool(
                BlockingConnectionPool(
                    max_connections=1,
                    connection_class=node.connection_class,
                    **node.connection_kwargs,
                )
            )
        messages = client.pubsub()
        try:
            await self._current.run(messages.subscribe(self._channel))
            yield messages
        finally:
            # an error must not replace a cancellation
            with suppress(RedisError, OSError):
                await messages.aclose()
            if subscriber is not None:
                with suppress(RedisError, OSError):
                    await subscriber.aclose()

    async def _run(
        self, script: Script, shard: str, keys: list[str], *args: Any
    ) -> Any:
        """Run a script and return its result.

        Args:
            script: The script.
            shard: The shard of its keys.
            keys: The keys to declare, without the prefix of the shard.
            args: The time, followed by the other arguments.
        """
        prefix = self._shard(shard)

        async def run() -> Any:
            texts = [
                *(f"{prefix}{key}" for key in keys),
                prefix,
                # redis-py takes several times as long to encode them
                *(_to_text(argument).encode() for argument in args),
            ]
            client = await self._current.connected_client()
            try:
                return await client.evalsha(script.digest, len(keys), *texts)
            except NoScriptError:
                return await client.eval(script.text, len(keys), *texts)

        return await self._current.run(run())

    async def _read(self, *calls: tuple[Any, ...]) -> list[Any]:
        """Call methods of the client, in one round trip if possible.

        Args:
            calls: For each call, the name of the method and its arguments.
        """

        async def pipelined(client: Client) -> list[Any]:
            pipeline = client.pipeline(transaction=False)
            for name, *args in calls:
                getattr(pipeline, name)(*args)
            return [*await pipeline.execute()]

        async def concurrently(client: Client) -> list[Any]:
            # a pipeline does not notice that a node has left the cluster
            results: list[Any] = []
            for first in range(0, len(calls), _CONCURRENCY):
                results += await asyncio.gather(
                    *(
                        getattr(client, name)(*args)
                        for name, *args in calls[first : first + _CONCURRENCY]
                    )
                )
            return results

        async def read() -> list[Any]:
            client = await self._current.connected_client()
            if len(calls) == 1:
                [(name, *args)] = calls
                return [await getattr(client, name)(*args)]
            if isinstance(client, RedisCluster):
                return await concurrently(client)
            return await pipelined(client)

        return await self._current.run(read()) if calls else []

    @property
    def _current(self) -> Connections:
        """The connections of the running event loop."""
        return self._connections.get()

    def _publish_args(self) -> tuple[str, str]:
        """Return the channel, and a new version for the shard."""
        return self._channel, secrets.token_hex(8)

    def _shard(self, shard: str) -> str:
        return f"{self._prefix}:{{{shard}}}:"

    def _session_key(self, session_id: str) -> str:
        return f"{self._shard(session_id[:2])}s:{session_id}"


def _to_text(value: Any) -> str:
    """Return an argument for a script; a time keeps its full precision."""
    return repr(value) if isinstance(value, (float, int)) else value


def _owner_of(user_id: UserId) -> str:
    """Return the name of a user in the keys of the indexes."""
    return sha256(user_key(user_id).encode()).hexdigest()


def _index_keys(owner: str) -> list[str]:
    """Return the keys of the indexes that list the sessions of a user."""
    return [f"u:{owner}", f"l:{owner}", "all"]


def _shard_of_user(user_id: UserId) -> str:
    return f"{shard_of(user_key(user_id)):02x}"


def _shard_of_token(token_id: str) -> str:
    return f"{shard_of(token_id):02x}"


def _revocations(flat: Iterable[Any]) -> dict[str, float]:
    """Return the revocations of a flat list of ids and times."""
    parts = iter(flat)
    return {revoked_id: float(next(parts)) for revoked_id in parts}


def _parse_session(values: Any, now: float) -> Session | None:
    """Return the session with the values of `_FIELDS`, unless expired."""
    found = dict(zip(_FIELDS, values, strict=True))
    if found["expires"] is None or now >= float(found["expires"]):
        return None
    for name in _TIMES:
        found[name] = float(found[name])
    found["user_id"] = user_id_from(found["user_id"])
    return Session(**found)
