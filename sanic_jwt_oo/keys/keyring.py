"""The keys of one installation: one signs, all verify by their key id."""

from __future__ import annotations

import hmac
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..exceptions import (
    InvalidConfiguration,
    InvalidToken,
    RequiredKeysNotFound,
)
from .loading import Key, check_algorithm, is_asymmetric, load_key
from .settings import KeySettings

_PROBE = b"sanic_jwt_oo"
_MAXIMUM_HEADERS = 64


class KeyRing:
    """Keys by key id.

    Args:
        primary: The key that signs, and verifies tokens without `kid`.
        others: Keys that verify the tokens that name them.

    Raises:
        InvalidConfiguration: Two keys have the same id.

    Attributes:
        primary: The key that signs.
        known: Keys by the protected header of a token they verified.
    """

    __slots__ = ("_by_id", "known", "primary")

    def __init__(self, primary: Key, others: Iterable[Key] = ()) -> None:
        self.primary: Key = primary
        self.known: dict[bytes, Key] = {}
        self._by_id: dict[str | None, Key] = {None: primary}
        for key in (primary, *others):
            if key.key_id is not None:
                if key.key_id in self._by_id:
                    raise InvalidConfiguration(
                        f"Two keys have the id {key.key_id!r}. Give each its "
                        "own."
                    )
                self._by_id[key.key_id] = key

    def __iter__(self) -> Iterator[Key]:
        return iter(dict.fromkeys(self._by_id.values()))

    def remember(self, header: bytes, key: Key) -> None:
        """Remember which key a header names, after its signature was verified.

        So only the owner of a key can add headers, and only a few.

        Args:
            header: The protected header, as in the token.
            key: The key that verified the signature.
        """
        if len(self.known) < _MAXIMUM_HEADERS:
            self.known[header] = key

    def select(self, header: dict[str, Any]) -> Key:
        """Return the key that a token's header names (RFC 8725 3.10).

        Raises:
            InvalidToken: `kid` is not a string or names no key, or `alg` is
                not the algorithm of the key.
        """
        key_id = header.get("kid")
        if "kid" in header and not isinstance(key_id, str):
            raise InvalidToken(detail="kid is not a string.")
        key = self._by_id.get(key_id)
        if key is None:
            raise InvalidToken(detail="kid names no configured key.")
        if header.get("alg") != key.algorithm:
            raise InvalidToken(detail="The alg of the token is not allowed.")
        return key


def build_keyring(
    settings: KeySettings,
    random_secret: Callable[[], str],
) -> KeyRing:
    """Load the keys that settings name.

    Args:
        settings: The settings that determine the keys.
        random_secret: Returns a secret; called if none is set.

    Raises:
        InvalidConfiguration: A key is missing, or cannot be used.
    """
    check_algorithm(settings.algorithm)
    secret = settings.secret
    private = None
    if is_asymmetric(settings.algorithm):
        private = settings.private_key if settings.auth_mode else None
        if isinstance(private, (str, bytes)) and not private.strip():
            private = None
        if settings.auth_mode and private is None:
            raise RequiredKeysNotFound(
                f"{settings.algorithm} requires a private_key to sign. Set "
                "one, or set auth_mode = False if this service only verifies."
            )
        if private is None and secret is None:
            secret = settings.private_key
    elif secret is None:
        secret = random_secret()
    primary = load_key(
        settings.algorithm,
        public=secret,
        private=private,
        key_id=settings.key_id,
    )
    if primary.can_sign and not primary.verify(_PROBE, primary.sign(_PROBE)):
        raise InvalidConfiguration(
            "private_key and public_key (secret) are not a key pair."
        )
    others = [
        load_key(settings.algorithm, public=material, key_id=key_id)
        for key_id, material in settings.verification_keys
    ]
    return KeyRing(primary, others)


def run_secret(name: str) -> str:
    """Return a random secret that is valid until the server stops.

    It is derived from the random key that Python's multiprocessing passes
    from a main process to its children. So the workers of Sanic, uvicorn and
    hypercorn share it.

    Args:
        name: Name of the application; each has a secret of its own.
    """
    shared = multiprocessing.current_process().authkey
    return hmac.new(shared, name.encode(), "sha512").hexdigest()
