"""The hooks: which there are, and how they are called.

A hook may be a method, function, partial or any callable, sync or async, and
receives just the parameters it names. What it names is worked out once, when
the `Hook` is made; whether it is async is told from what it returns.
"""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from inspect import Parameter
from types import GeneratorType
from typing import Any, Generic, TypeAlias, TypeGuard

from .events import EVENTS
from .exceptions import (
    AuthenticateNotImplemented,
    MeEndpointNotSetup,
    RefreshTokenNotImplemented,
    ScopesNotImplemented,
    UserSecretNotImplemented,
)
from .types import KeyMaterial, MaybeAwaitable, Payload, UserT

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_COLLECTING = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


_PLAIN = frozenset({bool, dict, int, list, str, tuple, type(None)})
"""What most hooks return, and nobody has to ask whether it can be awaited."""
_Plan: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""Names of the values to pass by position, and of those by keyword."""


def is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    """Tell whether a value is to be awaited."""
    kind = type(value)
    if kind in _PLAIN:
        return False
    if kind is GeneratorType:  # one of `types.coroutine` is
        return inspect.isawaitable(value)
    return getattr(kind, "__await__", None) is not None


async def resolve(value: Awaitable[Any] | Any) -> Any:
    """Return `value`, awaited first if it can be."""
    return await value if is_awaitable(value) else value


class Hook:
    """A callable of the application, and how to hand it its arguments.

    A parameter that has the name of an offered value receives that value.
    A required positional parameter with a name of its own (`def
    authenticate(req)`) receives the first offered value that no other
    parameter names. `**kwargs` collects what is left; so does `*args`, for
    the values that are offered by position.

    Args:
        function: The application's callable.
        offered: Names of the values, in the order they are offered.
        by_position: How many of them, from the first, `*args` may collect.

    Attributes:
        function: The application's callable.
        direct: The same as a function of all the offered values, in order.
    """

    __slots__ = (
        "_by_position",
        "_offered",
        "_parameters",
        "_plans",
        "direct",
        "function",
    )

    def __init__(
        self,
        function: Callable[..., Any],
        offered: tuple[str, ...],
        by_position: int = 0,
    ) -> None:
        self.function: Callable[..., Any] = function
        self._offered = offered
        self._by_position = offered[:by_position]
        self._plans: dict[tuple[str, ...], _Plan] = {}
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # a built-in that does not tell
            self._plans[offered] = (offered, ())
            self._parameters = []
        else:
            self._parameters = [*signature.parameters.values()]
            self._plans[offered] = self._plan(offered)
        self.direct: Callable[..., Any] = (
            function if self._plans[offered] == (offered, ()) else self._direct
        )

    def _direct(self, *values: Any) -> Any:
        return self.call(dict(zip(self._offered, values, strict=True)))

    def call(self, values: Mapping[str, Any]) -> Any:
        """Call the function with `values` and return what it returns.

        Values beyond the offered ones (the parameters of a route) reach the
        parameters that name them, and `**kwargs`.
        """
        names = tuple(values)
        plan = self._plans.get(names)
        if plan is None:
            plan = self._plans[names] = self._plan(names)
        arguments, keywords = plan
        if not keywords:
            return self.function(*map(values.__getitem__, arguments))
        return self.function(
            *map(values.__getitem__, arguments),
            **{name: values[name] for name in keywords},
        )

    async def __call__(self, /, **values: Any) -> Any:
        """Call the function and wait for its answer if it is async."""
        answer = self.call(values)
        return await answer if is_awaitable(answer) else answer

    def lacking(self, any_name: bool) -> str | None:
        """Return the first parameter that would be left without a value.

        Args:
            any_name: Whether a positional parameter with a name of its own
                receives the next value.
        """
        named = {parameter.name for parameter in self._parameters}
        spare = len({*self._offered} - named) if any_name else 0
        for parameter in self._parameters:
            if (
                parameter.name in self._offered
                or parameter.default is not Parameter.empty
                or parameter.kind in _COLLECTING
            ):
                continue
            if parameter.kind is Parameter.KEYWORD_ONLY or not spare:
                return parameter.name
            spare -= 1
        return None

    def _plan(self, names: tuple[str, ...]) -> _Plan:
        """Work out which values go where."""
        named = {parameter.name for parameter in self._parameters}
        spare = [n for n in self._offered if n in names and n not in named]
        beyond = [n for n in names if n not in self._offered]
        arguments: list[str] = []
        keywords: list[str] = []
        in_order = True
        for parameter in self._parameters:
            name = parameter.name
            if parameter.kind in _POSITIONAL:
                required = parameter.default is Parameter.empty
                if name not in names and required and spare:
                    name = spare.pop(0)
                if name not in names:
                    in_order = False
                else:
                    (arguments if in_order else keywords).append(name)
            elif parameter.kind is Parameter.KEYWORD_ONLY:
                keywords += [name] if name in names else []
            elif parameter.kind is Parameter.VAR_KEYWORD:
                keywords += spare
                keywords += [n for n in beyond if n not in named]
            elif in_order:
                arguments += [n for n in spare if n in self._by_position]
                spare = [n for n in spare if n not in self._by_position]
        return tuple(arguments), tuple(keywords)


class Hooks(Generic[UserT]):
    """The methods that an application writes.

    Each may be sync or async, and names only the parameters it needs of
    those that its description lists. An error it raises is the application's
    own and passes unchanged.
    """

    def authenticate(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[UserT | None]:
        """Decide who the caller is; `(request)`.

        Returns:
            The user: a dict, a record with keys as database drivers return
            it, or an object with a `to_dict` or the attribute that the
            setting `user_id` names. Anything falsy is a 401.

        Raises:
            AuthenticationFailed: The caller is nobody we know.
        """
        raise AuthenticateNotImplemented()

    def retrieve_user(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[UserT | None]:
        """Return the user that a payload names; `(request, payload)`.

        `None` means that the user exists no more. `/me`, `inject_user` and
        `/refresh` need this hook.
        """
        raise MeEndpointNotSetup()

    def store_refresh_token(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Keep a refresh token; `(user_id, refresh_token, request)`."""
        raise RefreshTokenNotImplemented()

    def retrieve_refresh_token(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[str | bytes | None]:
        """Return a user's refresh token; `(user_id, request, refresh_token)`.

        The last one is the token that the request presents, for those who
        store hashes: return it if its hash is the user's, and `None` if not.
        """
        raise RefreshTokenNotImplemented()

    def generate_refresh_token(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[str]:
        """Make a refresh token; `(request, user)`.

        The one made here has 256 random bits (requirement R5).
        """
        return secrets.token_urlsafe(32)

    def add_scopes_to_payload(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[str | Iterable[str] | None]:
        """Return the scopes of a user; `(user)`.

        One string, or any iterable of strings, a set or generator too.
        Defining it turns scopes on, unless `scopes_enabled` says otherwise.
        """
        raise ScopesNotImplemented()

    def override_scope_validator(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[bool]:
        """Have the last word on one required scope.

        `(is_valid, required, user_scopes, require_all_actions)`, where
        scopes are pairs of a namespace and a list of actions.
        """
        return bool(kwargs["is_valid"] if "is_valid" in kwargs else args[0])

    def destructure_scopes(self, *args: Any, **kwargs: Any) -> Any:
        """Rewrite the required scopes before they are matched; `(scopes)`."""
        return kwargs["scopes"] if "scopes" in kwargs else args[0]

    def extend_payload(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Payload]:
        """Return the payload with further claims; `(payload, user)`."""
        payload: Payload = (
            kwargs["payload"] if "payload" in kwargs else args[0]
        )
        return payload

    def retrieve_user_secret(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[KeyMaterial | None]:
        """Return the secret of a user; `(user_id, encode)`.

        With an asymmetric algorithm, return the private key when `encode` is
        true and the public one when it is not. The id comes from a token
        that is not verified yet: for a user who is not there, return `None`
        or raise `LookupError`.
        """
        raise UserSecretNotImplemented()

    def session_label(self, *args: Any, **kwargs: Any) -> MaybeAwaitable[str]:
        """Return what a user knows a device by; `(request, user)`.

        The one made here is the `User-Agent` header. Of any, up to 255
        letters are kept that can be printed.
        """
        request = kwargs["request"] if "request" in kwargs else args[0]
        return str(request.headers.get("user-agent", ""))

    def on_login(self, *args: Any, **kwargs: Any) -> MaybeAwaitable[Any]:
        """Learn that a user has logged in; `(event)`."""

    def on_login_failed(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Learn that somebody could not log in; `(event)`."""

    def on_refresh(self, *args: Any, **kwargs: Any) -> MaybeAwaitable[Any]:
        """Learn that a session was refreshed; `(event)`."""

    def on_refresh_reused(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Learn that a refresh token came a second time; `(event)`."""

    def on_logout(self, *args: Any, **kwargs: Any) -> MaybeAwaitable[Any]:
        """Learn that a user has ended sessions; `(event)`."""

    def on_session_evicted(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Learn that a log-in ended the least recently used session of a user.

        `(event)`; see the setting `max_sessions`.
        """

    def on_token_rejected(
        self, *args: Any, **kwargs: Any
    ) -> MaybeAwaitable[Any]:
        """Learn that a protected route has refused a request; `(event)`."""


OFFERED: dict[str, tuple[tuple[str, ...], int]] = {
    "authenticate": (("request",), 1),
    "retrieve_user": (("request", "payload"), 2),
    "store_refresh_token": (("user_id", "refresh_token", "request"), 0),
    "retrieve_refresh_token": (("user_id", "request", "refresh_token"), 0),
    "generate_refresh_token": (("request", "user"), 0),
    "add_scopes_to_payload": (("user",), 1),
    "override_scope_validator": (
        ("is_valid", "required", "user_scopes", "require_all_actions"),
        4,
    ),
    "destructure_scopes": (("scopes",), 1),
    "extend_payload": (("payload", "user"), 1),
    "retrieve_user_secret": (("user_id", "encode"), 0),
    "session_label": (("request", "user"), 1),
    **{event.hook: (("event",), 1) for event in EVENTS},
}
"""What each hook is offered, and how many of it `*args` may collect."""


def is_written(holder: object, name: str, base: type = Hooks) -> bool:
    """Tell whether the application has written a hook of its own.

    Args:
        holder: What has the hook.
        name: Name of the hook.
        base: The class with the one that is not the application's.
    """
    written = getattr(holder, name)
    return getattr(written, "__func__", written) is not getattr(base, name)
