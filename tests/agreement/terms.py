"""The terms of a verification: our settings, and PyJWT's equivalent options.

Only this module says which call of `jwt.decode` is equivalent to which
settings of an installation.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import jwt
from jwt import api_jwt

from tests.security.forging import NOW, b64, bytes_of

from .keys import SigningKey, signing_key

LEEWAY = 60
"""Our default, in seconds."""


@dataclass(frozen=True)
class Terms:
    """Keys and rules by which an installation or an override verifies.

    Attributes:
        key: The key of tokens that name none.
        key_id: Its id.
        others: Further keys by their id.
        users: The key of each user, if users have keys of their own.
        rules: Our other settings.
        good: Claims that these rules require.
    """

    key: SigningKey
    key_id: str | None = None
    others: Mapping[str, SigningKey] = field(default_factory=dict)
    users: Mapping[Any, SigningKey] | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    good: Mapping[str, Any] = field(default_factory=dict)

    def under(self, **rules: Any) -> Terms:
        """Return these terms with some rules changed."""
        return replace(self, rules={**self.rules, **rules})

    def with_keys(
        self,
        key: SigningKey,
        key_id: str | None,
        others: Iterable[str] = (),
    ) -> Terms:
        """Return these terms with other keys, where users have none."""
        if self.users is not None:
            return self
        named = {
            name: signing_key(key.kind, number)
            for number, name in enumerate(others, 2)
            if name != key_id
        }
        return replace(self, key=key, key_id=key_id, others=named)

    def with_users(self, users: Mapping[Any, SigningKey]) -> Terms:
        """Return these terms with other keys of users."""
        return replace(self, users=users)

    def settings(self) -> dict[str, Any]:
        """Return them as settings of a verify-only installation."""
        settings = {"algorithm": self.key.algorithm, **self.rules}
        if self.users is not None:
            return {**settings, "user_secret_enabled": True}
        settings["secret"] = self.key.verifier
        settings["key_id"] = self.key_id
        settings["verification_keys"] = {
            name: key.verifier for name, key in self.others.items()
        }
        return settings

    def header(self) -> dict[str, Any]:
        """Return the header of a valid token."""
        named = {} if self.key_id is None else {"kid": self.key_id}
        return {"alg": self.key.algorithm, "typ": "JWT", **named}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a valid token."""
        return {"user_id": 1, "exp": NOW + 600, **self.good, **changes}

    def sealed(
        self, header: Any, payload: Any, key: SigningKey | None = None
    ) -> str:
        """Sign this header and payload, unchanged."""
        message = f"{b64(bytes_of(header))}.{b64(bytes_of(payload))}"
        signature = (key or self.key).sign(message.encode())
        return f"{message}.{b64(signature)}"

    def token(self, header: Any = None, **changes: Any) -> str:
        """Return a token that is valid except for the changes."""
        full = {**self.header(), **(header or {})}
        return self.sealed(full, self.claims(**changes))

    def decode(self, token: str, now: float) -> Any:
        """Return the payload that PyJWT reads under equivalent options.

        Args:
            token: The token.
            now: Seconds since the epoch.

        Raises:
            jwt.PyJWTError: PyJWT refuses it.
            LookupError: The token names a key that is not configured.
        """
        rules = self.rules
        checked = rules.get("verify_exp", True)
        required = {*rules.get("required_claims", ["exp"])}
        if checked and required:
            required.add("exp")
        if rules.get("user_id_required", True):
            required.add(rules.get("user_id", "user_id"))
        with standing_still(now), room():
            return jwt.decode(
                token,
                self._key_of(token).verifier,
                algorithms=[self.key.algorithm],
                audience=rules.get("claim_aud"),
                issuer=rules.get("claim_iss"),
                leeway=rules.get("leeway", LEEWAY),
                options={
                    "verify_exp": checked,
                    "require": sorted(required),
                },
            )

    def _key_of(self, token: str) -> SigningKey:
        """Return the key that an application would pick for a token."""
        if self.users is not None:
            seen = jwt.decode(token, options={"verify_signature": False})
            return self.users[seen[self.rules.get("user_id", "user_id")]]
        named = jwt.get_unverified_header(token)
        keys = {None: self.key, self.key_id: self.key, **self.others}
        return keys[named.get("kid")]


class _Moment:
    """The exact time of a frozen clock."""

    def __init__(self, now: float) -> None:
        self._now = now

    def timestamp(self) -> float:
        return self._now


@contextmanager
def standing_still(now: float) -> Iterator[None]:
    """Freeze PyJWT's clock."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return _Moment(now)

    running = api_jwt.datetime
    api_jwt.datetime = Stopped  # type: ignore[misc]
    try:
        yield
    finally:
        api_jwt.datetime = running  # type: ignore[misc]


@contextmanager
def room() -> Iterator[None]:
    """Let PyJWT parse JSON a little deeper than we can.

    How deep JSON can be parsed depends on the depth of the call stack.
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 200)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


HS256 = Terms(signing_key("HS256"))
ROTATED = ("two", "", "ü\ud800\0")
"""Ids of further keys."""

BY_RULES = {
    "plain": HS256,
    "audience": replace(
        HS256, rules={"claim_aud": "a"}, good={"aud": ["b", "a"]}
    ),
    "audiences": replace(
        HS256, rules={"claim_aud": ["a", "b"]}, good={"aud": "b"}
    ),
    "issuer": replace(HS256, rules={"claim_iss": "i"}, good={"iss": "i"}),
    "issuers": replace(
        HS256, rules={"claim_iss": ["i", "j"]}, good={"iss": "j"}
    ),
    "required claims": replace(
        HS256,
        rules={"required_claims": ["exp", "sub", "x"]},
        good={"sub": "s", "x": 0},
    ),
    "nothing required": HS256.under(
        required_claims=[], verify_exp=False, user_id_required=False
    ),
    "no leeway": HS256.under(leeway=0),
    "a fraction of leeway": HS256.under(leeway=0.5),
    "exp unchecked": HS256.under(verify_exp=False),
    "key ids": HS256.with_keys(HS256.key, "one", ROTATED),
    "users' secrets": replace(
        HS256,
        users={1: signing_key("HS256"), "1": signing_key("HS256", 2)},
    ),
    "users' keys": Terms(
        signing_key("ES256"),
        users={1: signing_key("ES256"), "1": signing_key("ES256", 2)},
    ),
}
BY_KEY = {
    kind: Terms(signing_key(kind))
    for kind in (
        "HS384",
        "HS512",
        "RS256",
        "RS512",
        "PS256",
        "PS512",
        "ES256",
        "ES256K",
        "ES384",
        "ES512",
        "Ed25519",
        "Ed448",
    )
}
ALL: dict[str, Terms] = {**BY_RULES, **BY_KEY}


def another_key(terms: Terms) -> Terms:
    """Return terms that refuse every token that is valid under `terms`."""
    kind, users = terms.key.kind, terms.users
    return replace(
        terms,
        key=signing_key(kind, 99),
        others={
            name: signing_key(kind, 100 + number)
            for number, name in enumerate(terms.others)
        },
        users=users and dict.fromkeys(users, signing_key(kind, 99)),
    )
