"""Every use of something in Sanic's WebSockets that is not documented.

Each function says why it is needed. All were checked with Sanic 24.12 and
25.12, on Sanic's own server and under uvicorn and hypercorn.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sanic.server.websockets.connection import WebSocketConnection


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
