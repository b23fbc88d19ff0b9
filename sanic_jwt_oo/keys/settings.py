"""The settings that determine keys, as one value.

`build_keyring` receives a `KeySettings` and nothing else, so it cannot read
any other setting: equal `KeySettings` make the same keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import Self

from ..configuration import Configuration
from ..types import KeyMaterial

_BY_VALUE = (str, bytes, bool, type(None))


@dataclass(frozen=True, eq=False, repr=False)
class KeySettings:
    """The settings that determine keys.

    Two are equal only if they certainly make the same keys. Text, bytes and
    booleans are compared by value. A `Path` and a key object are compared by
    identity, because the content of a file may have changed.

    Attributes:
        algorithm: The signature algorithm.
        auth_mode: Whether tokens are signed, not only verified.
        key_id: `kid` of the key that signs.
        private_key: The key that signs with an asymmetric algorithm.
        secret: The HMAC secret, or the public key.
        user_secret_enabled: Whether each user has a secret of their own.
        verification_keys: Pairs of a key id and a key that only verifies.
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
        """Return those of all settings that determine keys."""
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
    """Return whether two values are certainly the same."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if type(one) is type(other) and type(one) in _BY_VALUE:
        return one == other
    return one is other
