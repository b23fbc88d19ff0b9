"""`Snapshot`: a class that declares settings, and its frozen instances.

Its subclasses say which settings there are; `configuration.py` has those of
the package. The sources of a value, weakest first: its default,
`SANIC_JWT_*` of the environment, then of `app.config`, the classes, keyword
arguments. What comes after that belongs to one request or block and is made
with `derive()`: `get_<name>(request)`, the settings of a decorator,
`override()`. Of two classes the more derived one wins, whether it has a value,
a `set_<name>()` or a `get_<name>()`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from typing_extensions import Self

from ..exceptions import InvalidConfiguration
from ..hooks import Callback
from .declarations import Declarations, read_declarations
from .sources import (
    Getters,
    read_app_config,
    read_classes,
    read_environment,
)


class Snapshot:
    """Settings that an installation runs on.

    A subclass with `declares=True` declares settings: annotated attributes.
    Any other subclass, and any class mixed in, gives them values.
    """

    _declares: ClassVar[bool] = True
    _declarations: ClassVar[Declarations] = Declarations()
    _construct: ClassVar[Callable[..., Any]]
    """Makes what calling the class returns. Only the legacy form calls it."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Return settings that are not installed; see `_construct`."""
        return cls._construct(cls, *args, **kwargs)

    def __init_subclass__(cls, declares: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._declares = declares
        known = {
            id(base._declarations)
            for base in cls.__bases__
            if issubclass(base, Snapshot)
        }
        if not declares and len(known) == 1:
            return
        declared = Declarations()
        for klass in reversed(cls.__mro__):
            if vars(klass).get("_declares") and klass is not Snapshot:
                declared = read_declarations(klass, declared)
        cls._declarations = declared

    @classmethod
    def _of(cls, values: Mapping[str, Any]) -> Self:
        made = object.__new__(cls)
        vars(made).update(values)
        return made

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(
            f"Settings are frozen once installed; use override({name}=...) "
            "for a block of code."
        )

    def __delattr__(self, name: str) -> None:
        raise AttributeError("Settings are frozen once installed.")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return vars(self) == vars(other)

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={setting.show(vars(self)[name])}"
            for name, setting in sorted(self._declarations.items())
            if name in vars(self)
        )
        return f"{type(self).__name__}({shown})"

    @classmethod
    def declarations(cls) -> Declarations:
        """Return the declaration of each setting."""
        return cls._declarations

    @classmethod
    def names(cls) -> frozenset[str]:
        """Return the name of every setting."""
        return frozenset(cls._declarations)

    @classmethod
    def build(
        cls,
        app_config: Mapping[str, Any],
        settings: Mapping[str, Any],
        hints: Mapping[str, str] | None = None,
    ) -> Self:
        """Make the snapshot of an installation from all its sources.

        Args:
            app_config: `app.config`.
            settings: Keyword arguments.
            hints: A sentence for each name that is not a setting but something
                else, for the error message.

        Raises:
            InvalidConfiguration: A name is unknown or a value cannot work.
        """
        written = read_classes(cls, cls._declarations)
        for name, place in written.unknown:
            cls._report_unknown(name, place, hints)
        values = cls._read_application(app_config, hints)
        values.update(written.values)
        values = {n: cls._plain_value(n, v) for n, v in values.items()}
        cls._call_setters(values, written.setters)
        given = cls._canonical(settings, "keyword argument", hints)
        for name in sorted(given.keys() & written.getters.keys()):
            cls._report_mistake(
                f"The keyword argument {name!r} has no effect: "
                f"{written.getters[name]}() decides for each request. Leave "
                "one of the two out."
            )
        values.update(given)
        cls._complete(values)
        for name, value in values.items():
            cls._declarations[name].check(value)
        cls._check_together(values)
        getters = cls._make_getters(values, written.getters)
        return cls._of({**values, "_getters": getters})

    @classmethod
    def _complete(cls, values: dict[str, Any]) -> None:
        """Set what follows from other settings; may be overridden."""

    @classmethod
    def _check_together(cls, values: Mapping[str, Any]) -> None:
        """Refuse settings that cannot work together; may be overridden.

        Raises:
            InvalidConfiguration: Two settings contradict each other.
        """

    @classmethod
    def _report_mistake(cls, message: str) -> None:
        """Refuse a mistake that sanic-jwt ignored; may be overridden.

        Raises:
            InvalidConfiguration: Always, in this class.
        """
        raise InvalidConfiguration(message)

    @classmethod
    def _plain_value(cls, name: str, value: Any) -> Any:
        """Return the form in which a value is stored: durations in seconds."""
        return cls._declarations[name].plain(value)

    @classmethod
    def _unknown_setting(cls, name: str, source: str, hint: str = "") -> None:
        """Refuse a name that is not a setting; may be overridden.

        Args:
            name: The name.
            source: Where it was found.
            hint: A sentence that suggests another name, or empty.

        Raises:
            InvalidConfiguration: Always, in this class.
        """
        raise InvalidConfiguration(
            f"{name!r} ({source}) is not a setting. {hint}".rstrip()
        )

    @classmethod
    def changes(cls, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Check settings that are to change for a request or a block.

        Returns:
            The settings under their present names, for `derive`.

        Raises:
            InvalidConfiguration: A name is unknown, is fixed at install, or
                has a value that cannot work.
        """
        changes = cls._canonical(settings, "override")
        for name, value in changes.items():
            if cls._declarations[name].is_fixed:
                raise InvalidConfiguration(
                    f"{name!r} is settled at install and cannot change for "
                    "one request."
                )
            cls._declarations[name].check(value)
        return changes

    def derive(self, changes: Mapping[str, Any]) -> Self:
        """Return a snapshot that differs in checked `changes`."""
        return self._of({**vars(self), **changes})

    @property
    def _changes_per_request(self) -> bool:
        """Whether there is any `get_<name>` method."""
        return bool(vars(self)["_getters"])

    def for_request(self, request: Any) -> Self:
        """Return this snapshot with the values of the `get_<name>` methods."""
        getters: Getters = vars(self)["_getters"]
        return self.derive(self.changes(getters.call(request)))

    @classmethod
    def _read_application(
        cls, app_config: Mapping[str, Any], hints: Mapping[str, str] | None
    ) -> dict[str, Any]:
        """Return the defaults, overridden by the application's config."""
        declared = cls._declarations
        environment = read_environment(app_config, declared)
        in_app_config = read_app_config(app_config)
        return {
            **{name: setting.default for name, setting in declared.items()},
            **cls._canonical(environment, "environment", hints),
            **cls._canonical(in_app_config, "app.config", hints),
        }

    @classmethod
    def _canonical(
        cls,
        settings: Mapping[str, Any],
        source: str,
        hints: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Return values in their plain form, under present names."""
        known: dict[str, Any] = {}
        for written_as, value in settings.items():
            name = cls._declarations.canonical(written_as)
            if name in cls._declarations:
                known[name] = cls._plain_value(name, value)
            else:
                cls._report_unknown(written_as, source, hints)
        return known

    @classmethod
    def _report_unknown(
        cls, name: str, source: str, hints: Mapping[str, str] | None
    ) -> None:
        close = cls._declarations.closest(name)
        hint = f"Did you mean {close!r}?" if close else ""
        if hints and name in hints:
            hint = hints[name]
        cls._unknown_setting(name, source, hint)

    @classmethod
    def _call_setters(
        cls, values: dict[str, Any], methods: Mapping[str, str]
    ) -> None:
        """Replace values with the results of the `set_<name>` methods."""
        receiver = cls._receiver(values)
        for name, method in methods.items():
            setter = cls._find_method(receiver, method)
            if setter is not None:
                values[name] = cls._plain_value(name, setter())

    @classmethod
    def _make_getters(
        cls, values: Mapping[str, Any], methods: Mapping[str, str]
    ) -> Getters:
        """Return the `get_<name>` methods, bound to what was built."""
        receiver = cls._receiver(values)
        hooks = {}
        for name, method in methods.items():
            getter = cls._find_method(receiver, method)
            if getter is None:
                continue
            if cls._declarations[name].is_fixed:
                raise InvalidConfiguration(
                    f"{method} cannot work: the setting is settled at "
                    f"install; use set_{name}."
                )
            hooks[name] = Callback(getter, ("request",), 1)
        return Getters(cls._of(values), hooks)

    @classmethod
    def _receiver(cls, values: Mapping[str, Any]) -> Self:
        """Return the `self` of `set_` and `get_`; may be overridden."""
        return cls._of(values)

    @classmethod
    def _find_method(
        cls, settings: Self, name: str
    ) -> Callable[..., Any] | None:
        """Return a `set_` or `get_` method; `None` if there is none."""
        method: Any = getattr(settings, name)
        if inspect.iscoroutinefunction(method):
            raise InvalidConfiguration(
                f"{name} cannot work: settings are read without waiting; "
                "make it a plain def."
            )
        if callable(method):
            return method  # type: ignore[no-any-return]
        if method is not None:
            cls._report_mistake(
                f"{name} is a {type(method).__name__}. Make it a method, or "
                f"write {name[4:]} = ... for a plain value."
            )
        return None
