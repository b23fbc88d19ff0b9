"""Markers: limits and properties of settings, in their annotations.

`Configuration` writes them in its annotations: `Annotated[int, AtLeast(1),
FixedAtInstall]`. A marker may restrict values (`fault`), and may have a note
in the reference (`note`). A marker without arguments is written as its class.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ORIGIN = re.compile(
    r"[a-z][a-z0-9+.-]*://([\w.-]+|\[[\da-f:.]+\])(:\d+)?", re.I | re.A
)


@dataclass(frozen=True)
class Marker:
    """The base class of markers."""

    @property
    def note(self) -> str:
        """A note on the setting for the reference, in Markdown."""
        return ""

    def fault(self, value: Any) -> str | None:
        """Return the fault of a value of the right type, or `None`.

        Args:
            value: The value, which is not `None`. It may be a secret, so the
                text must not repeat it.
        """
        return None


class Duration(Marker):
    """A number of seconds that may be written as a `timedelta`."""

    def fault(self, value: float) -> str | None:
        """Refuse a number that is not finite."""
        finite = -math.inf < value < math.inf
        return None if finite else "a duration is finite"


class FixedAtInstall(Marker):
    """No request, decorator or block can change it."""

    @property
    def note(self) -> str:
        """The note in the reference."""
        return "**fixed at install**"


class Secret(Marker):
    """No `repr` or message contains its value."""

    @property
    def note(self) -> str:
        """The note in the reference."""
        return "never shown in a `repr`"


@dataclass(frozen=True)
class Alias(Marker):
    """It may also be written under an older name.

    Attributes:
        name: The older name.
    """

    name: str

    @property
    def note(self) -> str:
        """The older name."""
        return f"also called: `{self.name}`"


@dataclass(frozen=True)
class AtLeast(Marker):
    """It has a lower limit.

    Attributes:
        limit: The least value that is accepted.
    """

    limit: float

    @property
    def note(self) -> str:
        """The limit."""
        return f"at least `{self.limit}`"

    def fault(self, value: float) -> str | None:
        """Refuse a lower value."""
        if value >= self.limit:
            return None
        return f"it cannot be less than {self.limit}"


class NotEmpty(Marker):
    """Text that cannot be empty."""

    def fault(self, value: str) -> str | None:
        """Refuse empty text."""
        return None if value else "it cannot be empty"


class UrlPath(Marker):
    """A path that starts with a slash, or empty text."""

    def fault(self, value: str) -> str | None:
        """Refuse a path without the slash."""
        if not value or value.startswith("/"):
            return None
        return "a path starts with a slash"


class CookieName(Marker):
    """The name of a cookie; no other cookie may have the same."""

    def fault(self, value: str) -> str | None:
        """Refuse a name that is not a token (RFC 9110 section 5.6.2)."""
        if _TOKEN.fullmatch(value):
            return None
        return "no cookie can have that name (RFC 6265 section 4.1.1)"


class HeaderName(Marker):
    """The name of a header."""

    def fault(self, value: str) -> str | None:
        """Refuse a name that is not a token (RFC 9110 section 5.6.2)."""
        if _TOKEN.fullmatch(value):
            return None
        return "no header can have that name (RFC 9110 section 5.1)"


class Origins(Marker):
    """Origins of pages, as browsers send them (RFC 6454 section 6.2)."""

    def fault(self, value: Any) -> str | None:
        """Refuse a value that no browser sends."""
        if all(map(_ORIGIN.fullmatch, value)):
            return None
        return (
            "each must be an origin: scheme://host or scheme://host:port, "
            "without a wildcard, a path, or a slash at its end"
        )


Seconds: TypeAlias = Annotated[float, Duration]
"""A duration: set as seconds or as a `timedelta`, read as seconds."""
WholeSeconds: TypeAlias = Annotated[int, Duration]
"""A duration of whole seconds."""
