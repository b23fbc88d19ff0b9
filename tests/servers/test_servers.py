"""The same application on Sanic's server and on ASGI servers."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.effort import MERCY, sample

from .conftest import servers

SHOP = "tests.servers.shop"
SANIC = ("-m", SHOP, "{port}")
UVICORN = ("-m", "uvicorn", f"{SHOP}:app", "--port", "{port}")
NO_SECRET = """
import sys

from sanic import Sanic

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth):
    def authenticate(self):
        return {"user_id": 1}


app = Sanic("Shop")
Auth(secret=None).install(app)

if __name__ == "__main__":
    app.run(port=int(sys.argv[1]), workers=int(sys.argv[2]))
"""


def log_in(client, name="joe"):
    response = client.post("/auth", json={"name": name})
    assert response.status_code == 200, response.text
    return response.json()


def bearer(tokens):
    return {"Authorization": f"Bearer {tokens['access_token']}"}


@pytest.mark.parametrize("command", [(*SANIC, "1"), UVICORN])
def test_login_refresh_and_access_work_over_a_socket(serve, command):
    with httpx.Client(base_url=serve(*command)) as client:
        assert client.get("/orders").status_code == 401
        tokens = log_in(client)
        headers = bearer(tokens)
        response = client.get("/orders", headers=headers).json()
        assert response["user"] == {"user_id": "joe"}
        assert client.get("/auth/me", headers=headers).status_code == 200
        refreshed = client.post(
            "/auth/refresh",
            headers=headers,
            json={"refresh_token": tokens["refresh_token"]},
        )
        assert refreshed.status_code == 200
        wrong = client.post("/auth", content=b"[")
        assert wrong.status_code == 400
        assert wrong.json()["exception"] == "InvalidRequestBody"
        headers = [("Authorization", "Bearer a"), ("Authorization", "B b")]
        assert client.get("/orders", headers=headers).status_code == 400


@pytest.mark.requirement("I6")
@pytest.mark.parametrize(
    "command", [(*SANIC, "2"), (*UVICORN, "--workers", "2")]
)
def test_workers_agree_on_a_random_secret(serve, command):
    address = serve(*command)
    with httpx.Client(base_url=address) as client:
        headers = bearer(log_in(client))
    workers = set()
    for _ in range(400):
        # a new connection each time, so that any worker can take it
        response = httpx.get(f"{address}/orders", headers=headers)
        assert response.status_code == 200
        workers.add(response.json()["worker"])
        if len(workers) == 2:
            return
    raise AssertionError("only one worker answered")


@pytest.mark.long
@pytest.mark.requirement("I6")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_random_secret_is_logged_once(tmp_path, workers):
    """In production mode, worker processes install again."""
    program = tmp_path / "shop.py"
    program.write_text(NO_SECRET)
    with servers(tmp_path) as serve:
        serve(str(program), "{port}", workers)

    (log,) = (path.read_text() for path in tmp_path.glob("*.log"))

    assert log.count("InsecureSecretWarning") == 1
    lines = NO_SECRET.splitlines()
    number = lines.index("Auth(secret=None).install(app)") + 1
    assert f"{program}:{number}: InsecureSecretWarning: No secret" in log


MEMORY = """
import sys
from sanic import Sanic
from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.sessions import MemorySessionStore


class Auth(JWTAuth):
    session_store = MemorySessionStore()

    def authenticate(self):
        return {"user_id": 1}

    def retrieve_user(self):
        return {"user_id": 1}


app = Sanic("Shop")
Auth(secret="a secret that is long enough for HS256, truly").install(app)


@app.after_server_start
async def announce(_):
    print("this worker has started", flush=True)


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), workers=int(sys.argv[2]))
"""


@pytest.mark.parametrize("workers", sample(["1", "2"], "2"))
def test_sessions_in_memory_are_logged_with_several_workers(tmp_path, workers):
    program = tmp_path / "shop.py"
    program.write_text(MEMORY)
    with servers(tmp_path) as serve:
        serve(str(program), "{port}", workers)
        (path,) = tmp_path.glob("*.log")
        ends = time.monotonic() + MERCY
        # Sanic's own line on this differs from version to version
        while path.read_text().count("this worker has started") < int(workers):
            assert time.monotonic() < ends
            time.sleep(0.05)
    log = path.read_text()

    assert log.count("unknown to the others") == int(workers) - 1


@pytest.mark.requirement("I1")
@pytest.mark.requirement("S1")
@pytest.mark.parametrize("command", [(*SANIC, "1"), UVICORN])
def test_no_state_of_a_request_is_left_on_its_connection(serve, command):
    """After a failed refresh, sanic-jwt took expired tokens."""
    with httpx.Client(base_url=serve(*command)) as client:
        log_in(client)
        headers = bearer(client.get("/expired").json())
        for _ in range(3):
            failed = client.post(
                "/auth/refresh", headers=headers, json={"refresh_token": "x"}
            )
            assert failed.json()["exception"] == "AuthenticationFailed"
            assert client.get("/orders", headers=headers).status_code == 401
