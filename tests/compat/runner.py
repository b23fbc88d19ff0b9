"""Runs the programs on one package, each in a process of its own.

A program is an application written for sanic-jwt 1.8. To run it on this
package, its name is replaced in the program's text, and nothing else.
"""

import asyncio
import json
import logging
import os
import re
import sys
import traceback
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from tests.differential import keys
from tests.differential.normal import cookies_of, normal
from tests.differential.world import event_loop, start

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(Path(__file__).with_name("programs").glob("[0-9]*.py"))
OLD, NEW = "sanic_jwt", "sanic_jwt_oo"

Answers = dict[str, dict[str, Any]]


def source_of(program: Path, package: str) -> str:
    """Return the text of a program that imports from a package."""
    return re.sub(rf"\b{OLD}\b", package, program.read_text(encoding="utf-8"))


def load(program: Path, package: str) -> ModuleType:
    """Run the module of a program."""
    module = ModuleType(f"program_{program.stem}")
    module.__file__ = str(program)
    sys.modules[module.__name__] = module
    code = compile(source_of(program, package), str(program), "exec")
    exec(code, module.__dict__)
    return module


class Client:
    """Sends the requests of a program and records the responses.

    It keeps no cookies. Each request runs in a task of its own, as those of
    different connections do on a server.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.answers: Answers = {}

    async def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        cookies: dict[str, str] | None = None,
        **body: Any,
    ) -> Any:
        """Send a request; return the response of httpx."""
        headers = dict(headers or {})
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        if cookies:
            pairs = (f"{name}={value}" for name, value in cookies.items())
            headers["cookie"] = "; ".join(pairs)
        self._client.cookies.clear()
        response = await asyncio.create_task(
            self._client.request(method, path, headers=headers, **body)
        )
        shown = "/".join(
            "<token>" if part.count(".") == 2 else part
            for part in path.split("/")
        )
        label = f"{len(self.answers) + 1} {method} {shown}"
        self.answers[label] = _answer(response)
        return response

    async def get(self, path: str, **how: Any) -> Any:
        """Send a GET request."""
        return await self.send("GET", path, **how)

    async def post(self, path: str, **how: Any) -> Any:
        """Send a POST request."""
        return await self.send("POST", path, **how)

    async def options(self, path: str, **how: Any) -> Any:
        """Send an OPTIONS request."""
        return await self.send("OPTIONS", path, **how)


def _answer(response: httpx.Response) -> dict[str, Any]:
    kind = response.headers.get("content-type", "")
    if kind.startswith("application/json") and response.content:
        body = normal(response.json())
    else:
        body = normal(response.text)
    headers = {
        name: value
        for name, value in response.headers.items()
        if name in ("location", "allow", "vary")
        or name.startswith(("x-", "access-control-"))
    }
    if "allow" in headers:
        headers["allow"] = ", ".join(sorted(headers["allow"].split(", ")))
    return {
        "status": response.status_code,
        "body": body,
        "cookies": cookies_of(response.headers.get_list("set-cookie")),
        "headers": headers,
    }


def play(program: Path, package: str) -> dict[str, Any]:
    """Return a program's `differences`, and its application's `answers`.

    `start` tells whether it started, `end` that its `visit` broke off.
    """
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with event_loop() as loop:
        try:
            module = load(program, package)
            module.app.config.TOUCHUP = False
            loop.run_until_complete(start(module.app))
        except Exception as error:
            return {"answers": {"start": _raised(error)}}
        responses = loop.run_until_complete(_visit(module))
    return {
        "answers": {"start": {"raised": None}, **responses},
        "differences": module.DIFFERENCES,
    }


async def _visit(module: ModuleType) -> Answers:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=module.app),
        base_url="http://shop.test",
    ) as client:
        recorder = Client(client)
        try:
            await module.visit(recorder)
        except Exception as error:
            recorder.answers["end"] = _raised(error)
    return recorder.answers


def _raised(error: Exception) -> dict[str, Any]:
    return {
        "raised": type(error).__name__,
        "detail": "".join(traceback.format_exception(error)[-3:]),
    }


def in_a_process(program: Path, package: str) -> dict[str, Any]:
    """Return the same, from a fork of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "w") as pipe:
                json.dump(play(program, package), pipe, default=repr)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"{program.name} ended with status {status}")
    played: dict[str, Any] = json.loads(text)
    return played


def main(package: str, prefix: str = "") -> None:
    """Print the responses of all programs as JSON."""
    private, _ = keys.files("RS256")
    os.environ["KEYS"] = str(private.parent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        __import__(package)
    found = {
        program.name: in_a_process(program, package)
        for program in PROGRAMS
        if program.name.startswith(prefix)
    }
    json.dump(found, sys.stdout, indent=1 if prefix else None)


if __name__ == "__main__":
    main(*sys.argv[1:])
