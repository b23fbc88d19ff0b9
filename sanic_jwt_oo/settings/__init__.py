"""The machinery of settings: how they are declared, read, checked and stored.

`markers` has the markers of annotations, `declarations` the declaration of a
setting, `sources` the places that values come from, and `snapshot` the class
that combines them. `configuration.py` has the settings themselves.
"""

from .declarations import Declaration, Declarations
from .items import ConfigItem
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
from .sources import read_app_config

__all__ = [
    "Alias",
    "AtLeast",
    "ConfigItem",
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
    "read_app_config",
]
