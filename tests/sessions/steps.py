"""A process that kills itself before its first, second, third ... step.

A step is a message to the server or an operation on the file, or what follows
the last response. `killed_at_each_step` starts it from a test. It forks a
process for each step, which kills itself with `SIGKILL`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sanic_jwt_oo.sessions import SessionStore

from .workers import STORES, argument, plain

Call = tuple[str, tuple[Any, ...]]
"""The name of a store's method, and its arguments."""


async def killed_at_each_step(
    name: str, url: str, calls: Sequence[Call]
) -> list[bool]:
    """Make each call in a process that is killed at a step.

    Args:
        name: The name of the store in `STORES`.
        url: The URL of its database.
        calls: The calls; the first is killed before its first step.

    Returns:
        Whether each call was completed.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.sessions.steps", name, url),
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    told = json.dumps([[method, plain(given)] for method, given in calls])
    response, _ = await process.communicate(told.encode())
    assert process.returncode == 0
    answered: list[bool] = json.loads(response)
    return answered


class _Steps:
    """Counts steps, and kills the process at the last one."""

    def __init__(self, last: int) -> None:
        self._left = last

    def __call__(self, *ignored: Any, **also_ignored: Any) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _watch(store: SessionStore, step: Callable[..., None]) -> None:
    if hasattr(store, "_database"):
        from sqlalchemy import event

        engine = store._database.current.engine.sync_engine
        event.listen(engine, "before_cursor_execute", step)
        event.listen(engine, "commit", step)
        event.listen(engine, "checkin", step)
        _watch_drivers(store._database.current._direct, step)
        return
    from redis.asyncio.connection import AbstractConnection

    send = AbstractConnection.send_packed_command

    async def send_and_count(*args: Any, **kwargs: Any) -> None:
        step()
        await send(*args, **kwargs)
        step()

    AbstractConnection.send_packed_command = send_and_count  # type: ignore


def _watch_drivers(direct: Any, step: Callable[..., None]) -> None:
    """Count what is executed without SQLAlchemy: before it, and after it."""
    import asyncpg

    execute, change = asyncpg.Connection.execute, direct.writes.perform

    async def execute_and_count(*args: Any, **kwargs: Any) -> Any:
        step()
        result = await execute(*args, **kwargs)
        step()
        return result

    def change_and_count(driver: Any, *args: Any) -> Any:
        driver._conn.set_trace_callback(step)
        result = change(driver, *args)
        step()
        return result

    asyncpg.Connection.execute = execute_and_count
    direct.writes.perform = change_and_count


async def _die(store: SessionStore, last: int, method: str, given: Any):
    await store.open()
    await store.is_revoked(None, "nothing", 0)
    _watch(store, _Steps(last))
    await getattr(store, method)(*map(argument, given))
    os._exit(0)


def _main(name: str, url: str) -> None:
    answered = []
    for number, (method, given) in enumerate(json.load(sys.stdin), 1):
        child = os.fork()
        if not child:
            asyncio.run(_die(STORES[name](url), number, method, given))
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, -signal.SIGKILL), (method, code)
        answered.append(code == 0)
    print(json.dumps(answered))


if __name__ == "__main__":
    _main(*sys.argv[1:])
