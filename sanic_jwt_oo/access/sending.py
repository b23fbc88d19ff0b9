"""Sends events: to the hook of their name, and out as Sanic signals."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from ..events import Event
from ..hooks import HookTable
from ..runtime.sanic_internals import signal_names
from ..types import Request, Sanic

_SIGNALS = "sanic_jwt_oo.auth."


class EventSender:
    """Sends the events of one installation.

    Args:
        hooks: The hooks of the installation.
        app: Its application, for events without a request.
    """

    def __init__(self, hooks: HookTable, app: Sanic[Any, Any]) -> None:
        self._hooks = hooks
        self._app = app

    def send(
        self, kind: type[Event], request: Request | None, *facts: Any
    ) -> Awaitable[None] | None:
        """Send an event to its hook and its signal's listeners.

        Args:
            kind: The class of the event; one is made if anything listens.
            request: The request that caused it, if there is one.
            *facts: The other fields of the event.

        Returns:
            What to await; `None` if nothing listens.
        """
        # one handler may listen to several: sanic_jwt_oo.auth.<name>
        app = self._app if request is None else request.app
        signal = _SIGNALS in " ".join(signal_names(app))
        hook = self._hooks.is_overridden(kind.hook)
        if not (signal or hook):
            return None
        event = kind(request, *facts)
        return self._send(app, event, hook, signal)

    async def _send(
        self, app: Sanic[Any, Any], event: Event, hook: bool, signal: bool
    ) -> None:
        if hook:
            await self._hooks[event.hook](event=event)
        if signal:
            await app.dispatch(
                f"{_SIGNALS}{event.name}",
                context={"event": event},
                fail_not_found=False,
            )
