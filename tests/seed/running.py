"""Run a sanic-jwt application on sanic-jwt, and after the import change.

`load` reads the source of an application in `apps/`, unchanged or with only
its import lines changed. `served` handles requests in this process, each in
its own task, as on separate connections: 1.8.0 keeps state on the task.
"""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import httpx
from sanic import Sanic

APPS = Path(__file__).parent / "apps"
NAMES = sorted(path.stem for path in APPS.glob("*.py"))
ORACLE = "sanic_jwt"
OURS = "sanic_jwt_oo"
IMPORT = re.compile(rf"^(\s*)(from|import) {ORACLE}\b", re.MULTILINE)


class Answer(NamedTuple):
    """What a client receives."""

    status: int
    body: Any
    response: httpx.Response

    def __eq__(self, other: object) -> bool:
        return (self.status, self.body) == other

    __hash__ = None  # type: ignore[assignment]


class Client:
    """Sends requests to one application.

    Attributes:
        package: The package that the application runs on.
        module: The application's source, executed.
    """

    def __init__(
        self, package: str, module: ModuleType, transport: httpx.AsyncClient
    ) -> None:
        self.package = package
        self.module = module
        self.transport = transport

    def either(self, *, oracle: Any, ours: Any) -> Any:
        """Return the expected value for the package under test.

        For the few places where 1.8.0 is broken or unsafe.
        """
        return oracle if self.package == ORACLE else ours

    async def ask(
        self, method: str, path: str, token: str | None = None, **more: Any
    ) -> Answer:
        """Send a request, with a token in the default header if given."""
        headers = {**more.pop("headers", {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self.transport.cookies.clear()
        request = self.transport.request(method, path, headers=headers, **more)
        response = await asyncio.create_task(request)
        is_json = response.headers.get("content-type") == "application/json"
        body = response.json() if is_json else response.text
        return Answer(response.status_code, body, response)

    async def get(self, path: str, *args: Any, **more: Any) -> Answer:
        return await self.ask("GET", path, *args, **more)

    async def post(self, path: str, *args: Any, **more: Any) -> Answer:
        return await self.ask("POST", path, *args, **more)

    async def log_in(
        self, path: str = "/auth", name: str = "access_token", **more: Any
    ) -> str:
        """Log in, and return the access token."""
        response = await self.post(path, **more)
        assert response.status == 200, response.body
        return str(response.body[name])


def load(name: str, package: str) -> ModuleType:
    """Execute the source of an application on a package."""
    path = APPS / f"{name}.py"
    source = path.read_text()
    if package == OURS:
        source = IMPORT.sub(rf"\1\2 {OURS}", source)
    module = ModuleType(f"{name}_on_{package}")
    exec(compile(source, path, "exec"), vars(module))
    Sanic.unregister_app(module.app)
    return module


@asynccontextmanager
async def served(app: Sanic) -> AsyncIterator[httpx.AsyncClient]:
    """Start an application as an ASGI server does, and stop it again."""
    app.config.update(MOTD=False, TOUCHUP=False)
    received: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    sent: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    task = asyncio.create_task(
        app({"type": "lifespan"}, received.get, sent.put)
    )
    await received.put({"type": "lifespan.startup"})
    assert (await sent.get())["type"] == "lifespan.startup.complete"
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://shop.test"
        ) as client:
            yield client
    finally:
        await received.put({"type": "lifespan.shutdown"})
        await sent.get()
        await task


@asynccontextmanager
async def serving(app: Sanic) -> AsyncIterator[Client]:
    """Serve an application that a test defines itself."""
    async with served(app) as transport:
        yield Client(OURS, ModuleType(app.name), transport)


def part(token: str, number: int) -> Any:
    """Return the header (0) or payload (1) of a token."""
    segment = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(segment + "=="))


def claims(token: str) -> dict[str, Any]:
    """Return the claims of a token, without the time it ends."""
    payload: dict[str, Any] = part(token, 1)
    assert isinstance(payload.pop("exp"), int)
    return payload
