"""Checks a request before its WebSocket is opened.

A decorator runs behind the handshake, when a refusal could not be sent any
more. So when a server starts, the handler of each WebSocket route is replaced:
the guards of the route check the request first, in the same order and by the
same code, and Sanic makes the handshake if all admit it. The guards in front
of the application's handler stay, and find the result of these.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from typing import Any, TypeAlias

from ..access import NoToken, RequestState, overriding, state_of
from ..access.placement import rules_of, settings_of
from ..exceptions import SanicJWTException
from ..installation import Installation, find_installation
from ..locations import offered_tokens, selectable
from ..runtime.websocket_internals import (
    close_socket,
    handler_in,
    make_handler,
    open_socket,
    replace_handler,
    require_handshake,
    respond_before_handshake,
    subprotocols_in,
    websocket_routes,
)
from ..types import HTTPResponse, Request
from .opened import FORBIDDEN, UNAUTHORIZED, Guarding, OpenSocket
from .watching import watch

InjectedAt: TypeAlias = Callable[
    [Any, str], Iterable[tuple[Installation, bool]]
]
_logger = logging.getLogger("sanic_jwt_oo")
_ADMITTED = object()
_INTERNAL_ERROR = 1011
_POLICY_VIOLATION = 1008


def restore_handlers(app: Any, *_: Any) -> None:
    """Undo `guard_handshakes`, when a process starts a server again.

    sanic-ext looks for Sanic's handlers when it starts.
    """
    for route, handler in websocket_routes(app):
        if isinstance(handler.func, _SocketGate):
            replace_handler(route, handler.func.original)


def guard_handshakes(injected_at: InjectedAt, app: Any, *_: Any) -> None:
    """Have the guards of sockets check requests before the handshake.

    This runs when a server starts, after sanic-ext has added `HEAD` routes.

    Args:
        injected_at: Returns whose tokens the parameters of a route take.
        app: The application.
    """
    for route, original in websocket_routes(app):
        injected = [found for found, _ in injected_at(route, "GET")]
        gate = _SocketGate(route.path, original, injected)
        replace_handler(
            route, make_handler(original, gate, handler_in(original))
        )


class _SocketGate:
    """Checks handshakes of a route, and opens sockets.

    Args:
        path: The path of the route.
        original: Sanic's handler, which makes the handshake.
        injected: The installations whose tokens sanic-ext has checked before.

    Attributes:
        original: Sanic's handler.
    """

    def __init__(
        self, path: str, original: Any, injected: Sequence[Installation]
    ) -> None:
        self.original = original
        self._path = path
        self._injected = injected
        self._warned = False
        self._subprotocols = subprotocols_in(original)
        self._rules = [*rules_of(handler_in(original))]
        self._settings = {
            id(rules): override
            for rules, override in settings_of(handler_in(original))
        }
        self._check: Any = _admit
        for rules in reversed(self._rules):
            self._check = rules.guard(self._check)

    async def __call__(
        self, handler: Any, request: Request, /, **parameters: Any
    ) -> Any:
        """Respond to a request, or open a socket and call the handler."""
        subprotocols = self._subprotocols
        if self._rules or self._injected:
            respond_before_handshake(request)
            require_handshake(request)
            response = await self._check(request, **parameters)
            if response is not _ADMITTED:
                return response
            if offered_tokens(request):
                self._check_single(request)
                subprotocols = selectable(request, subprotocols)
        serve = partial(self._serve, handler)
        return await open_socket(
            self.original, serve, request, subprotocols, parameters
        )

    def _check_single(self, request: Request) -> None:
        """Refuse a token in the subprotocols beside a different one."""
        for *_, guards in self._guarding(request):
            for policy, _ in guards:
                policy.access.check_single(request)

    async def _serve(
        self, handler: Any, request: Request, ws: Any, /, **parameters: Any
    ) -> None:
        """Call the handler with an open socket."""
        async with AsyncExitStack() as watching:
            for socket in self._opened(request, ws, parameters):
                await watching.enter_async_context(watch(socket))
            try:
                response = await handler(request, ws, **parameters)
            except SanicJWTException as exc:
                await self._close(ws, exc.status_code)
                raise
            if isinstance(response, HTTPResponse) and response.status < 400:
                await self._close(ws, 401)  # a guard redirects

    def _opened(
        self, request: Request, ws: Any, parameters: Mapping[str, Any]
    ) -> Iterator[OpenSocket]:
        """Yield what the guarding installations know about a socket.

        There is nothing to watch without a token: `do_protection` may be off,
        and `inject_user` accepts a request without one.
        """
        for installation, state, guards in self._guarding(request):
            if not isinstance(state.token, NoToken):
                yield OpenSocket(
                    installation, request, ws, state, guards, parameters
                )

    def _guarding(
        self, request: Request
    ) -> Iterator[tuple[Installation, RequestState, tuple[Guarding, ...]]]:
        """Yield the installations that have admitted a request, each once."""
        found: dict[int, tuple[Installation, list[Any]]] = {}
        for rules in self._rules:
            one = find_installation(rules.initialized_on, request)
            found.setdefault(id(one), (one, []))[1].append(rules)
        for one in self._injected:
            found.setdefault(id(one), (one, []))
        for one, of_one in found.values():
            state = state_of(request, one)
            if state.policy is not None:
                guards = tuple(self._guards(request, one, of_one))
                yield one, state, guards or ((state.policy, None),)

    def _guards(
        self, request: Request, installation: Installation, rules: list[Any]
    ) -> Iterator[Guarding]:
        """Yield what each guard of an installation requires.

        Each has settings of its own, which do not relax another (X4).
        """
        for one in rules:
            if not one.admits:
                continue
            with ExitStack() as settings:
                if id(one) in self._settings:
                    override = self._settings[id(one)]
                    settings.enter_context(override(installation))
                settings.enter_context(
                    overriding(installation, None, one.settings)
                )
                policy = installation.policies.in_force(request)
            if policy.settings.do_protection or one.required is not None:
                yield policy, one.required

    async def _close(self, ws: Any, status: int) -> None:
        """Close a socket that a guard refuses although it is open."""
        if not self._rules and not self._warned:
            self._warned = True
            _logger.warning(
                "A WebSocket at /%s was opened before it was refused with %d, "
                "because the route has no guard that was found when the "
                "server started. A decorator above @protected, @scoped or "
                "@inject_user needs functools.wraps. If the handler itself "
                "has refused, guard it with @protected.",
                self._path,
                status,
            )
        await close_socket(ws, *_close_reason(status))


async def _admit(*_: Any, **__: Any) -> object:
    """Stand in for the application's handler, behind the guards."""
    return _ADMITTED


def _close_reason(status: int) -> tuple[int, str]:
    """Return the status code for a socket, and a reason."""
    if status == 401:
        return UNAUTHORIZED, "Unauthorized"
    if status == 403:
        return FORBIDDEN, "Forbidden"
    if status < 500:
        return _POLICY_VIOLATION, "Bad Request"
    return _INTERNAL_ERROR, "Internal Error"
