"""Load an example, and serve its application in this process.

An application is started and stopped as an ASGI server does it, and its
client sees no difference to a socket, apart from speed. Addresses are https,
so that cookies which are `Secure` come back.
"""

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import ModuleType

import httpx
from sanic import Sanic

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))


@contextmanager
def loaded(name: str) -> Iterator[ModuleType]:
    """Import an example, and forget it afterwards.

    Its applications leave Sanic's register at once: names are free again.
    """
    alias = f"example_{name}"
    spec = importlib.util.spec_from_file_location(
        alias, EXAMPLES / f"{name}.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[alias] = module
    try:
        spec.loader.exec_module(module)
        for value in vars(module).values():
            if isinstance(value, Sanic):
                Sanic.unregister_app(value)
        yield module
    finally:
        sys.modules.pop(alias, None)


@asynccontextmanager
async def served(app: Sanic) -> AsyncIterator[httpx.AsyncClient]:
    """Start an application, give a client for it, and stop it again."""
    app.config.update(
        MOTD=False,
        TOUCHUP=False,  # rewrites Sanic's own classes, once per process
    )
    received: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    sent: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    task = asyncio.create_task(
        app({"type": "lifespan"}, received.get, sent.put)
    )
    await received.put({"type": "lifespan.startup"})
    assert (await sent.get())["type"] == "lifespan.startup.complete"
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="https://localhost"
        ) as client:
            yield client
    finally:
        await received.put({"type": "lifespan.shutdown"})
        assert (await sent.get())["type"] == "lifespan.shutdown.complete"
        await task


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
