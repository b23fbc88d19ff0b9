"""`protected`, `scoped` and `inject_user`: thin wrappers around `JWTAuth`.

The functions here are the form that sanic-jwt had, in which an installation
is found by what it was made on; the methods of `JWTAuth` of the same names
are these functions with the installation given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from functools import wraps
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from sanic import Request
from sanic.response import HTTPResponse, empty, redirect
from typing_extensions import Never

from .contexts import INSTALLED
from .exceptions import (
    InitializationFailure,
    SanicJWTException,
)
from .hooks import Hooks, is_awaitable, resolve
from .locations import came_in_query
from .logs import log_refusal
from .openapi import copy_description
from .placement import placed, without_parentheses
from .responses import NO_STORE
from .scopes import named_scopes
from .state import (
    RequestState,
    RouteSettings,
    innermost_override,
    overriding,
)
from .types import (
    Decorator,
    Injector,
    MaybeAwaitable,
    P,
    R,
    RequiredScopes,
)

if TYPE_CHECKING:
    from .auth import JWTAuth

_PREFLIGHT: set[Callable[..., Any]] = set()
Entrance: TypeAlias = Callable[
    ["JWTAuth[Any]", Request, Awaitable[RequestState]],
    Awaitable[HTTPResponse | None],
]
"""Waits for a request to be let in; returns the page it is sent to if not."""
Step: TypeAlias = Callable[
    ["JWTAuth[Any]", Request, dict[str, Any]], MaybeAwaitable[Any]
]
"""What comes before the handler, with whose arguments."""
_INNER = "_sanic_jwt_oo_inner"


class _Inner(NamedTuple):
    """What a guard that everybody may enter has put around a handler.

    Attributes:
        guarded: The handler with that around it. Whoever wraps it again may
            copy its attributes, this one too, but is not it.
        initialized_on: What the installation was made on, or itself.
        step: Taken before the handler.
        argument: The argument of the handler that takes what comes of it.
        handler: The handler.
    """

    guarded: Callable[..., Any]
    initialized_on: Any
    step: Step | None
    argument: str | None
    handler: Callable[..., Any]


def protected(
    initialized_on: Any = None,
    *misplaced: Never,
    redirect_on_fail: bool = False,
    redirect_url: str | None = "",
    **settings: Any,
) -> Decorator:
    """Let only requests with a good token reach a handler.

    Args:
        initialized_on: What the installation was made on; by default the
            application that the request came to.
        *misplaced: Takes nothing.
        redirect_on_fail: Send others to another page, instead of a 401.
        redirect_url: That page; by default `login_redirect_url`. `None`
            sends nobody anywhere.
        **settings: Settings for this route; a callable is called for each
            request.

    Raises:
        InitializationFailure: There were no parentheses; or what it is put on
            is not a handler.
    """
    if misplaced:
        raise without_parentheses("protected")
    entrance = _entrance(redirect_on_fail, redirect_url)
    guard = _decorator(initialized_on, settings, entrance)
    decorator: Decorator = placed(guard, "protected", initialized_on)
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
    """Let only requests whose token grants `scopes` reach a handler.

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
    """
    if scopes is None or scopes is False:
        opened: Decorator = _decorator(initialized_on, settings)
        return opened

    def authorize(
        auth: JWTAuth[Any], request: Request, kwargs: dict[str, Any]
    ) -> Awaitable[None] | None:
        if auth.grants(request, required, require_all, require_all_actions):
            return None
        return auth.authorize(
            request,
            scopes,
            require_all=require_all,
            require_all_actions=require_all_actions,
            route_parameters=kwargs,
        )

    required = None if callable(scopes) else named_scopes(scopes)

    entrance = _entrance(redirect_on_fail, redirect_url)
    guard = _decorator(initialized_on, settings, entrance, authorize)
    decorator: Decorator = placed(guard, "scoped", initialized_on)
    return decorator


def inject_user(
    initialized_on: Any = None, *misplaced: Never, **settings: Any
) -> Injector:
    """Hand the user of the token to a handler, as its argument `user`.

    A route that is not protected also takes requests without a good token;
    the user is `None` then.

    Args:
        initialized_on: As for `protected`.
        *misplaced: Takes nothing.
        **settings: As for `protected`.

    Raises:
        InitializationFailure: There were no parentheses; or, once it is put
            on a handler, that has no parameter `user`.
    """
    if misplaced:
        raise without_parentheses("inject_user")

    def find_user(
        auth: JWTAuth[Any], request: Request, kwargs: dict[str, Any]
    ) -> MaybeAwaitable[Any]:
        return auth.find_user(request, True)

    guard = _decorator(
        initialized_on, settings, step=find_user, argument="user"
    )
    injector: Injector = placed(guard, "inject_user", initialized_on, "user")
    return injector


def _entrance(redirect_on_fail: bool, redirect_url: str | None) -> Entrance:
    async def enter(
        auth: JWTAuth[Any],
        request: Request,
        admission: Awaitable[RequestState],
    ) -> HTTPResponse | None:
        try:
            await admission
        except SanicJWTException as exc:
            log_refusal(request, exc)
            if exc.status_code == 403 or exc.status_code >= 500:
                raise  # to log in again would not help
            page = redirect_url
            if page == "":
                page = auth.settings(request).login_redirect_url
            if not redirect_on_fail or page is None:
                raise
            return redirect(page)
        return None

    return enter


def _decorator(
    initialized_on: Any,
    settings: dict[str, Any],
    entrance: Entrance | None = None,
    step: Step | None = None,
    argument: str | None = None,
) -> Any:
    """Return a decorator.

    Args:
        initialized_on: What the installation was made on, or itself.
        settings: The settings of the route.
        entrance: Taken unless everybody may enter.
        step: Taken after that.
        argument: The argument of the handler that takes what comes of it.
    """
    given = initialized_on if hasattr(initialized_on, "check") else None

    async def admit_alone(
        auth: JWTAuth[Any], request: Request, kwargs: dict[str, Any]
    ) -> RequestState:
        """Guard a route under no other decorator's settings (X4)."""
        with overriding(auth, None, settings):
            state: RequestState = await resolve(auth.admit(request, True))
            if step is not None:
                await resolve(step(auth, request, kwargs))
        return state

    def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
        then, takes, handler = step, argument, function
        inner = getattr(function, _INNER, None)
        if (
            step is None
            and isinstance(inner, _Inner)
            and inner.guarded is function
            and inner.initialized_on is initialized_on
        ):
            # one wrapper does for `protected` around `inject_user`
            _, _, then, takes, handler = inner

        @wraps(function)
        async def guarded(*args: Any, **kwargs: Any) -> Any:
            # of a view's method, the first argument is the view
            request = args[0] if isinstance(args[0], Request) else args[1]
            if request.method == "OPTIONS" and _is_preflight(request):
                return empty()
            auth = given or _find(initialized_on, request)
            alone = False
            if entrance is not None:
                override = innermost_override()
                alone = override is not None and not override.is_only(settings)
                admission = (
                    admit_alone(auth, request, kwargs)
                    if alone
                    else auth.admit(request, True)
                )
                if not isinstance(admission, RequestState):
                    page = await entrance(auth, request, admission)
                    if page is not None:
                        return page
            if then is not None and not (alone and then is step):
                outcome = then(auth, request, kwargs)
                if outcome is not None and is_awaitable(outcome):
                    outcome = await outcome
                if takes is not None:
                    kwargs[takes] = outcome
            answer = handler(*args, **kwargs)
            if type(answer) is CoroutineType or is_awaitable(answer):
                return await answer
            return answer

        if not hasattr(function, "__annotations__"):
            # those of the wrapper mean nothing where a partial comes from
            guarded.__annotations__ = {}
        copy_description(function, guarded)
        if settings:
            return _with_settings(settings, given or initialized_on, guarded)
        if entrance is None:
            inside = _Inner(guarded, initialized_on, then, takes, handler)
            setattr(guarded, _INNER, inside)
        return guarded

    return decorator


def _with_settings(
    settings: dict[str, Any], initialized_on: Any, handler: Callable[..., Any]
) -> Callable[..., Any]:
    """Wrap a handler in the settings of its route."""
    varying = any(map(callable, settings.values()))
    # by identity, for a dataclass cannot be a key
    settled: dict[int, tuple[JWTAuth[Any], RouteSettings]] = {}

    def override(auth: JWTAuth[Any]) -> AbstractContextManager[None]:
        if varying:
            changes = auth.Configuration.changes(_evaluate(settings))
            return overriding(auth, changes, settings)
        if id(auth) not in settled:
            changes = auth.Configuration.changes(settings)
            settled[id(auth)] = (auth, RouteSettings(changes))
        return overriding(auth, settled[id(auth)][1], settings)

    @wraps(handler)
    async def with_settings(*args: Any, **kwargs: Any) -> Any:
        request = args[0] if isinstance(args[0], Request) else args[1]
        auth = _find(initialized_on, request)
        with override(auth):
            answer = await handler(*args, **kwargs)
            if isinstance(answer, HTTPResponse) and came_in_query(
                request, auth.settings(request)
            ):
                answer.headers.update(NO_STORE)
            return answer

    copy_description(handler, with_settings)
    return with_settings


def _evaluate(settings: dict[str, Any]) -> dict[str, Any]:
    return {n: v() if callable(v) else v for n, v in settings.items()}


def passes_preflight(method: Callable[P, R]) -> Callable[P, R]:
    """Mark the `options` of a view base that gives nothing away."""
    _PREFLIGHT.add(method)
    return method


def _is_preflight(request: Request) -> bool:
    """Tell whether `OPTIONS` only asks a view what it may ask.

    It does if the view has not written an `options` of its own.
    """
    handler = request.route and request.route.handler
    view_class = getattr(handler, "view_class", None)
    return getattr(view_class, "options", None) in _PREFLIGHT


def _find(initialized_on: Any, request: Request) -> JWTAuth[Any]:
    """Return the installation that a decorator means.

    Raises:
        InitializationFailure: There is none.
    """
    if hasattr(initialized_on, "check"):
        return initialized_on  # type: ignore[no-any-return]
    holder = request.app if initialized_on is None else initialized_on
    context = getattr(holder, "ctx", None)
    auth: Any = getattr(context, "auth", None)
    if not isinstance(auth, Hooks):  # the application's own object
        auth = getattr(context, INSTALLED, None)
    if auth is None:
        raise InitializationFailure(
            "No installation was found for this route: call .install(app) "
            "or Initialize(app, ...). One that was made on a blueprint is "
            "named in the decorator: @protected(blueprint).",
            500,
        )
    return auth  # type: ignore[no-any-return]
