"""`protected`, `scoped` and `inject_user`: thin wrappers around `JWTAuth`.

The functions here are the form that sanic-jwt had, in which an installation
is found by what it was made on; the methods of `JWTAuth` of the same names
are these functions with the installation given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sanic import Request
from sanic.response import HTTPResponse, empty, redirect

from .exceptions import InitializationFailure, SanicJWTException
from .hooks import resolve
from .locations import came_in_query
from .responses import NO_STORE
from .state import state_of
from .types import Decorator, Injector, P, R, RequiredScopes

if TYPE_CHECKING:
    from .auth import JWTAuth

_PREFLIGHT: set[Callable[..., Any]] = set()
Guard: TypeAlias = """Callable[
    [JWTAuth[Any], Request, dict[str, Any]], Awaitable[HTTPResponse | None]
]"""


def protected(
    initialized_on: Any = None,
    *,
    redirect_on_fail: bool = False,
    redirect_url: str | None = "",
    **settings: Any,
) -> Decorator:
    """Let only requests with a good token reach a handler.

    Args:
        initialized_on: What the installation was made on; by default the
            application that the request came to.
        redirect_on_fail: Send others to another page, instead of a 401.
        redirect_url: That page; by default `login_redirect_url`. `None`
            sends nobody anywhere.
        **settings: Settings for this route; a callable is called for each
            request.
    """

    async def guard(
        auth: JWTAuth[Any], request: Request, kwargs: dict[str, Any]
    ) -> HTTPResponse | None:
        return await _admit(auth, request, redirect_on_fail, redirect_url)

    decorator: Decorator = _decorator(initialized_on, guard, settings)
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

    async def guard(
        auth: JWTAuth[Any], request: Request, kwargs: dict[str, Any]
    ) -> HTTPResponse | None:
        if scopes is None or scopes is False:
            return None
        page = await _admit(auth, request, redirect_on_fail, redirect_url)
        if page is None:
            await auth.authorize(
                request,
                scopes,
                require_all=require_all,
                require_all_actions=require_all_actions,
                route_parameters=kwargs,
            )
        return page

    decorator: Decorator = _decorator(initialized_on, guard, settings)
    return decorator


def inject_user(initialized_on: Any = None, **settings: Any) -> Injector:
    """Hand the user of the token to a handler, as its argument `user`.

    A route that is not protected also takes requests without a good token;
    the user is `None` then.

    Args:
        initialized_on: As for `protected`.
        **settings: As for `protected`.
    """

    async def guard(
        auth: JWTAuth[Any], request: Request, kwargs: dict[str, Any]
    ) -> None:
        kwargs["user"] = await auth.current_user(request)

    decorator: Injector = _decorator(initialized_on, guard, settings)
    return decorator


async def _admit(
    auth: JWTAuth[Any],
    request: Request,
    redirect_on_fail: bool,
    redirect_url: str | None,
) -> HTTPResponse | None:
    """Check a request; return the page it is sent to if it fails."""
    settings = auth.settings(request)
    if not settings.do_protection:
        return None
    try:
        await auth.check(request)
    except SanicJWTException:
        if redirect_url == "":
            redirect_url = settings.login_redirect_url
        if not redirect_on_fail or redirect_url is None:
            raise
        return redirect(redirect_url)
    state_of(request, auth).guarded = True
    return None


def _decorator(
    initialized_on: Any, guard: Guard, settings: dict[str, Any]
) -> Any:
    def decorator(handler: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(handler)
        async def guarded(*args: Any, **kwargs: Any) -> Any:
            # of a view's method, the first argument is the view
            request = args[0] if isinstance(args[0], Request) else args[1]
            if _is_preflight(request):
                return empty()
            auth = _find(initialized_on, request)
            if not settings:
                page = await guard(auth, request, kwargs)
                return page or await resolve(handler(*args, **kwargs))
            with auth.override(**_evaluate(settings)):
                page = await guard(auth, request, kwargs)
                answer = page or await resolve(handler(*args, **kwargs))
                if isinstance(answer, HTTPResponse) and came_in_query(
                    request, auth.settings(request)
                ):
                    answer.headers.update(NO_STORE)
                return answer

        return guarded

    return decorator


def passes_preflight(method: Callable[P, R]) -> Callable[P, R]:
    """Mark the `options` of a view base that gives nothing away."""
    _PREFLIGHT.add(method)
    return method


def _is_preflight(request: Request) -> bool:
    """Tell whether a request only asks a view what it may ask.

    It does if the view has not written an `options` of its own.
    """
    if request.method != "OPTIONS":
        return False
    handler = request.route and request.route.handler
    view_class = getattr(handler, "view_class", None)
    return getattr(view_class, "options", None) in _PREFLIGHT


def _evaluate(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value() if callable(value) else value
        for name, value in settings.items()
    }


def _find(initialized_on: Any, request: Request) -> JWTAuth[Any]:
    """Return the installation that a decorator means.

    Raises:
        InitializationFailure: There is none.
    """
    if hasattr(initialized_on, "check"):
        return initialized_on  # type: ignore[no-any-return]
    holder = request.app if initialized_on is None else initialized_on
    auth = getattr(getattr(holder, "ctx", None), "auth", None)
    if auth is None:
        raise InitializationFailure(
            "No installation was found for this route. One that was made on "
            "a blueprint is named in the decorator: @protected(blueprint).",
            500,
        )
    return auth  # type: ignore[no-any-return]
