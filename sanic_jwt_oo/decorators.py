"""`protected`, `scoped` and `inject_user`.

These functions are the form of sanic-jwt: they find the installation by the
application or blueprint it was installed on. The methods of `JWTAuth` with
the same names pass the installation to them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from types import CoroutineType
from typing import Any, Literal, NamedTuple

from sanic import Request
from sanic.response import HTTPResponse, empty, redirect
from typing_extensions import Never

from .access import (
    Gate,
    RequestState,
    Required,
    RouteSettings,
    innermost_override,
    overriding,
)
from .access.placement import (
    mark_settings,
    placed,
    without_parentheses,
)
from .exceptions import (
    InvalidRequest,
    MissingCredentials,
    SanicJWTException,
)
from .hooks import is_awaitable
from .installation import Installation, find_installation, installation_of
from .locations import came_in_query
from .login import NO_STORE
from .runtime.logs import log_refusal
from .runtime.sanic_ext_internals import copy_description
from .runtime.sanic_internals import methods_at, view_class_of
from .types import Decorator, Injector, P, R, RequiredScopes

__all__ = [
    "inject_user",
    "protected",
    "scoped",
]

_PREFLIGHT: set[Callable[..., Any]] = set()
_GUARD = "_sanic_jwt_oo_guard_of"


def protected(
    initialized_on: Any = None,
    *misplaced: Never,
    redirect_on_fail: bool = False,
    redirect_url: str | None = "",
    **settings: Any,
) -> Decorator:
    """Refuse requests without a valid token before they reach a handler.

    Args:
        initialized_on: What the `JWTAuth` object was installed on; by default
            the application of the request.
        *misplaced: Accepts nothing.
        redirect_on_fail: Redirect instead of refusing with a 401.
        redirect_url: Where to; by default `login_redirect_url`. `None` does
            not redirect.
        **settings: Settings for this route; a callable is called for each
            request.

    Raises:
        InitializationFailure: The parentheses are missing, or it is applied
            to something that is not a handler.
    """
    if misplaced:
        raise without_parentheses("protected")
    page = redirect_url if redirect_on_fail else None
    rules = _Rules(initialized_on, settings, admits=True, page=page)
    decorator: Decorator = placed(
        rules.guard, "protected", initialized_on, rules
    )
    return decorator


def scoped(
    scopes: RequiredScopes | Literal[False] | None,
    require_all: bool = True,
    require_all_actions: bool = True,
    initialized_on: Any = None,
    *,
    redirect_on_fail: bool = False,
    redirect_url: str | None = "",
    **settings: Any,
) -> Decorator:
    """Refuse requests whose token does not grant `scopes`.

    Args:
        scopes: One scope, several, or a callable that returns them for a
            request and the parameters of its route. `None` and `False` leave
            the route open, as in sanic-jwt.
        require_all: Whether every scope is needed, or any one of them.
        require_all_actions: Whether every action of a scope is needed.
        initialized_on: As for `protected`.
        redirect_on_fail: As for `protected`; without the scope it is a 403.
        redirect_url: As for `protected`.
        **settings: As for `protected`.

    Raises:
        InvalidConfiguration: A second scope stands outside of a list.
    """
    if scopes is None or scopes is False:
        opened: Decorator = _Rules(initialized_on, settings).guard
        return opened
    page = redirect_url if redirect_on_fail else None
    required = Required.of(scopes, require_all, require_all_actions)
    rules = _Rules(
        initialized_on, settings, admits=True, page=page, required=required
    )
    decorator: Decorator = placed(rules.guard, "scoped", initialized_on, rules)
    return decorator


def inject_user(
    initialized_on: Any = None, *misplaced: Never, **settings: Any
) -> Injector:
    """Pass the user of the token to a handler, as its argument `user`.

    A route that is not protected also accepts requests without a valid token;
    the user is `None` then.

    Args:
        initialized_on: As for `protected`.
        *misplaced: Accepts nothing.
        **settings: As for `protected`.

    Raises:
        InitializationFailure: The parentheses are missing, or it is applied
            to a handler that has no parameter `user`.
    """
    if misplaced:
        raise without_parentheses("inject_user")
    rules = _Rules(initialized_on, settings, injects=True)
    injector: Injector = placed(
        rules.guard, "inject_user", initialized_on, rules, "user"
    )
    return injector


class _Rules(NamedTuple):
    """What one decorator does.

    Attributes:
        initialized_on: What the installation was made on, or itself.
        settings: The settings of the route.
        admits: Whether requests without a valid token are refused.
        page: Where those are redirected; empty for `login_redirect_url`.
        required: The scopes that are required.
        injects: Whether the handler receives the user.
    """

    initialized_on: Any
    settings: dict[str, Any]
    admits: bool = False
    page: str | None = None
    required: Required | None = None
    injects: bool = False

    def guard(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Return a handler behind a guard."""
        guard = _Guard(self, handler)

        @wraps(handler)
        async def guarded(*args: Any, **kwargs: Any) -> Any:
            return await guard(args, kwargs)

        # a partial has none; sanic-ext shall not inject what this injects
        annotations = getattr(handler, "__annotations__", {})
        injected = "user" if self.injects else None
        guarded.__annotations__ = {
            name: annotation
            for name, annotation in annotations.items()
            if name != injected
        }
        copy_description(handler, guarded)
        if self.settings:
            return _with_settings(self, guarded)
        setattr(guarded, _GUARD, (guarded, guard))
        return guarded


class _Guard:
    """One decorator around one handler.

    Args:
        rules: What it does.
        handler: The handler.
    """

    def __init__(self, rules: _Rules, handler: Callable[..., Any]) -> None:
        self._rules = rules
        self._installation = installation_of(rules.initialized_on)
        self._admits = rules.admits
        self._required = rules.required
        self._injects = rules.injects
        self._handler = handler
        mark: tuple[Any, Any] = getattr(handler, _GUARD, (None, None))
        wrapper, inner = mark
        if (
            wrapper is handler  # `functools.wraps` copies the attribute
            and not (inner._admits or rules.required)
            and inner._rules.initialized_on is rules.initialized_on
        ):
            # one guard is enough for `protected` around `inject_user`
            self._injects = self._injects or inner._injects
            self._handler = inner._handler

    async def __call__(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Check a request, then call the handler."""
        # of a view's method, the first argument is the view
        request = args[0] if isinstance(args[0], Request) else args[1]
        if request.method == "OPTIONS" and _is_preflight(request):
            return empty()
        installation = self._installation or find_installation(
            self._rules.initialized_on, request
        )
        state = None
        if self._admits:
            override = innermost_override()
            if override is not None and not override.is_only(
                self._rules.settings
            ):
                page = await self._admit_alone(installation, request, kwargs)
                if page is not None:
                    return page
            else:
                gate, required = installation.gate, self._required
                state = gate.recall(request, True)
                if state is None:
                    try:
                        state = await gate.admit(request, True)
                    except SanicJWTException as exc:
                        return self._refuse(installation, request, exc)
                authorizer = installation.authorizer
                if required is not None and not (
                    authorizer.allows(state, required)
                ):
                    await authorizer.authorize(request, required, kwargs)
        if self._injects:
            kwargs["user"] = await _user_of(installation, request, state)
        response = self._handler(*args, **kwargs)
        # the first test saves nearly every request a call
        if type(response) is CoroutineType or is_awaitable(response):
            return await response
        return response

    async def _admit_alone(
        self,
        installation: Installation,
        request: Request,
        kwargs: dict[str, Any],
    ) -> HTTPResponse | None:
        """Admit a request without the settings of other decorators.

        They never relax a guard (X4).

        Returns:
            A response to a request that is refused.
        """
        with overriding(installation, None, self._rules.settings):
            try:
                await installation.gate.require_token(request, True)
            except SanicJWTException as exc:
                return self._refuse(installation, request, exc)
            if self._required is not None:
                await installation.authorizer.authorize(
                    request, self._required, kwargs
                )
        return None

    def _refuse(
        self,
        installation: Installation,
        request: Request,
        error: SanicJWTException,
    ) -> HTTPResponse:
        """Respond to a request that is refused, or raise the error.

        A browser sends `OPTIONS` without credentials before a request of
        another origin. The response lists the methods of the route.
        """
        if (
            request.method == "OPTIONS"
            and isinstance(error.__cause__, MissingCredentials)
            and installation.gate.has_no_token(request)
        ):
            return _preflight_response(request)
        log_refusal(request, error)
        page = self._rules.page
        if error.status_code == 403 or error.status_code >= 500:
            page = None  # to log in again would not help
        if page == "":
            settings = installation.policies.in_force(request).settings
            page = settings.login_redirect_url
        if page is None:
            raise error
        return redirect(page)


def _with_settings(
    rules: _Rules, handler: Callable[..., Any]
) -> Callable[..., Any]:
    """Wrap a handler in the settings of its route."""
    settings = rules.settings
    varying = any(map(callable, settings.values()))
    # by identity, for a dataclass cannot be a key
    settled: dict[int, tuple[Installation, RouteSettings]] = {}

    def override(installation: Installation) -> AbstractContextManager[None]:
        if varying:
            changes = installation.changes(_evaluate(settings))
            return overriding(installation, changes, settings)
        if id(installation) not in settled:
            changes = RouteSettings(installation.changes(settings))
            settled[id(installation)] = (installation, changes)
        return overriding(installation, settled[id(installation)][1], settings)

    @wraps(handler)
    async def with_settings(*args: Any, **kwargs: Any) -> Any:
        request = args[0] if isinstance(args[0], Request) else args[1]
        installation = find_installation(rules.initialized_on, request)
        with override(installation):
            response = await handler(*args, **kwargs)
            if isinstance(response, HTTPResponse) and came_in_query(
                request, installation.policies.in_force(request).settings
            ):
                response.headers.update(NO_STORE)
            return response

    copy_description(handler, with_settings)
    mark_settings(with_settings, rules, override)
    return with_settings


def _evaluate(settings: dict[str, Any]) -> dict[str, Any]:
    return {n: v() if callable(v) else v for n, v in settings.items()}


def passes_preflight(method: Callable[P, R]) -> Callable[P, R]:
    """Mark the `options` of `BaseEndpoint`, which reveals nothing."""
    _PREFLIGHT.add(method)
    return method


def _is_preflight(request: Request) -> bool:
    """Return whether a request is a preflight request to a view.

    It is not if the view defines `options` itself.
    """
    handler = request.route and request.route.handler
    return getattr(view_class_of(handler), "options", None) in _PREFLIGHT


async def _user_of(
    installation: Installation, request: Request, state: RequestState | None
) -> Any:
    """Return the user that a handler receives; a preflight has none."""
    if request.method == "OPTIONS" and not _has_credentials(
        installation.gate, request
    ):
        return None
    user = installation.users.find(request, True, state)
    return await user if is_awaitable(user) else user


def _has_credentials(gate: Gate, request: Request) -> bool:
    """Return whether there may be a token; a preflight has none."""
    if gate.takes_own_steps:
        return True
    try:
        return not gate.has_no_token(request)
    except InvalidRequest:
        return True


def _preflight_response(request: Request) -> HTTPResponse:
    """Return the methods of a route (RFC 9110 section 9.3.7)."""
    return empty(headers={"Allow": ", ".join(methods_at(request))})
