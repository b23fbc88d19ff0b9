"""The peers: each with the server it is run on, in an environment of its own.

A peer's file beside this one has an application with the routes `/open` and
`/protected`, the second without a look-up in a database. It is imported in the
peer's environment alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..credentials import EXPIRES, FIRST_USER, SECRET, Claims

HERE = Path(__file__).parent
ISSUED = 1_700_000_000


@dataclass(frozen=True)
class Peer:
    """A package that is measured on its own server.

    Args:
        name: Its name on PyPI.
        module: The file with its application.
        server: The server it runs on, also by its name on PyPI.
        claims: The payload that its tokens have.
        extras: Packages that it needs besides.
    """

    name: str
    module: str
    server: str
    claims: Claims
    extras: tuple[str, ...] = ()

    def environment(self, directory: Path) -> Path:
        """Return the peer's virtual environment, made if it is not there."""
        home = directory / "peers" / self.name
        ready = home / ".ready"
        if not ready.exists():
            print(f"making an environment for {self.name}", flush=True)
            subprocess.run(
                [sys.executable, "-m", "venv", "--clear", home], check=True
            )
            pip = [home / "bin" / "python", "-m", "pip", "install", "--quiet"]
            wanted = [self.name, self.server, *self.extras]
            subprocess.run(
                [*pip, "--disable-pip-version-check", *wanted], check=True
            )
            ready.touch()
        return home

    def command(self, home: Path, port: int) -> list[str]:
        """Return the command that serves it."""
        python = str(home / "bin" / "python")
        application = f"{self.module}:app"
        if self.server == "uvicorn":
            options = ["--port", str(port), "--loop", "uvloop"]
            options += ["--http", "httptools", "--no-access-log"]
        else:
            # the sync worker of gunicorn closes each connection
            options = ["--worker-class", "gthread", "--threads", "1"]
            options += ["--bind", f"127.0.0.1:{port}", "--keep-alive", "60"]
        quiet = ["--log-level", "error"]
        return [python, "-m", self.server, *options, *quiet, application]

    def versions(self, home: Path) -> dict[str, str]:
        """Return the versions of what runs in its environment."""
        names = [self.name, self.server, *self.extras]
        script = (
            "import sys; from importlib.metadata import version\n"
            "for name in sys.argv[1:]: print(version(name))"
        )
        output = subprocess.run(
            [home / "bin" / "python", "-c", script, *names],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        return dict(zip(names, output, strict=True))


def surroundings() -> dict[str, str]:
    """Return the environment variables of a peer's server."""
    return {**os.environ, "BENCH_SECRET": SECRET, "PYTHONPATH": str(HERE)}


def _flask(number: int) -> dict[str, Any]:
    return {
        "fresh": False,
        "iat": ISSUED,
        "nbf": ISSUED,
        "exp": EXPIRES,
        "jti": str(FIRST_USER + number),
        "type": "access",
        "sub": "1",
    }


def _litestar(number: int) -> dict[str, Any]:
    return {"iat": ISSUED, "exp": EXPIRES, "sub": str(FIRST_USER + number)}


def _django(number: int) -> dict[str, Any]:
    return {
        "token_type": "access",
        "iat": ISSUED,
        "exp": EXPIRES,
        "jti": str(FIRST_USER + number),
        "user_id": "1",
    }


def _fastapi(number: int) -> dict[str, Any]:
    return {
        "sub": str(FIRST_USER + number),
        "aud": ["fastapi-users:auth"],
        "exp": EXPIRES,
    }


FAST = ("uvloop", "httptools")
PEERS = [
    Peer("flask-jwt-extended", "flask_app", "gunicorn", _flask, ("flask",)),
    Peer(
        "djangorestframework-simplejwt",
        "django_app",
        "gunicorn",
        _django,
        ("django", "djangorestframework"),
    ),
    Peer(
        "litestar",
        "litestar_app",
        "uvicorn",
        _litestar,
        ("pyjwt", "cryptography", *FAST),
    ),
    Peer(
        "fastapi-users", "fastapi_app", "uvicorn", _fastapi, ("fastapi", *FAST)
    ),
]
