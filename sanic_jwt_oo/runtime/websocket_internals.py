"""Every use of something in Sanic's WebSockets that is not documented.

Each function says why it is needed. All were checked with Sanic 24.12 and
25.12, on Sanic's own server and under uvicorn and hypercorn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from sanic import Request, Sanic
from sanic.exceptions import MethodNotAllowed, SanicException
from sanic.server.websockets.connection import WebSocketConnection
from sanic_routing.route import Route
from websockets.exceptions import InvalidHeader
from websockets.protocol import State

from .sanic_ext_internals import get_handler_of
from .sanic_internals import is_websocket, routes_of

_HANDSHAKE = 2.0
"""For how many seconds a client may answer a close frame."""
_QUOTED = "Sec-WebSocket-Protocol"
"""The header whose value an error of websockets quotes."""


async def close_socket(ws: Any, code: int, reason: str = "") -> None:
    """Close an open socket with a status code; a closed one stays as it is.

    Under ASGI, Sanic's `close` does nothing.

    Args:
        ws: The socket that a handler receives.
        code: The status code (RFC 6455 section 7.4).
        reason: At most 123 bytes of UTF-8.
    """
    with suppress(Exception):  # closed: each server has an error of its own
        if isinstance(ws, WebSocketConnection):
            message = {"type": "websocket.close", "code": code}
            await ws._send({**message, "reason": reason})
        else:
            await ws.close(code, reason)


async def end_socket(
    ws: Any, code: int, reason: str, cancel_handler: Callable[[], None]
) -> None:
    """Close an open socket at once, and end its handler.

    The close frame overtakes a handler that waits for a client which does
    not read: Sanic's `close` would wait with it. Sanic waits for ever for the
    client's answer, and hands the handler what else the client sends; so the
    handler is cancelled, as when a client disconnects.

    Args:
        ws: The socket that a handler receives.
        code: The status code (RFC 6455 section 7.4).
        reason: At most 123 bytes of UTF-8.
        cancel_handler: Cancels the task of the handler, if that still runs.
    """
    if isinstance(ws, WebSocketConnection):
        ws._receive = _disconnected  # hypercorn hands on what comes later
        closing = asyncio.ensure_future(close_socket(ws, code, reason))
        await asyncio.sleep(0)  # the server has written the frame
        cancel_handler()
        await asyncio.wait({closing}, timeout=_HANDSHAKE)
        return
    try:
        _send_close(ws, code, reason)
    finally:
        cancel_handler()
    if not await ws.wait_for_connection_lost(_HANDSHAKE):
        ws.end_connection(code, reason)  # it aborts after `close_timeout`


async def _disconnected() -> dict[str, Any]:
    await asyncio.sleep(0)
    return {"type": "websocket.disconnect"}


def _send_close(ws: Any, code: int, reason: str) -> None:
    protocol = ws.ws_proto
    transport = ws.io_proto and ws.io_proto.transport
    if protocol.state is State.OPEN and transport is not None:
        protocol.send_close(code, reason)
        for frame in protocol.data_to_send():
            transport.write(frame)


# --- routes -----------------------------------------------------------------


def websocket_routes(app: Sanic[Any, Any]) -> Iterator[tuple[Route, Any]]:
    """Yield the WebSocket routes of an application, and Sanic's handlers.

    Sanic routes a partial of its own method. sanic-ext adds a `HEAD` that
    calls this partial, and so makes a handshake.
    """
    for route in routes_of(app):
        handler: Any = get_handler_of(route.handler)
        if isinstance(handler, partial) and is_websocket(handler):
            yield route, handler


def replace_handler(route: Route, handler: Any) -> None:
    """Replace the handler of a WebSocket route, or what its `HEAD` calls.

    Nothing of Sanic's runs between the middleware and the handshake.
    """
    head: Any = route.handler
    if get_handler_of(head) is not head:
        keywords = {**head.keywords, "get_handler": handler}
        replaced = partial(head.func, *head.args, **keywords)
        vars(replaced).update(vars(head))
        handler = replaced
    route.handler = handler


def make_handler(
    original: Any, handle: Callable[..., Any], handler: Callable[..., Any]
) -> Any:
    """Return what a WebSocket route may call in place of Sanic's handler.

    Args:
        original: Sanic's handler, a partial.
        handle: Is called with `handler` and the request.
        handler: The handler of the application.
    """
    made: Any = partial(handle, handler)
    vars(made).update(vars(original))
    return made


def handler_in(original: Any) -> Callable[..., Any]:
    """Return the application's handler in a partial of Sanic."""
    handler: Callable[..., Any] = original.args[0]
    return handler


async def open_socket(
    original: Any,
    handler: Callable[..., Any],
    request: Request,
    subprotocols: Sequence[str] | None,
    parameters: Mapping[str, Any],
) -> Any:
    """Make the handshake, then call a handler with the socket.

    Args:
        original: Sanic's handler.
        handler: Is called in place of the application's handler.
        request: The request.
        subprotocols: The subprotocols that may be selected.
        parameters: The parameters of the route.

    Raises:
        SanicException: The handshake is malformed. That of Sanic may quote a
            token, is logged, and is a 500 if any header is not ASCII.
    """
    try:
        return await original.func(
            handler, request, subprotocols=subprotocols, **parameters
        )
    except SanicException as exc:
        transport: Any = request.transport
        if request.app.asgi or transport.get_protocol().websocket:
            raise  # it is open
        reason, status = str(exc), exc.status_code
        if isinstance(exc.__context__, InvalidHeader):
            reason, status = "A header of the handshake is malformed.", 400
        elif _QUOTED in reason:
            reason = f"{_QUOTED} is malformed."
        headers = {"Upgrade": "websocket"} if status == 426 else {}
        raise SanicException(
            reason, status, quiet=True, headers=headers
        ) from None


def subprotocols_in(original: Any) -> Sequence[str] | None:
    """Return the subprotocols of a route, in Sanic's handler."""
    subprotocols = original.keywords.get("subprotocols")
    return None if subprotocols is None else [*subprotocols]


# --- handshakes -------------------------------------------------------------


def is_handshake(request: Request) -> bool:
    """Return whether a request asks for a WebSocket.

    Under ASGI, the server has decided that, and the method and version of the
    request are not those of the client.
    """
    if request.app.asgi:
        return bool(_scope_of(request).get("type") == "websocket")
    return any(
        protocol.strip(" \t").lower() == "websocket"
        for value in request.headers.getall("upgrade", ())
        for protocol in value.split(",")
    )


def require_handshake(request: Request) -> None:
    """Refuse a request that does not ask for a WebSocket.

    Sanic refuses it too, but makes the handshake for any method.

    Raises:
        MethodNotAllowed: It is not a `GET`.
        SanicException: It does not ask for a WebSocket; its status is 426.
    """
    if request.method != "GET":
        raise MethodNotAllowed(
            f"Method {request.method} not allowed for URL {request.path}",
            method=request.method,
            allowed_methods=("GET",),
        )
    if not is_handshake(request):
        raise SanicException(
            "This is a WebSocket. Send the header Upgrade: websocket.",
            426,
            quiet=True,
            headers={"Upgrade": "websocket"},
        )


def respond_before_handshake(request: Request) -> None:
    """Let an HTTP response be the response to a handshake under ASGI.

    Sanic sends it as to any request, which servers report as an error: they
    want the messages of the ASGI extension `websocket.http.response`, or
    without that extension a `websocket.close`, which is a 403.
    """
    scope = _scope_of(request)
    if scope.get("type") != "websocket" or _TRANSLATES in scope:
        return
    scope[_TRANSLATES] = True
    transport: Any = request.transport
    send = transport._send
    extended = _EXTENSION in (scope.get("extensions") or {})

    async def translate(message: Any) -> None:
        kind = message["type"]
        if not kind.startswith("http.response."):
            await send(message)
        elif extended:
            changes: dict[str, Any] = {"type": f"websocket.{kind}"}
            if "headers" in message:
                changes["headers"] = [*message["headers"]]
            await send({**message, **changes})
        elif kind == "http.response.start":
            await send({"type": "websocket.close", "code": 1008})

    transport._send = translate


def _scope_of(request: Request) -> Any:
    return getattr(request.transport, "scope", None) or {}


_EXTENSION = "websocket.http.response"
_TRANSLATES = "sanic_jwt_oo.responds_before_handshake"
