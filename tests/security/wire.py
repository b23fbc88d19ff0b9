"""Requests as an attacker sends them: byte by byte, without a client.

They go through Sanic's ASGI interface, in this process. An application is
started once, as by a server, not for every request.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from httpx import Headers
from sanic import Sanic
from sanic.asgi import ASGIApp, Lifespan

Pairs = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Answer:
    """A response as it was sent."""

    status: int
    pairs: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @cached_property
    def headers(self) -> Headers:
        return Headers(list(self.pairs))

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def set_cookies(self) -> dict[str, str]:
        """The cookies that are set: value and attributes by name."""
        lines = self.headers.get_list("set-cookie")
        return dict(line.split("=", 1) for line in lines)

    @property
    def cookies(self) -> dict[str, str]:
        """The values of the cookies that are set."""
        return {k: v.split(";")[0] for k, v in self.set_cookies.items()}


async def start(app: Sanic) -> None:
    """Start an application the way an ASGI server does."""
    app.asgi = True
    # it would rewrite code that the next test rewrites again
    app.config.TOUCHUP = False
    await Lifespan(app, {"type": "lifespan"}, None, None).startup()


def octets(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


async def send(
    app: Sanic,
    method: str,
    path: str | bytes,
    headers: Any = (),
    body: bytes = b"",
) -> Answer:
    """Send one request to a started application.

    Args:
        app: The application.
        method: Any method, known to Sanic or not.
        path: Path and query, as in a request line.
        headers: Pairs, sent in this order; without a host, after ours.
        body: The body.
    """
    path, _, query = octets(path).partition(b"?")
    sent: Pairs = [(octets(k).lower(), octets(v)) for k, v in headers]
    if b"host" not in dict(sent):
        sent.insert(0, (b"host", b"shop.example"))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": sent,
        "client": ("203.0.113.9", 4711),
        "server": ("shop.example", 80),
        "root_path": "",
    }
    heads: list[Any] = []
    chunks: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def reply(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            heads.append((message["status"], tuple(message["headers"])))
        else:
            chunks.append(message["body"])

    application = await ASGIApp.create(app, scope, receive, reply)
    await application()
    [(status, pairs)] = heads
    return Answer(status, pairs, b"".join(chunks))


def content(
    json_body: Any = None, form: Any = None, body: str | bytes = b""
) -> tuple[Pairs, bytes]:
    """Return the headers and bytes of a body."""
    if json_body is not None:
        body, kind = json.dumps(json_body), b"application/json"
    elif form is not None:
        body = urlencode(form)
        kind = b"application/x-www-form-urlencoded"
    else:
        return [], octets(body)
    return [(b"content-type", kind)], octets(body)
