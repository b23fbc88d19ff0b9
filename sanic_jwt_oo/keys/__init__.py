"""The keys of an installation, read and checked once, at install.

`settings` contains the settings that determine keys. `loading` turns text,
bytes, files and key objects into keys for an algorithm. `keyring` holds the
keys of one installation by key id: one signs, all verify. PyJWT makes and
verifies the signatures; the package has no cryptography of its own.
"""

from .keyring import KeyRing, build_keyring, run_secret
from .loading import (
    Key,
    check_strength,
    is_asymmetric,
    load_key,
)
from .settings import KeySettings

__all__ = [
    "Key",
    "KeyRing",
    "KeySettings",
    "build_keyring",
    "check_strength",
    "is_asymmetric",
    "load_key",
    "run_secret",
]
