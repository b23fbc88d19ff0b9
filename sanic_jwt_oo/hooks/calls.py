"""Calls code of the application, sync or async.

A callback receives the parameters that it names. These are determined once,
when the `Callback` is created. Whether it is async is decided by what it
returns. This module imports no other module of the package.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from inspect import Parameter
from types import GeneratorType
from typing import Any, TypeAlias, TypeGuard

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_COLLECTING = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)

_PLAIN = frozenset({bool, dict, int, list, str, tuple, type(None)})
"""Types that most callbacks return, and that cannot be awaited."""
_Plan: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""Names of the values to pass by position, and of those by keyword."""


def is_awaitable(value: Any) -> TypeGuard[Awaitable[Any]]:
    """Return whether a value can be awaited."""
    kind = type(value)
    if kind in _PLAIN:
        return False
    if kind is GeneratorType:  # `types.coroutine` makes awaitable ones
        return inspect.isawaitable(value)
    return issubclass(kind, Awaitable)


async def resolve(value: Awaitable[Any] | Any) -> Any:
    """Return `value`, awaited if it is awaitable."""
    return await value if is_awaitable(value) else value


class Callback:
    """A callable of the application that receives the arguments it names.

    A parameter with the name of an offered value receives that value. A
    required positional parameter with another name (`def authenticate(req)`)
    receives the first offered value that no other parameter names. `**kwargs`
    collects the rest; `*args` collects those that are offered by position.
    Values that are offered by name alone reach only a parameter of that name.

    Args:
        function: The application's callable.
        offered: Names of the values, in the order they are offered.
        by_position: How many of them, from the first, `*args` may collect.
        by_name: Names of the last ones, which are offered by name alone.

    Attributes:
        function: The application's callable.
        direct: The same, as a function of all offered values in order.
    """

    __slots__ = (
        "_by_name",
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
        by_name: tuple[str, ...] = (),
    ) -> None:
        self._by_name = by_name
        self.function: Callable[..., Any] = function
        self._offered = offered
        self._by_position = offered[:by_position]
        self._plans: dict[tuple[str, ...], _Plan] = {}
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # a built-in without a signature
            self._plans[offered] = (offered, ())
            self._parameters = []
        else:
            self._parameters = [*signature.parameters.values()]
            self._plans[offered] = self._plan(offered)
        self.direct: Callable[..., Any] = self._make_direct()

    def _make_direct(self) -> Callable[..., Any]:
        arguments, keywords = self._plans[self._offered]
        count = len(arguments)
        if keywords or arguments != self._offered[:count]:
            return self._direct
        if count == len(self._offered):
            return self.function
        function = self.function
        return lambda *values: function(*values[:count])

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
        """Call the function and await its result if it is async."""
        result = self.call(values)
        return await result if is_awaitable(result) else result

    def lacking(self, any_name: bool) -> str | None:
        """Return the first parameter that would be left without a value.

        Args:
            any_name: Whether a positional parameter with a name of its own
                receives the next value.
        """
        named = {parameter.name for parameter in self._parameters}
        unnamed = {*self._offered} - named - {*self._by_name}
        spare = len(unnamed) if any_name else 0
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
        """Determine which values are passed, and how."""
        named = {parameter.name for parameter in self._parameters}
        spare = [
            n
            for n in self._offered
            if n in names and n not in named and n not in self._by_name
        ]
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
