"""A setting as its class declares it: name, type, default and markers.

`Declarations` holds those of a class. A declaration says whether a value fits,
whether it is a secret, whether a request may change it, and its older names.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from ..exceptions import InvalidConfiguration
from .markers import Alias, Duration, FixedAtInstall, Marker, Secret

_RESEMBLES = 0.85
"""How much of a name must be right for it to count as misspelt."""


@dataclass(frozen=True)
class Declaration:
    """A setting.

    Attributes:
        name: Its name.
        type: The type of its values, without markers.
        default: The default in the class that was read.
        markers: The markers of the annotation.
    """

    name: str
    type: Any
    default: Any
    markers: tuple[Marker, ...]

    def has(self, kind: type[Marker]) -> bool:
        """Return whether there is a marker of a kind."""
        return any(isinstance(marker, kind) for marker in self.markers)

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its older names."""
        return tuple(m.name for m in self.markers if isinstance(m, Alias))

    @property
    def is_duration(self) -> bool:
        """Whether a `timedelta` counts as a number of seconds."""
        return self.has(Duration)

    @property
    def is_fixed(self) -> bool:
        """Whether it is settled at install."""
        return self.has(FixedAtInstall)

    @property
    def is_secret(self) -> bool:
        """Whether its value is never displayed."""
        return self.has(Secret)

    def show(self, value: Any) -> str:
        """Return a value as text, or asterisks for a secret."""
        return "***" if self.is_secret else repr(value)

    def plain(self, value: Any) -> Any:
        """Return the form in which a value is stored.

        A `timedelta` becomes seconds. A mapping, list or set is copied, so
        that a change to the application's own does not reach the settings.
        """
        if isinstance(value, Mapping):
            return types.MappingProxyType(dict(value))
        if isinstance(value, (list, set)):
            return value.copy()
        if not (self.is_duration and isinstance(value, timedelta)):
            return value
        seconds = value.total_seconds()
        if fits(seconds, self.type) or not seconds.is_integer():
            return seconds
        return int(seconds)

    def check(self, value: Any) -> None:
        """Refuse a value that cannot work.

        Raises:
            InvalidConfiguration: It has another type, or a marker refuses it.
        """
        if not fits(value, self.type):
            shown = type(value).__name__ if self.is_secret else repr(value)
            raise InvalidConfiguration(
                f"{self.name!r} cannot be {shown}; expected {self._expected}."
            )
        if value is None:
            return
        unit = " seconds" if self.is_duration else ""
        for marker in self.markers:
            fault = marker.fault(value)
            if fault is not None:
                raise InvalidConfiguration(
                    f"{self.name!r} is {self.show(value)}{unit}; {fault}."
                )

    @property
    def _expected(self) -> str:
        if not self.is_duration:
            return _describe(self.type)
        unit = "seconds" if fits(0.5, self.type) else "whole seconds"
        return f"a number of {unit}, or a timedelta"


class Declarations(Mapping[str, Declaration]):
    """The settings of a class, by name.

    Args:
        declared: The settings.

    Attributes:
        aliases: Older names, each with the name that took its place.
    """

    def __init__(self, declared: Iterable[Declaration] = ()) -> None:
        self._declared = {setting.name: setting for setting in declared}
        self.aliases: dict[str, str] = {
            alias: setting.name
            for setting in self._declared.values()
            for alias in setting.aliases
        }

    def __getitem__(self, name: str) -> Declaration:
        return self._declared[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def canonical(self, written_as: str) -> str:
        """Return the present name of a setting for an older one."""
        return self.aliases.get(written_as, written_as)

    def with_marker(self, kind: type[Marker]) -> list[str]:
        """Return the names of the settings with a marker of a kind."""
        return [name for name, setting in self.items() if setting.has(kind)]

    def closest(self, name: str) -> str | None:
        """Return the name that a misspelt one was probably meant to be."""
        names = [*self, *self.aliases]
        return next(iter(get_close_matches(name, names, n=1)), None)

    def resembles(self, name: str) -> bool:
        """Return whether a name is a setting's, perhaps misspelt."""
        return bool(get_close_matches(name, self, n=1, cutoff=_RESEMBLES))


def read_declarations(cls: type, inherited: Declarations) -> Declarations:
    """Return the settings that a class declares, with those it inherits.

    A class that declares an inherited setting again adds markers to it, or
    gives it another default by a plain value; it takes no marker away.

    Args:
        cls: The class, whose own attributes are read.
        inherited: What the classes that it derives from declare.

    Raises:
        InvalidConfiguration: A declaration has no default, or one that its
            own markers refuse; or an attribute has no annotation.
    """
    declared = dict(inherited)
    members = vars(cls)
    for name, hint in inspect.get_annotations(cls, eval_str=True).items():
        if name.startswith("_"):
            continue
        if name not in members:
            raise InvalidConfiguration(f"The setting {name!r} has no default.")
        kind, markers = _take_apart(name, hint)
        if name in inherited:
            markers = (*inherited[name].markers, *markers)
        markers = tuple(dict.fromkeys(markers))
        declared[name] = Declaration(name, kind, members[name], markers)
    for written_as, value in members.items():
        name = inherited.canonical(written_as)
        if name in declared:
            declared[name] = replace(declared[name], default=value)
        elif not (written_as.startswith("_") or is_code(value)):
            raise InvalidConfiguration(
                f"{written_as!r} of {cls.__name__} declares no setting: it "
                "needs an annotation."
            )
    for setting in declared.values():
        setting.check(setting.default)
        _check_aliases(setting, declared)
    return Declarations(declared.values())


def _check_aliases(
    setting: Declaration, declared: Mapping[str, Declaration]
) -> None:
    """Refuse an older name that means another setting too."""
    for other in declared.values():
        shared = {*setting.aliases} & {other.name, *other.aliases}
        if shared and other is not setting:
            raise InvalidConfiguration(
                f"{shared.pop()!r} is a name of {setting.name!r} and of "
                f"{other.name!r}."
            )


def _take_apart(name: str, hint: Any) -> tuple[Any, tuple[Marker, ...]]:
    """Return the type and the markers of an annotation."""
    origin, members = get_origin(hint), get_args(hint)
    if origin is Annotated:
        kind, inner = _take_apart(name, members[0])
        return kind, (*inner, *(_marker(name, m) for m in members[1:]))
    parts = [_take_apart(name, member) for member in members]
    markers = tuple(marker for _, inner in parts for marker in inner)
    if not markers:
        return hint, ()
    if origin not in (Union, types.UnionType):
        raise InvalidConfiguration(
            f"The markers of {name!r} belong around its whole type."
        )
    return reduce(or_, [kind for kind, _ in parts]), markers


def _marker(name: str, written: Any) -> Marker:
    marker = written() if isinstance(written, type) else written
    if not isinstance(marker, Marker):
        raise InvalidConfiguration(
            f"{written!r} in the annotation of {name!r} is not a marker."
        )
    return marker


def is_code(value: Any) -> bool:
    """Return whether an attribute of a class is a method or a property."""
    return callable(value) or isinstance(
        value, (classmethod, property, staticmethod)
    )


def fits(value: Any, kind: Any) -> bool:
    """Check a value against the type of its setting."""
    origin, members = get_origin(kind), get_args(kind)
    if kind in (Any, object):
        return True
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if kind is bool:
        return isinstance(value, bool) or value in (0, 1)
    if origin is None:
        return isinstance(value, kind)
    if origin is Literal:
        return value in members
    if origin is Callable:
        return callable(value)
    if origin is Sequence:
        return isinstance(value, (list, tuple, set, frozenset)) and all(
            fits(item, members[0]) for item in value
        )
    if origin is Mapping:
        return isinstance(value, Mapping)
    return any(fits(value, member) for member in members)


def _describe(kind: Any) -> str:
    return getattr(kind, "__name__", None) or str(kind).replace(
        "collections.abc.", ""
    ).replace("typing.", "")
