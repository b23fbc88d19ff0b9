"""How settings are declared, read, checked and kept; not which there are.

`markers` has what an annotation may say, `declarations` what is known of a
setting, `sources` where values come from, `snapshot` the class that all of it
meets in. `configuration.py` has the settings themselves.
"""

from .declarations import Declaration, Declarations
from .markers import (
    Alias,
    AtLeast,
    CookieName,
    Duration,
    FixedAtInstall,
    HeaderName,
    Marker,
    NotEmpty,
    Origins,
    Seconds,
    Secret,
    UrlPath,
    WholeSeconds,
)
from .snapshot import Snapshot

__all__ = [
    "Alias",
    "AtLeast",
    "CookieName",
    "Declaration",
    "Declarations",
    "Duration",
    "FixedAtInstall",
    "HeaderName",
    "Marker",
    "NotEmpty",
    "Origins",
    "Seconds",
    "Secret",
    "Snapshot",
    "UrlPath",
    "WholeSeconds",
]
