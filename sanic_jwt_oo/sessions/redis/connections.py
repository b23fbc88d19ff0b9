"""The connections to Redis of one event loop.

Every operation ends within its timeout, with a result or with
`SessionStoreUnavailable`, whatever the server or the network does. This
module does not know the operations.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from redis.asyncio import ConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException, RedisError

from ...exceptions import (
    InvalidConfiguration,
    SanicJWTException,
    SessionStoreUnavailable,
)
from ...runtime.loops import drop_pool

_T = TypeVar("_T")

Client: TypeAlias = Any
"""A `Redis` or `RedisCluster` of `redis.asyncio`."""

_logger = logging.getLogger("sanic_jwt_oo")


class Connections:
    """A client, and the operations in progress on it.

    Args:
        make: Returns a new client.
        timeout: The timeout of an operation, in seconds.
        most: The maximum number of operations at a time; others queue up.
    """

    def __init__(
        self,
        make: Callable[[], Client],
        timeout: float,
        most: int | None = None,
    ) -> None:
        self._make_client = make
        self._timeout = timeout
        self._client: Client | None = None
        self._discovery: asyncio.Task[Any] | None = None
        self._operations: set[asyncio.Task[Any]] = set()
        # A pool that blocks serves whoever comes back first, and lets others
        # wait until they time out.
        self._places = asyncio.Semaphore(most) if most else None

    def close(self) -> asyncio.Task[None]:
        """Let operations in progress complete or time out, then close."""
        return asyncio.create_task(self._close())

    async def _close(self) -> None:
        discovery = self._discovery
        if discovery is not None and not discovery.done():
            discovery.cancel()
            await asyncio.wait({discovery})
        if self._operations:
            await asyncio.wait({*self._operations}, timeout=self._timeout)
        if self._client is not None:
            try:
                await asyncio.wait_for(_close(self._client), self._timeout)
            except Exception as exc:  # clients may raise nearly anything
                _logger.warning("Cannot close connections to Redis: %r", exc)

    def drop(self) -> None:
        """Drop the connections of an event loop that is closed."""
        client = self._client
        if isinstance(client, RedisCluster):
            client._initialize = True  # avoids its "unclosed" warning
            manager = client.nodes_manager
            pools: list[Any] = [
                *manager.nodes_cache.values(),
                *manager.startup_nodes.values(),
            ]
        else:
            pools = [getattr(client, "connection_pool", None)]
        for pool in pools:
            drop_pool(pool)

    def client(self) -> Client:
        """Return the client; create it on first use."""
        if self._client is None:
            client: Any = self._make_client()
            if not client.get_encoder().decode_responses:
                raise InvalidConfiguration(
                    "The client of the session store must be created with "
                    "decode_responses=True."
                )
            # Never resend a script: it may have run already, and a second
            # swap looks like a reused refresh token.
            client.set_retry(Retry(NoBackoff(), 0))
            if hasattr(client, "cluster_error_retry_attempts"):
                # redis-py before 6 reads this for a cluster
                client.cluster_error_retry_attempts = 0
            self._client = client
        return self._client

    async def connected_client(self) -> Client:
        """Return the client; a cluster client has discovered its nodes."""
        client = self.client()
        if isinstance(client, RedisCluster):
            # One shared task: separate discoveries wait for each other, and
            # cancelling one of them would break the others.
            if self._discovery is None or self._discovery.done():
                self._discovery = asyncio.create_task(
                    self._discover_nodes(client)
                )
                self._discovery.add_done_callback(_retrieve_exception)
            await asyncio.shield(self._discovery)
        return client

    async def _discover_nodes(self, client: RedisCluster) -> None:
        try:
            await client.initialize()
        finally:
            # redis-py before 6 drops nodes that fail, even the last one
            forgot = not client.nodes_manager.startup_nodes
            if forgot and self._client is client:
                self._client = None
                await _close(client)

    async def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Return the result of an operation.

        Raises:
            SessionStoreUnavailable: It failed, or did not end in time.
        """
        places = self._places
        task = asyncio.create_task(_in_place(places, work) if places else work)
        self._operations.add(task)
        task.add_done_callback(self._on_done)
        task.add_done_callback(lambda _: work.close())  # if it has not begun
        try:
            await asyncio.wait({task}, timeout=self._timeout)
        except asyncio.CancelledError:
            # otherwise it could still be sent, after the next operation
            task.cancel()
            await asyncio.wait({task}, timeout=self._timeout)
            raise
        timed_out = task.cancel()
        if timed_out or task.cancelled():
            raise SessionStoreUnavailable()
        with translate_errors():
            return task.result()

    def _on_done(self, task: asyncio.Task[Any]) -> None:
        self._operations.discard(task)
        _retrieve_exception(task)


_MAX_OPERATIONS = 50


async def _in_place(
    places: asyncio.Semaphore, work: Coroutine[Any, Any, _T]
) -> _T:
    async with places:
        return await work


async def _close(client: Client) -> None:
    """Close all connections of a client."""
    if isinstance(client, RedisCluster):
        # its own aclose() skips this unless it has discovered its nodes
        await client.nodes_manager.aclose()
        await client.nodes_manager.aclose("startup_nodes")
    await client.aclose()


def _retrieve_exception(task: asyncio.Future[Any]) -> None:
    """Retrieve an exception, so that asyncio does not report it."""
    if not task.cancelled():
        task.exception()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise errors of the client as `SessionStoreUnavailable`."""
    try:
        yield
    except SanicJWTException:
        raise
    except Exception as exc:
        # redis-py raises more than its own errors, for example when one call
        # closes a connection that another is about to write to
        raise SessionStoreUnavailable() from exc


def _options(cluster: bool, timeout: float) -> dict[str, Any]:
    """Return the options of each connection."""
    return {
        "decode_responses": True,
        # `run` ends what takes too long; before Python 3.12, redis-py would
        # start another task for each command
        "socket_timeout": timeout if cluster else None,
        "socket_connect_timeout": timeout,
        "retry": Retry(NoBackoff(), 0),
        # With protocol 3, redis-py 8 does not check whether an idle
        # connection was closed.
        "protocol": 2,
    }


def client_factory(
    server: str, cluster: bool, timeout: float
) -> tuple[Callable[[], Client], int | None]:
    """Return a function that creates a client for a URL.

    Returns:
        The function, and how many operations the client may do at a time.

    Raises:
        InvalidConfiguration: The URL is not one of Redis.
    """
    options = _options(cluster, timeout)

    def make() -> Client:
        if cluster:
            return RedisCluster.from_url(server, **options)
        pool = ConnectionPool.from_url(
            server, max_connections=2 * _MAX_OPERATIONS, **options
        )
        # for a pool that blocks, which the places make unnecessary
        pool.connection_kwargs.pop("timeout", None)
        return Redis.from_pool(pool)

    try:
        client = make()
    except (
        AttributeError,
        TypeError,
        ValueError,
        RedisError,
        RedisClusterException,
    ):
        # Without the cause, which may quote a part of the password.
        raise InvalidConfiguration(
            "The URL of the session store is not a valid Redis URL, such as "
            "redis://localhost:6379/0."
        ) from None
    if cluster:
        return make, None
    # the URL may say `max_connections`; one of them is that of the feed
    limit = client.connection_pool.max_connections - 1
    return make, max(1, min(limit, _MAX_OPERATIONS))
