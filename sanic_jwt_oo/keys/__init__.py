"""The keys of an installation, read and checked once, at install.

`settings` has the settings that keys follow from; `loading` turns text,
bytes, files and key objects into keys that fit their algorithm; `keyring`
holds those of one installation by key id: one signs, all verify. Signatures
are PyJWT's; there is no cryptography of our own.
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
