"""The Python blocks of README.md and the pages, and how to run them."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanic import Blueprint, Sanic
from sanic.response import json

from sanic_jwt_oo import AuthenticationFailed, BaseEndpoint, JWTAuth
from sanic_jwt_oo.sessions import MemorySessionStore

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SECRET = secrets.token_urlsafe(64)


@dataclass(frozen=True)
class Snippet:
    """A block of Python on a page."""

    page: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def is_program(self) -> bool:
        """Whether it is complete: it has its imports, and installs."""
        return (
            "from sanic import Sanic\n" in self.text
            and "\napp = Sanic(" in self.text
        )

    def compile(self) -> Any:
        """Compile it so that errors point into the page."""
        return compile("\n" * (self.line - 1) + self.text, str(self), "exec")

    def run(self, names: dict[str, Any] | None = None) -> dict[str, Any]:
        """Execute it, with `names` as globals if it is not complete."""
        if names is None:
            names = {"__name__": "snippet"}
        exec(self.compile(), names)
        return names


def snippets(page: Path) -> Iterator[Snippet]:
    """Yield the Python blocks of a page."""
    text = page.read_text()
    for match in PYTHON.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        yield Snippet(page, line, match[1])


TUTORIAL = ROOT / "docs" / "tutorial.md"
TESTING = ROOT / "docs" / "howto" / "testing.md"
TYPED = (TUTORIAL, TESTING)
"""Pages whose blocks are files; `typed.py` reads them."""
ALL = [s for page in PAGES if page not in TYPED for s in snippets(page)]


@dataclass
class User:
    """The user in the how-to pages."""

    user_id: int
    name: str
    password_hash: str
    scopes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "name": self.name}


class ShopAuth(JWTAuth[User]):
    """The class in the how-to pages."""

    async def authenticate(self, request: Any) -> User | None:
        return await find_user(
            request.json.get("name"), request.json.get("password")
        )

    async def retrieve_user(self, request: Any, payload: Any) -> User | None:
        return await get_user(payload["user_id"])


ADA = User(1, "ada", "", ("orders",))
BOB = User(2, "bob", "", ("orders:read",))


async def find_user(name: Any, password: Any) -> User | None:
    return next((u for u in (ADA, BOB) if u.name == name), None)


async def get_user(user_id: Any) -> User | None:
    return next((u for u in (ADA, BOB) if u.user_id == user_id), None)


def shop(page: Path | None = None) -> dict[str, Any]:
    """Return the names that a how-to page presupposes."""
    store = MemorySessionStore() if page and page.stem == "sessions" else None
    app = Sanic("Shop")
    return {
        "__name__": "snippet",
        "AuthenticationFailed": AuthenticationFailed,
        "BaseEndpoint": BaseEndpoint,
        "Blueprint": Blueprint,
        "DIRECTORY": ROOT / "docs" / "reference",
        "INVITED": {},
        "JWTAuth": JWTAuth,
        "NEW_SECRET": SECRET[::-1],
        "OLD_SECRET": SECRET,
        "REFRESH_TOKENS": {},
        "SECRET": SECRET,
        "SECRETS": {1: SECRET, 2: SECRET[::-1]},
        "STAFF_SECRET": SECRET[::-1],
        "Sanic": Sanic,
        "ShopAuth": ShopAuth,
        "USERS": [ADA, BOB],
        "User": User,
        "app": app,
        "auth": ShopAuth(secret=SECRET, session_store=store).install(app),
        "find_user": find_user,
        "get_user": get_user,
        "json": json,
        "make_link": lambda: "link",
        "os": __import__("os"),
        "too_many_attempts": lambda request: False,
        **public_keys(),
    }


def public_keys() -> dict[str, str]:
    """Return two public keys."""
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
    )

    return {
        name: ed25519.Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode()
        for name in ("PUBLIC_KEY", "OLD_PUBLIC_KEY")
    }
