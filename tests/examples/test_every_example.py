"""What holds for each example, whatever it is about."""

import ast
import runpy
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from sanic import Sanic

from .curl import Shell, lines
from .serving import EXAMPLES, NAMES, served

HERE = Path(__file__).parent
IN_PROCESS = [name for name in NAMES if name != "demo"]
PASSWORD_FIELDS = ("username", "password", "email", "magic_token", "key")
HOSTILE_VALUES: list[Any] = [
    None,
    True,
    0,
    -1e308,
    "",
    "\x00",
    "\ud800",
    "x" * 10_000,
    [],
    ["ada"],
    {},
    {"$ne": None},
]
HOSTILE_BODIES = [
    b"null",
    b"[]",
    b'"text"',
    b"17",
    b"{",
    b"\xff\xfe",
    b"[" * 5_000,
    b'{"a":' * 500 + b"1" + b"}" * 500,
]


@pytest.fixture
async def clients(
    example: ModuleType,
) -> AsyncIterator[dict[int, httpx.AsyncClient]]:
    """A client for the application on each port an example serves."""
    apps = {8000: example.app}
    if hasattr(example, "issuing"):
        apps = {8000: example.issuing, 8001: example.app}
    async with AsyncExitStack() as stack:
        yield {
            port: await stack.enter_async_context(served(app))
            for port, app in apps.items()
        }


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def each(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("name", names, indirect=True)


@each(NAMES)
def test_an_example_has_a_test(name: str) -> None:
    assert (HERE / f"test_{name}.py").is_file()


@each(NAMES)
def test_an_example_has_a_docstring(name: str) -> None:
    tree = ast.parse((EXAMPLES / f"{name}.py").read_text())
    assert ast.get_docstring(tree)


@each(IN_PROCESS)
def test_an_example_runs_its_server_on_localhost(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, Any]] = []
    started = []

    def run(app: Sanic, **settings: Any) -> None:
        calls.append(settings)
        started.append(app)

    monkeypatch.setattr(Sanic, "run", run)
    monkeypatch.setattr(Sanic, "prepare", run)
    monkeypatch.setattr(Sanic, "serve_single", started.append)
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    for app in set(started):
        Sanic.unregister_app(app)
    assert calls
    assert all(call.get("host") in (None, "127.0.0.1") for call in calls)
    assert all(call["single_process"] for call in calls)


@each(IN_PROCESS)
async def test_the_curl_lines_work_as_the_docstring_says(
    example: ModuleType, clients: dict[int, httpx.AsyncClient]
) -> None:
    commands = lines(example.__doc__ or "")
    assert commands
    shell = Shell(clients)
    for command in commands:
        await shell.run(command)


@each(IN_PROCESS)
@pytest.mark.requirement("T18")
async def test_no_hostile_request_is_a_5xx(
    example: ModuleType, clients: dict[int, httpx.AsyncClient]
) -> None:
    for client in clients.values():
        for path in _post_paths(client, example):
            for headers, body in _hostile_requests():
                response = await client.post(
                    path, headers=headers, content=body
                )
                assert response.status_code < 500, (path, headers, body)


def _post_paths(client: httpx.AsyncClient, example: ModuleType) -> list[str]:
    app = client._transport.app  # type: ignore[attr-defined]
    return [
        f"/{route.path}"
        for route in app.router.routes
        if "POST" in route.methods and "<" not in route.path
    ]


def _hostile_requests() -> Iterator[tuple[dict[str, Any], bytes]]:
    json_headers = {"Content-Type": "application/json"}
    for body in HOSTILE_BODIES:
        yield json_headers, body
        yield {"Content-Type": "application/x-www-form-urlencoded"}, body
        yield {"Content-Type": "multipart/form-data; boundary=x"}, body
    for value in HOSTILE_VALUES:
        fields = dict.fromkeys(PASSWORD_FIELDS, value)
        yield json_headers, _dumps(fields)
        yield json_headers, _dumps({**fields, "username": "ada"})
    yield {"X-API-Key": b"\xff\xfe"}, b""
    yield {"Authorization": "Bearer a.b.c"}, b'{"refresh_token": 1}'


def _dumps(value: Any) -> bytes:
    import json

    return json.dumps(value).encode()
