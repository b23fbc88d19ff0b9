"""The demo, as a process of its own on a port of its own.

One server is started and used by most tests here; it keeps its users in a
directory of this run.
"""

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from socket import create_server
from threading import Timer

import httpx
import pytest

from ..effort import MERCY
from .conftest import Login
from .curl import Shell, lines
from .passwords import answers_alike
from .serving import EXAMPLES, bearer

ADA = {"username": "ada", "password": "lovelace"}
BOB = {"username": "bob", "password": "builder"}


def environment(directory: Path, port: object) -> dict[str, str]:
    paths = [str(EXAMPLES.parent), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "DEMO_DIR": str(directory),
        "PORT": str(port),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }


def demo(directory: Path, port: object = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(EXAMPLES / "demo.py")],
        env=environment(directory, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(directory: Path) -> Iterator[str]:
    """Start the demo on a free port; give what it prints about itself."""
    process = demo(directory)
    guard = Timer(MERCY, process.kill)
    guard.start()
    try:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "Stop the server" in line:
                break
        guard.cancel()
        assert "Stop the server" in printed, printed
        yield printed
    finally:
        guard.cancel()
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=MERCY)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def address(printed: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", printed)
    assert found, printed
    return found[0]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "made" / "by-demo"


@pytest.fixture(scope="module")
def printed(directory: Path) -> Iterator[str]:
    with running(directory) as printed:
        yield printed


@pytest.fixture
async def client(printed: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=address(printed), trust_env=False
    ) as client:
        yield client


@pytest.fixture
async def login(client: httpx.AsyncClient) -> Login:
    async def log_in(credentials: dict[str, str] = ADA) -> dict[str, str]:
        response = await client.post("/auth", json=credentials)
        body: dict[str, str] = response.json()
        return body

    return log_in


async def test_the_printed_lines_do_what_they_say(
    printed: str, client: httpx.AsyncClient
) -> None:
    commands = lines(printed)
    assert len(commands) == 8
    shell = Shell({client.base_url.port or 0: client})
    for command in commands:
        await shell.run(command)


async def test_the_protected_route_knows_its_user(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = bearer((await login())["access_token"])
    response = await client.get("/orders", headers=headers)
    assert response.json() == {"orders_of": "ada"}


@pytest.mark.parametrize(("user", "status"), [(ADA, 200), (BOB, 403)])
async def test_the_scoped_route_refuses_bob(
    client: httpx.AsyncClient,
    login: Login,
    user: dict[str, str],
    status: int,
) -> None:
    headers = bearer((await login(user))["access_token"])
    response = await client.delete("/orders/1", headers=headers)
    assert response.status_code == status


async def test_me_contains_no_hash(
    client: httpx.AsyncClient, login: Login
) -> None:
    headers = bearer((await login())["access_token"])
    response = await client.get("/auth/me", headers=headers)
    assert response.json() == {"me": {"user_id": 1, "name": "ada"}}


@pytest.mark.requirement("R7")
async def test_a_refresh_token_works_for_its_own_user_only(
    client: httpx.AsyncClient, login: Login
) -> None:
    ada, bob = await login(ADA), await login(BOB)
    response = await client.post(
        "/auth/refresh",
        headers=bearer(bob["access_token"]),
        json={"refresh_token": ada["refresh_token"]},
    )
    assert response.status_code == 401


@pytest.mark.requirement("R8")
@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{", '{"refresh_token": 1}', '{"a": "\\ud800"}']
)
async def test_a_refresh_with_any_other_body_is_refused(
    client: httpx.AsyncClient, login: Login, body: str
) -> None:
    response = await client.post(
        "/auth/refresh",
        headers=bearer((await login())["access_token"]),
        content=body,
    )
    assert 400 <= response.status_code < 500


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("value", [None, 1, [], {}, "", "\ud800", "\x00"])
async def test_odd_credentials_are_refused(
    client: httpx.AsyncClient, value: object
) -> None:
    for fields in (
        {"username": value, "password": value},
        {"username": "ada", "password": value},
        {"username": value, "password": "lovelace"},
    ):
        content = json.dumps(fields)
        response = await client.post("/auth", content=content)
        # half a character is no text, and refused before any look-up
        assert response.status_code == (400 if "\\ud800" in content else 401)


@pytest.mark.requirement("H11")
async def test_unknown_user_and_wrong_password_get_the_same_response(
    client: httpx.AsyncClient,
) -> None:
    assert await answers_alike(client, "/auth")


async def test_passwords_are_stored_as_argon2_hashes(
    printed: str, directory: Path
) -> None:
    with closing(sqlite3.connect(directory / "users.sqlite")) as connection:
        rows = connection.execute("SELECT password_hash FROM users")
        assert all(row[0].startswith("$argon2id$") for row in rows)


@pytest.mark.requirement("R6")
async def test_refresh_tokens_are_stored_as_digests(
    directory: Path, login: Login
) -> None:
    token = (await login())["refresh_token"]
    stored = (directory / "users.sqlite").read_bytes()
    assert sha256(token.encode()).digest() in stored
    assert token.encode() not in stored


def test_only_its_owner_can_read_the_secret(
    printed: str, directory: Path
) -> None:
    mode = (directory / "secret").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_git_ignores_the_directory(printed: str, directory: Path) -> None:
    assert (directory / ".gitignore").read_text() == "*\n"


def test_users_and_tokens_survive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as printed:
        response = httpx.post(
            f"{address(printed)}/auth", json=ADA, trust_env=False
        )
        body = response.json()
    with running(tmp_path) as printed:
        response = httpx.post(
            f"{address(printed)}/auth/refresh",
            headers=bearer(body["access_token"]),
            json={"refresh_token": body["refresh_token"]},
            trust_env=False,
        )
    assert response.status_code == 200


@pytest.mark.parametrize("port", ["taken", "door", "70000"])
def test_a_port_in_use_is_named(tmp_path: Path, port: str) -> None:
    with create_server(("127.0.0.1", 0)) as other:
        if port == "taken":
            port = str(other.getsockname()[1])
        process = demo(tmp_path / "demo", port)
        output, _ = process.communicate(timeout=MERCY)
    assert process.returncode == 1
    assert output.startswith(f"The demo cannot listen on port {port}: ")
    assert "PORT=8001 make demo" in output
    assert "Traceback" not in output
