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
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.exceptions import (
    NoScriptError,
    RedisError,
)

from ...exceptions import (
    InvalidConfiguration,
)
from ...loops import PerLoop
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
from .connections import Client, Connections, clients_for, unavailable
from .scripts import (
    PAGE,
    REVOKE,
    REVOKE_SOME,
    REVOKE_TOKEN,
    START,
    SWAP,
    Script,
)

_T = TypeVar("_T")

_FIELDS = tuple(field.name for field in fields(Session))
_TIMES = frozenset({"access_until", "created", "ends", "expires", "last_used"})
_REVOKED = ("revoked", "version")
_ABREAST = 8
_SCANNED = 1_000


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
    While a cluster moves a slot, the sessions in it may be unavailable.

    Whoever has an ACL needs the keys `<prefix>:*` and the channel
    `<prefix>:revoked`.

    Args:
        server: A URL such as `redis://localhost:6379/0`, `rediss://` for TLS;
            or a function that returns a client, for Sentinel say, with
            `decode_responses=True`. It is called anew for each event loop;
            what it returns is told not to try anything twice, and closed.
        cluster: Whether the URL is that of a node of a cluster.
        prefix: What the names of all keys begin with.
        timeout: How long an operation may take, in seconds.
        feed_interval: How often to make sure that no revocation was missed,
            in seconds; the bound of the feed is three times that.

    Raises:
        InvalidConfiguration: One of them cannot work. What is wrong with a
            client of the application is told when the server starts.
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
                "timeout and feed_interval have to be positive."
            )
        self.staleness: float = 3 * feed_interval
        self._interval = feed_interval
        self._timeout = timeout
        self._prefix = prefix
        self._channel = f"{prefix}:revoked"
        make = (
            server
            if callable(server)
            else clients_for(server, cluster, timeout)
        )
        self._connections: PerLoop[Connections] = PerLoop(
            lambda: Connections(make, timeout),
            Connections.close,
            Connections.drop,
        )

    async def open(self) -> None:
        """Make the client; nothing is sent yet."""
        self._connections.get().made()

    async def close(self) -> None:
        """Close the connections of the running event loop.

        What is under way has its time to end; closing goes on if the caller
        is cancelled. The next use opens new connections.
        """
        await self._connections.close()

    async def start(
        self, session: Session, token: str, max_sessions: int | None = None
    ) -> list[Session]:
        """Keep a new session; see `SessionStore.start`."""
        owner = _owner(session.user_id)
        values = {name: getattr(session, name) for name in _FIELDS}
        values["user_id"] = user_key(session.user_id)
        ended = await self._run(
            START,
            session.id[:2],
            [f"s:{session.id}", *_indexes(owner), *_REVOKED],
            session.created,
            session.id,
            owner,
            session.expires,
            session.last_used,
            "" if max_sessions is None else max_sessions,
            self.step,
            *self._telling(),
            *(part for pair in values.items() for part in pair),
            "owner",
            owner,
            "token",
            token,
        )
        found = [
            _session(values[: len(_FIELDS)], session.created)
            for values in ended
        ]
        return [session for session in found if session is not None]

    async def get(self, session_id: str, now: float) -> Session | None:
        """Return a living session; see `SessionStore.get`."""
        [found] = await self._read(
            ("hmget", self._session_key(session_id), _FIELDS)
        )
        return _session(found, now)

    async def swap(self, swap: Swap) -> Outcome:
        """Swap a refresh token; see `SessionStore.swap`."""
        outcome = await self._run(
            SWAP,
            swap.session_id[:2],
            [f"s:{swap.session_id}", *_REVOKED],
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

    async def page(
        self,
        user_id: UserId,
        now: float,
        limit: int,
        after: Cursor | None = None,
    ) -> Page:
        """Return some sessions of a user; see `SessionStore.page`."""
        owner = _owner(user_id)
        following, *found = await self._run(
            PAGE,
            _shard_of_user(user_id),
            _indexes(owner)[:2],
            now,
            owner,
            limit,
            *(after or ("", "")),
            *_FIELDS,
        )
        sessions = [_session(values, now) for values in found]
        return Page(
            [session for session in sessions if session is not None],
            Cursor(float(following[0]), following[1]) if following else None,
        )

    async def revoke(self, session_id: str, now: float) -> Mapping[str, float]:
        """End a session; see `SessionStore.revoke`."""
        return _pairs(
            await self._run(
                REVOKE,
                session_id[:2],
                [f"s:{session_id}", *_REVOKED],
                now,
                session_id,
                *self._telling(),
            )
        )

    async def revoke_all(
        self, user_id: UserId, now: float, *, but: str | None = None
    ) -> Mapping[str, float]:
        """End the sessions of a user; see `SessionStore.revoke_all`."""
        ended: dict[str, float] = {}
        async for step in self._revoke(
            _shard_of_user(user_id),
            f"u:{_owner(user_id)}",
            f"({_text(now)}",
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
        """End the sessions in an index, those first that expire first."""
        more = 1
        while more:
            more, revoked = await self._run(
                REVOKE_SOME,
                shard,
                [index, *_REVOKED],
                now,
                index,
                since,
                but,
                self.step,
                *self._telling(),
            )
            yield _pairs(revoked)

    async def revoke_token(
        self, token_id: str, until: float, now: float
    ) -> None:
        """Revoke one access token; see `SessionStore.revoke_token`."""
        await self._run(
            REVOKE_TOKEN,
            _shard_of_token(token_id),
            [*_REVOKED],
            now,
            token_id,
            until,
            *self._telling(),
        )

    async def is_revoked(
        self, session_id: str | None, token_id: str | None, now: float
    ) -> bool:
        """Tell whether a token is revoked; see `SessionStore.is_revoked`."""
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
        """Tell a feed what is revoked; see `SessionStore.follow`.

        Messages bring it at once. Each shard has a version that changes with
        every revocation, and is looked at once in an interval: a message
        that was missed, on a lost connection or in a failover, shows there.
        The subscription is made again each time: the server answers to that,
        and a connection that nothing comes from any more is left.
        """
        known: dict[str, str] = {}
        with unavailable():
            async with self._subscribed() as messages:
                heard = time.monotonic()
                while True:
                    checked = time.monotonic()
                    await self._catch_up(feed, known)
                    feed.confirm(checked)
                    if await self._listen(messages, feed, known):
                        heard = time.monotonic()
                    elif time.monotonic() - heard > self._timeout:
                        raise TimeoutError("The subscription is silent.")
                    await self._here.in_time(messages.subscribe(self._channel))

    async def _listen(
        self, messages: Any, feed: RevocationFeed, known: dict[str, str]
    ) -> bool:
        """Learn from messages until it is time to look at the versions.

        Returns:
            Whether the server has said anything.
        """
        heard = False
        ends = time.monotonic() + self._interval
        while (left := ends - time.monotonic()) > 0:
            message = await messages.get_message(timeout=left)
            if message is None:
                continue
            heard = True
            if message["type"] != "message":
                continue
            shard, previous, version, revoked = json.loads(message["data"])
            feed.add(_pairs(revoked))
            if known.get(shard, "") == previous:
                known[shard] = version
        return heard

    async def _catch_up(
        self, feed: RevocationFeed, known: dict[str, str]
    ) -> None:
        """Read the shards whose version is not the one that is known."""
        shards = [self._shard(f"{number:02x}") for number in range(SHARDS)]
        versions = await self._read(
            *(("get", f"{shard}version") for shard in shards)
        )
        changed = [
            (shard, version or "")
            for shard, version in zip(shards, versions, strict=True)
            if known.get(shard, "") != (version or "")
        ]
        # each in a time of its own: all together may take longer than that
        for shard, version in changed:
            position = 0
            while True:
                [(position, pairs)] = await self._read(
                    ("zscan", f"{shard}revoked", position, None, _SCANNED)
                )
                feed.add(dict(pairs))
                if position == 0:
                    break
            known[shard] = version

    @asynccontextmanager
    async def _subscribed(self) -> AsyncIterator[Any]:
        """Subscribe to the channel, in a cluster on any one of its nodes."""
        client = await self._here.in_time(self._here.connected())
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
        messages = client.pubsub()
        try:
            await self._here.in_time(messages.subscribe(self._channel))
            yield messages
        finally:
            # in the place of a cancellation, an error would end nothing
            with suppress(RedisError, OSError):
                await messages.aclose()
            if alone is not None:
                with suppress(RedisError, OSError):
                    await alone.aclose()

    async def _run(
        self, script: Script, shard: str, keys: list[str], *args: Any
    ) -> Any:
        """Run a script and return its answer.

        Args:
            script: The script.
            shard: The shard in which it works.
            keys: The keys that it is known to need, without the shard.
            args: The time, and what else it needs.
        """
        prefix = self._shard(shard)
        texts = [
            *(f"{prefix}{key}" for key in keys),
            prefix,
            *map(_text, args),
        ]

        async def run() -> Any:
            client = await self._here.connected()
            try:
                return await client.evalsha(script.digest, len(keys), *texts)
            except NoScriptError:
                return await client.eval(script.text, len(keys), *texts)

        return await self._here.in_time(run())

    async def _read(self, *calls: tuple[Any, ...]) -> list[Any]:
        """Call methods of the client, in one round trip if there are few.

        Args:
            calls: The name of each method, and its arguments.
        """

        async def pipelined(client: Client) -> list[Any]:
            pipeline = client.pipeline(transaction=False)
            for name, *args in calls:
                getattr(pipeline, name)(*args)
            return [*await pipeline.execute()]

        async def abreast(client: Client) -> list[Any]:
            # a pipeline does not notice that a node is gone for good
            answers: list[Any] = []
            for first in range(0, len(calls), _ABREAST):
                answers += await asyncio.gather(
                    *(
                        getattr(client, name)(*args)
                        for name, *args in calls[first : first + _ABREAST]
                    )
                )
            return answers

        async def read() -> list[Any]:
            client = await self._here.connected()
            if isinstance(client, RedisCluster):
                return await abreast(client)
            return await pipelined(client)

        return await self._here.in_time(read()) if calls else []

    @property
    def _here(self) -> Connections:
        """The connections of the running event loop."""
        return self._connections.get()

    def _telling(self) -> tuple[str, str]:
        """Return the channel, and the version that a shard will have."""
        return self._channel, secrets.token_hex(8)

    def _shard(self, shard: str) -> str:
        return f"{self._prefix}:{{{shard}}}:"

    def _session_key(self, session_id: str) -> str:
        return f"{self._shard(session_id[:2])}s:{session_id}"


def _text(value: Any) -> str:
    """Return a value for a script; a time keeps all its digits."""
    return repr(value) if isinstance(value, (float, int)) else value


def _owner(user_id: UserId) -> str:
    """Return what the index of a user's sessions is called by."""
    return sha256(user_key(user_id).encode()).hexdigest()


def _indexes(owner: str) -> list[str]:
    """Return the indexes that have the sessions of a user."""
    return [f"u:{owner}", f"l:{owner}", "all"]


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
