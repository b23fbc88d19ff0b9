"""Short ways to write the requests of a scenario."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from .world import Memory, Step

SECRET = "a secret of the shop, long enough for SHA-512: " + "0123456789" * 2
OTHER_SECRET = SECRET[::-1]

Late = Callable[[Memory], Any]

ADA = {"username": "ada", "password": "lovelace"}
BOB = {"username": "bob", "password": "builder"}


@dataclass(frozen=True)
class Now:
    """A moment ``offset`` seconds from the request, as a ``kind``."""

    offset: float
    kind: Callable[[int], Any] = int

    def value(self) -> Any:
        return self.kind(int(time.time() + self.offset))


def call(
    method: str, path: str, name: str | None = None, **options: Any
) -> Step:
    """A request; ``bearer=`` is short for an Authorization header."""
    headers = dict(options.pop("headers", {}))
    bearer = options.pop("bearer", None)
    if bearer is not None:
        headers["authorization"] = join("Bearer ", bearer)
    return Step(
        name or f"{method} {path}", method, path, headers=headers, **options
    )


def get(path: str, name: str | None = None, **options: Any) -> Step:
    """A GET request."""
    return call("GET", path, name, **options)


def post(path: str, name: str | None = None, **options: Any) -> Step:
    """A POST request."""
    return call("POST", path, name, **options)


def login(path: str = "/auth", name: str = "login", **options: Any) -> Step:
    """A login, by default as Ada."""
    options.setdefault("json", ADA)
    return post(path, name, **options)


def issued(step: str = "login", key: str = "access_token") -> Late:
    """A member of an earlier response, by default the access token."""
    return lambda memory: memory.value(step, key)


def crafted(
    *,
    secret: Any = SECRET,
    algorithm: str = "HS256",
    headers: dict[str, Any] | None = None,
    **claims: Any,
) -> Late:
    """A token made by hand, by default Ada's for half an hour.

    A claim given as ``None`` is left out.
    """

    def token(memory: Memory) -> str:
        given = {"user_id": 1, "exp": Now(1800), **claims}
        payload = {
            key: claim.value() if isinstance(claim, Now) else claim
            for key, claim in given.items()
            if claim is not None
        }
        return jwt.encode(
            payload, secret, algorithm=algorithm, headers=headers
        )

    return token


def edited(token: Any, change: Callable[[str], str]) -> Late:
    """Another token after ``change``."""

    def result(memory: Memory) -> str:
        return change(token(memory) if callable(token) else token)

    return result


def join(*parts: Any) -> Late:
    """Texts and late values, put together."""

    def result(memory: Memory) -> str:
        return "".join(p(memory) if callable(p) else p for p in parts)

    return result
