r"""The demo: a real server with users in a file. `make demo` runs it.

On its first start it creates a directory with a SQLite database and a secret:
`.demo`, or DEMO_DIR. Set PORT for another port than 8000. When the server has
started, it prints curl commands to try.
"""

import asyncio
import os
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from secrets import token_urlsafe
from socket import create_server, socket
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import AuthenticationFailed, JWTAuth, Payload

HOST = "127.0.0.1"
SCHEMA = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    scopes TEXT NOT NULL
);
CREATE TABLE refresh_tokens (
    user_id INTEGER PRIMARY KEY REFERENCES users,
    digest BLOB NOT NULL
);
"""
FIRST_USERS = [
    ("ada", "lovelace", "orders:read orders:delete"),
    ("bob", "builder", "orders:read"),
]
TRY = """
Log in as ada (password lovelace), or as bob (password builder):

  LOGIN=$(curl -s {url}/auth -H 'Content-Type: application/json' \\
    -d '{{"username": "ada", "password": "lovelace"}}')
  echo "$LOGIN"
  TOKEN=$(echo "$LOGIN" | grep -o 'access_token":"[^"]*' | cut -d'"' -f3)
  REFRESH=$(echo "$LOGIN" | grep -o 'refresh_token":"[^"]*' | cut -d'"' -f3)

A protected route, with and without the token:

  curl -i {url}/orders -H "Authorization: Bearer $TOKEN"
  curl -i {url}/orders                                             # 401

A scoped route, which is closed to bob:

  curl -i -X DELETE {url}/orders/1 -H "Authorization: Bearer $TOKEN"

Who am I, and a new access token for the refresh token:

  curl -i {url}/auth/me -H "Authorization: Bearer $TOKEN"
  curl -i {url}/auth/refresh -H "Authorization: Bearer $TOKEN" \\
    -H 'Content-Type: application/json' \\
    -d "{{\\"refresh_token\\": \\"$REFRESH\\"}}"

Stop the server with Ctrl+C. The users are in {directory}.
"""


@dataclass
class User:
    user_id: int
    name: str
    scopes: list[str]

    def to_dict(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "name": self.name}


class Database:
    """The users and their refresh tokens; passwords and tokens are hashed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hasher = PasswordHasher()
        self.nobodys_hash = self.hasher.hash(token_urlsafe())

    def create(self) -> None:
        """Create the file with the first users, completely or not at all."""
        if self.path.exists():
            return
        draft = self.path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        rows = [(n, self.hasher.hash(p), s) for n, p, s in FIRST_USERS]
        with closing(sqlite3.connect(draft)) as connection, connection:
            connection.executescript(SCHEMA)
            connection.executemany(
                "INSERT INTO users (name, password_hash, scopes) "
                "VALUES (?, ?, ?)",
                rows,
            )
        draft.rename(self.path)

    async def run(self, statement: str, *values: Any) -> list[Any]:
        return await asyncio.to_thread(self._run, statement, values)

    def _run(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    async def log_in(self, name: str, password: str) -> User | None:
        """Return the user; an unknown name takes as long as a known one."""
        # SQLite refuses a lone surrogate
        readable = name.encode(errors="replace").decode()
        rows = await self.run(
            "SELECT id, name, scopes, password_hash FROM users WHERE name = ?",
            readable,
        )
        known = rows[0][3] if rows else self.nobodys_hash
        octets = password.encode(errors="surrogatepass")
        try:
            await asyncio.to_thread(self.hasher.verify, known, octets)
        except VerifyMismatchError:
            return None
        return self._user(rows[0])

    async def user(self, user_id: int) -> User | None:
        rows = await self.run(
            "SELECT id, name, scopes FROM users WHERE id = ?", user_id
        )
        return self._user(rows[0]) if rows else None

    def _user(self, row: Any) -> User:
        return User(row[0], row[1], row[2].split())

    async def keep_refresh_token(self, user_id: int, token: str) -> None:
        await self.run(
            "REPLACE INTO refresh_tokens VALUES (?, ?)",
            user_id,
            sha256(token.encode()).digest(),
        )

    async def has_refresh_token(self, user_id: int, token: str) -> bool:
        rows = await self.run(
            "SELECT digest FROM refresh_tokens WHERE user_id = ?", user_id
        )
        octets = token.encode(errors="surrogatepass")
        digest = sha256(octets).digest()
        return bool(rows) and compare_digest(rows[0][0], digest)


class DemoAuth(JWTAuth[User]):
    class Configuration:
        expiration_delta = 15 * 60
        refresh_token_enabled = True

    def __init__(self, database: Database, **settings: Any) -> None:
        super().__init__(**settings)
        self.database = database

    async def authenticate(self, request: Request) -> User:
        name = request.json.get("username")
        password = request.json.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise AuthenticationFailed("Username or password missing.")
        user = await self.database.log_in(name, password)
        if user is None:
            raise AuthenticationFailed("Wrong username or password.")
        return user

    async def retrieve_user(self, payload: Payload) -> User | None:
        return await self.database.user(payload["user_id"])

    def add_scopes_to_payload(self, user: User) -> list[str]:
        return user.scopes

    async def store_refresh_token(
        self, user_id: int, refresh_token: str
    ) -> None:
        await self.database.keep_refresh_token(user_id, refresh_token)

    async def retrieve_refresh_token(
        self, user_id: int, refresh_token: str
    ) -> str | None:
        """Return the token of the request if it is the user's.

        There is nothing else to return: only its hash is stored.
        """
        known = await self.database.has_refresh_token(user_id, refresh_token)
        return refresh_token if known else None


def read_secret(path: Path) -> str:
    """Return the secret in a file that only its owner can read."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with open(handle, "w") as file:
        file.write(token_urlsafe(48))
    return path.read_text()


def create_app(directory: Path) -> Sanic[Any, Any]:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    (directory / ".gitignore").write_text("*\n")
    database = Database(directory / "users.sqlite")
    database.create()

    app = Sanic("Demo")
    auth = DemoAuth(database, secret=read_secret(directory / "secret"))
    auth.install(app)

    @app.get("/orders")
    @auth.protected()
    @auth.inject_user()
    async def orders(request: Request, user: User) -> HTTPResponse:
        return json({"orders_of": user.name})

    @app.delete("/orders/<number:int>")
    @auth.scoped("orders:delete")
    async def delete_order(request: Request, number: int) -> HTTPResponse:
        return json({"deleted": number})

    return app


def listen(port: str) -> socket:
    try:
        return create_server((HOST, int(port)))
    except (OSError, OverflowError, ValueError) as exc:
        sys.exit(
            f"The demo cannot listen on port {port}: {exc}. "
            "Choose another one with PORT, as in: PORT=8001 make demo"
        )


def main() -> None:
    directory = Path(os.environ.get("DEMO_DIR", ".demo"))
    listener = listen(os.environ.get("PORT", "8000"))
    app = create_app(directory)
    url = f"http://{HOST}:{listener.getsockname()[1]}"

    @app.after_server_start
    async def say_what_to_try(app: Sanic[Any, Any]) -> None:
        print(TRY.format(url=url, directory=directory), flush=True)

    app.run(sock=listener, single_process=True, motd=False)


if __name__ == "__main__":
    main()
