"""Processes that use one store, controlled line by line.

`Worker` starts one from a test. It runs `serve`: one JSON command a line in,
one JSON response a line out, in any order, matched by a number.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import (
    Outcome,
    RedisSessionStore,
    Session,
    SessionStore,
    SQLSessionStore,
    Swap,
)

from ..effort import MERCY, PATIENCE

STORES: dict[str, Callable[[str], SessionStore]] = {
    "redis": lambda url: RedisSessionStore(
        url, feed_interval=0.1, timeout=PATIENCE
    ),
    "redis_cluster": lambda url: RedisSessionStore(
        url, cluster=True, feed_interval=0.1, timeout=PATIENCE
    ),
    "sqlite": lambda url: SQLSessionStore(
        url, feed_interval=0.05, timeout=PATIENCE
    ),
    "postgres": lambda url: SQLSessionStore(
        url, feed_interval=0.05, timeout=PATIENCE
    ),
}
"""How to make each store from a URL, which the fixture `<name>_url` gives."""

ROOT = Path(__file__).parents[2]


class Worker:
    """A process with its own store."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, name: str, url: str) -> Worker:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.sessions.workers", name, url),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return cls(process)

    async def call(self, method: str, *arguments: Any, times: int = 1) -> Any:
        """Call a method of the store, `times` times concurrently.

        Returns:
            A list of the results; `"unavailable"` if the store is, and a text
            that begins with `"failed"` for any other error.

        Raises:
            ConnectionError: The process has ended.
        """
        number = next(self._numbers)
        response = asyncio.get_running_loop().create_future()
        self._waiting[number] = response
        command = [number, method, plain(arguments), times]
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        if self._reading.done():
            raise ConnectionError
        return await asyncio.wait_for(response, MERCY)

    async def swap(self, swap: Swap, times: int = 1) -> list[Outcome]:
        return [
            Outcome(response)
            for response in await self.call("swap", swap, times=times)
        ]

    async def close(self) -> None:
        """Let it exit by itself, unlike `process.kill()`."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), MERCY)
        finally:
            if self.process.returncode is None:
                self.process.kill()
                await self.process.wait()
            await self._reading

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            number, response = json.loads(line)
            self._waiting.pop(number).set_result(response)
        for waiting in self._waiting.values():
            waiting.set_exception(ConnectionError("The worker has ended."))
            waiting.exception()


def plain(arguments: tuple[Any, ...]) -> list[Any]:
    return [
        {"type": type(a).__name__, **asdict(a)}
        if isinstance(a, (Swap, Session))
        else a
        for a in arguments
    ]


def argument(plain: Any) -> Any:
    if not isinstance(plain, dict):
        return plain
    kind = {"Swap": Swap, "Session": Session}[plain.pop("type")]
    return kind(**plain)


async def _serve(store: SessionStore) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )

    async def call(method: str, arguments: list[Any]) -> Any:
        try:
            response = await getattr(store, method)(*arguments)
        except SessionStoreUnavailable:
            return "unavailable"
        except Exception as exc:
            return f"failed: {exc!r}"
        if isinstance(response, list):  # the sessions that a start has ended
            return [session.id for session in response]
        return response.value if isinstance(response, Outcome) else response

    async def respond(
        number: int, method: str, given: Any, times: int
    ) -> None:
        arguments = [argument(one) for one in given]
        responses = await asyncio.gather(
            *(call(method, arguments) for _ in range(times))
        )
        sys.stdout.write(json.dumps([number, responses]) + "\n")
        sys.stdout.flush()

    tasks = set()
    async for line in reader:
        task = asyncio.create_task(respond(*json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    await store.close()


if __name__ == "__main__":
    store = STORES[sys.argv[1]](sys.argv[2])
    store.step = 3  # so that operations with several steps use them here
    asyncio.run(_serve(store))
