"""The connections to Redis that belong to one event loop.

Whatever the server or the way to it does, a caller has a result or
`SessionStoreUnavailable` when the time for an operation is over. What is done
there is not known here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from ...exceptions import (
    InvalidConfiguration,
    SanicJWTException,
    SessionStoreUnavailable,
)
from ...loops import drop_pool

_T = TypeVar("_T")

Client: TypeAlias = Any
"""A `Redis` or `RedisCluster` of `redis.asyncio`."""

_logger = logging.getLogger("sanic_jwt_oo")


class Connections:
    """A client, and what is under way with it.

    Args:
        make: Returns a new client.
        timeout: How many seconds an operation may take.
    """

    def __init__(self, make: Callable[[], Client], timeout: float) -> None:
        self._make = make
        self._timeout = timeout
        self._client: Client | None = None
        self._finding: asyncio.Task[Any] | None = None
        self._running: set[asyncio.Task[Any]] = set()

    def close(self) -> asyncio.Task[None]:
        """Let what is under way end in its time, and close the client."""
        return asyncio.create_task(self._close())

    async def _close(self) -> None:
        finding = self._finding
        if finding is not None and not finding.done():
            finding.cancel()
            await asyncio.wait({finding})
        if self._running:
            await asyncio.wait({*self._running}, timeout=self._timeout)
        if self._client is not None:
            try:
                await asyncio.wait_for(_close(self._client), self._timeout)
            except Exception as exc:  # whatever a client may raise
                _logger.warning("Connections to Redis do not close: %r", exc)

    def drop(self) -> None:
        """Let go of the connections, whose event loop is closed."""
        client = self._client
        if isinstance(client, RedisCluster):
            client._initialize = True  # or it warns that it is not closed
            manager = client.nodes_manager
            pools: list[Any] = [
                *manager.nodes_cache.values(),
                *manager.startup_nodes.values(),
            ]
        else:
            pools = [getattr(client, "connection_pool", None)]
        for pool in pools:
            drop_pool(pool)

    def made(self) -> Client:
        """Return the client, which is made if there is none."""
        if self._client is None:
            client: Any = self._make()
            if not client.get_encoder().decode_responses:
                raise InvalidConfiguration(
                    "A client of the session store needs "
                    "decode_responses=True."
                )
            # A script that was sent may have run: it is no refresh token
            # used twice if it is sent twice, but looks the same.
            client.set_retry(Retry(NoBackoff(), 0))
            if hasattr(client, "cluster_error_retry_attempts"):
                # where a cluster of redis-py before 6 looks
                client.cluster_error_retry_attempts = 0
            self._client = client
        return self._client

    async def connected(self) -> Client:
        """Return the client, which knows its nodes if it has several."""
        client = self.made()
        if isinstance(client, RedisCluster):
            # Calls that look for the nodes each by itself wait for each
            # other, and one that is given up cuts the others off.
            if self._finding is None or self._finding.done():
                self._finding = asyncio.create_task(self._find_nodes(client))
                self._finding.add_done_callback(_seen)
            await asyncio.shield(self._finding)
        return client

    async def _find_nodes(self, client: RedisCluster) -> None:
        try:
            await client.initialize()
        finally:
            # redis-py before 6 forgets those that fail, up to the last one
            forgot = not client.nodes_manager.startup_nodes
            if forgot and self._client is client:
                self._client = None
                await _close(client)

    async def in_time(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Return the result of an operation, if there is one in time."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(_seen)
        try:
            await asyncio.wait({task}, timeout=self._timeout)
        except asyncio.CancelledError:
            # else it might still be sent, after what is asked next
            task.cancel()
            await asyncio.wait({task}, timeout=self._timeout)
            raise
        given_up = task.cancel()
        if given_up or task.cancelled():
            raise SessionStoreUnavailable()
        with unavailable():
            return task.result()


_CONNECTIONS = 50


async def _close(client: Client) -> None:
    """Close all connections of a client."""
    if isinstance(client, RedisCluster):
        # what it does itself while it knows its nodes
        await client.nodes_manager.aclose()
        await client.nodes_manager.aclose("startup_nodes")
    await client.aclose()


def _seen(task: asyncio.Future[Any]) -> None:
    """Take note of an error that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


@contextmanager
def unavailable() -> Iterator[None]:
    """Raise what the server, or the way to it, raises as our own error."""
    try:
        yield
    except SanicJWTException:
        raise
    except Exception as exc:
        # redis-py has more than its own errors, as when a connection is
        # closed by one call while the next one is about to write to it
        raise SessionStoreUnavailable() from exc


def clients_for(
    server: str, cluster: bool, timeout: float
) -> Callable[[], Client]:
    """Return what makes clients for a URL, each for one event loop."""
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": timeout,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        # with 3, and what comes with it, redis-py 8 does not look
        # whether an idle connection was closed meanwhile
        "protocol": 2,
    }

    def make() -> Client:
        if cluster:
            return RedisCluster.from_url(server, **options)
        return Redis.from_pool(
            BlockingConnectionPool.from_url(
                server,
                max_connections=_CONNECTIONS,
                timeout=timeout,
                **options,
            )
        )

    try:
        make()
    except (
        AttributeError,
        TypeError,
        ValueError,
        RedisError,
        RedisClusterException,
    ):
        # the cause may quote a part of the password
        raise InvalidConfiguration(
            "The URL of the session store is not one of Redis, such as "
            "redis://localhost:6379/0."
        ) from None
    return make
