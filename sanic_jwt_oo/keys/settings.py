"""The settings that keys follow from, as one value.

`build_keyring` receives a `KeySettings` and nothing else, so it cannot read
a setting that is not in it: keys made under equal `KeySettings` are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import Self

from ..configuration import Configuration
from ..types import KeyMaterial

_BY_VALUE = (str, bytes, bool, type(None))


@dataclass(frozen=True, eq=False, repr=False)
class KeySettings:
    """The settings that keys follow from.

    Two of them are equal if they are sure to make the same keys. Text, bytes
    and booleans are compared by value. A `Path` is compared by identity, for
    the file may have changed; so is a key object.

    Attributes:
        algorithm: The signature algorithm.
        auth_mode: Whether tokens are signed, and not only verified.
        key_id: `kid` of the key that signs.
        private_key: What signs under an asymmetric algorithm.
        secret: The secret of HMAC, or the public key.
        user_secret_enabled: Whether each user has keys of their own.
        verification_keys: Pairs of a `kid` and a key that only verifies.
    """

    algorithm: str
    auth_mode: bool
    key_id: str | None
    private_key: KeyMaterial | None
    secret: KeyMaterial | None
    user_secret_enabled: bool
    verification_keys: tuple[tuple[str, KeyMaterial], ...]

    @classmethod
    def of(cls, settings: Configuration) -> Self:
        """Take them from all the settings."""
        return cls(
            algorithm=settings.algorithm,
            auth_mode=settings.auth_mode,
            key_id=settings.key_id,
            private_key=settings.private_key,
            secret=settings.secret,
            user_secret_enabled=settings.user_secret_enabled,
            verification_keys=tuple(settings.verification_keys.items()),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeySettings):
            return NotImplemented
        return _same(tuple(vars(self).values()), tuple(vars(other).values()))

    def __repr__(self) -> str:
        return f"KeySettings({self.algorithm!r}, key_id={self.key_id!r})"


def _same(one: object, other: object) -> bool:
    """Compare two values; `False` where only their owner could tell."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if type(one) is type(other) and type(one) in _BY_VALUE:
        return one == other
    return one is other
