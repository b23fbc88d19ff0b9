"""Declares and finds the methods that an application may override.

`@hook("request", ...)` declares a hook and the values that it is offered.
`@step` declares a step, whose signature is fixed. Both are found on the class;
nothing else lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from time import time
from typing import Any, NamedTuple, TypeVar

from ..exceptions import InvalidConfiguration
from .calls import Callback

_F = TypeVar("_F", bound=Callable[..., Any])
_R = TypeVar("_R")
_MARK = "__sanic_jwt_oo__"


class Offer(NamedTuple):
    """The values that a hook is offered.

    Attributes:
        names: Names of the values, in order.
        by_position: How many of them `*args` may collect, from the first.
        by_name: Names of the last ones, which are offered by name alone.
    """

    names: tuple[str, ...]
    by_position: int
    by_name: tuple[str, ...] = ()


class _Mark(NamedTuple):
    """A declaration that names its function: `functools.wraps` copies it."""

    function: Any
    kind: str
    offer: Offer | None


def hook(
    *offered: str, by_position: int = 1, by_name: tuple[str, ...] = ()
) -> Callable[[Callable[..., _R]], Callable[..., _R]]:
    """Declare a hook.

    For type checkers it accepts any parameters, because an override names only
    those that it needs.

    Args:
        *offered: Names of the values that it is offered, in order.
        by_position: How many of them `*args` may collect, from the first.
        by_name: Names of further values that only a parameter of that name
            receives: sanic-jwt does not offer them.
    """

    def declare(method: Callable[..., _R]) -> Callable[..., _R]:
        offer = Offer((*offered, *by_name), by_position, by_name)
        mark = _Mark(method, "hook", offer)
        setattr(method, _MARK, mark)
        return method

    return declare


def step(method: _F) -> _F:
    """Declare a step: an override applies to every way of a request."""
    setattr(method, _MARK, _Mark(method, "step", None))
    return method


def helper(method: _F) -> _F:
    """Declare that a method, a step in a base class, is not a step here."""
    setattr(method, _MARK, _Mark(method, "helper", None))
    return method


def hooks_of(cls: type) -> dict[str, Offer]:
    """Return the hooks of a class, with the values each is offered."""
    return {n: m.offer for n, m in _declared(cls).items() if m.offer}


def steps_of(cls: type) -> list[str]:
    """Return the names of the steps of a class."""
    return [n for n, m in _declared(cls).items() if m.kind == "step"]


def is_overridden(holder: object, name: str) -> bool:
    """Return whether the application overrides a hook or step."""
    return _mark_of(getattr(holder, name)) is None


class HookTable:
    """The hooks of one object, as they are at the moment of each call.

    Args:
        holder: The object: an installation, or its `Responses`.
    """

    def __init__(self, holder: Any) -> None:
        self._holder = holder
        self._own = vars(holder)
        self._class = type(holder)
        marks = _declared(self._class)
        self._offers = {n: m.offer for n, m in marks.items() if m.offer}
        self._defaults = {n: marks[n].function for n in self._offers}
        self._callbacks: dict[str, Callback] = {}

    def __getitem__(self, name: str) -> Callback:
        function = getattr(self._holder, name)
        callback = self._callbacks.get(name)
        # methods may be replaced at any time, on the object or its class
        if callback is None or callback.function != function:
            callback = Callback(function, *self._offers[name])
            self._callbacks[name] = callback
        return callback

    def __iter__(self) -> Iterator[str]:
        return iter(self._offers)

    def function(self, name: str) -> Any:
        """Return what the object has under the name of a hook."""
        return getattr(self._holder, name)

    def offer(self, name: str) -> Offer:
        """Return the values that a hook is offered."""
        return self._offers[name]

    def is_overridden(self, name: str) -> bool:
        """Return whether the application overrides a hook."""
        # of the class: a bound method would be made to be thrown away
        return (
            name in self._own
            or getattr(self._class, name) is not self._defaults[name]
        )

    def overrides_any(self, *names: str) -> bool:
        """Return whether the application overrides any of these hooks."""
        own, kind = self._own, self._class
        for name in names:
            if name in own or getattr(kind, name) is not self._defaults[name]:
                return True
        return False


class StandIn(NamedTuple):
    """Takes a step by calling methods that have other names and parameters.

    A class lists its own in the attribute `_sanic_jwt_oo_stand_ins`. One is
    used only if the application overrides one of the methods, and not the
    step itself.

    Attributes:
        step: The name of the step.
        methods: What each of the methods is called with: names of values,
            those after `*` by keyword.
        function: Takes the step; its first argument is the object.
    """

    step: str
    methods: Mapping[str, str]
    function: Callable[..., Any]


class StepTable:
    """The steps that one object overrides.

    Args:
        holder: The object: an installation.

    Attributes:
        stand_ins: The stand-ins of its class.
        names: The names of all steps.
        watched: These, and the methods that take a step by a `StandIn`.
        own: The application's own steps, by name.
        now: Returns the time, in seconds since the epoch.
    """

    def __init__(self, holder: Any) -> None:
        self._holder = holder
        self.stand_ins: tuple[StandIn, ...] = getattr(
            type(holder), "_sanic_jwt_oo_stand_ins", ()
        )
        self.own: dict[str, Callable[..., Any]] = {}
        self.names: frozenset[str] = frozenset(steps_of(type(holder)))
        self.watched: frozenset[str] = self.names.union(
            *(one.methods for one in self.stand_ins)
        )
        self.settle()

    def leave_out(self, name: str) -> None:
        """Take the default of a step: the method is a helper of its own."""
        self.names -= {name}
        self.settle()

    def settle(self) -> None:
        """Find out which steps are overridden.

        Raises:
            InvalidConfiguration: One is replaced by what cannot be called.
        """
        holder = self._holder
        own: dict[str, Callable[..., Any]] = {
            name: getattr(holder, name)
            for name in self.names
            if is_overridden(holder, name)
        }
        for name, function in own.items():
            if not callable(function):
                raise InvalidConfiguration(
                    f"{name} is {function!r}; it must be callable. Leave it "
                    "out, or delete it, to have the default."
                )
        for step, methods, function in self.stand_ins:
            if any(is_overridden(holder, name) for name in methods):
                own.setdefault(step, partial(function, holder))
        self.own = own
        self.now: Callable[[], float] = self.own.get("now", time)


def _declared(cls: type) -> dict[str, _Mark]:
    """Return the declarations of a class, the most derived one of each."""
    marks: dict[str, _Mark] = {}
    for kind in reversed(cls.__mro__):
        for name, value in vars(kind).items():
            mark = _mark_of(value)
            if mark is not None:
                marks[name] = mark
    return marks


def _mark_of(function: Any) -> _Mark | None:
    core = getattr(function, "__func__", function)
    mark = getattr(core, _MARK, None)
    # an object may have an attribute for every name
    if isinstance(mark, _Mark) and mark.function is core:
        return mark
    return None
