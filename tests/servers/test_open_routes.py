"""A server does not start with a route that a misplaced guard leaves open."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from .conftest import ROOT, free_port

SHOP = "tests.servers.open_route"


@pytest.mark.requirement("X3")
@pytest.mark.parametrize(
    "command",
    [
        ("-m", SHOP, "{port}", "1"),
        ("-m", SHOP, "{port}", "2"),
        ("-m", "uvicorn", f"{SHOP}:app", "--port", "{port}"),
    ],
    ids=["sanic", "workers", "uvicorn"],
)
def test_the_server_does_not_start(command):
    port = free_port()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SANIC_")
    }
    ended = subprocess.run(
        [sys.executable, *(part.format(port=port) for part in command)],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
    )
    assert ended.returncode != 0
    message = "The route GET /orders is open: @protected wraps its handler"
    assert message in ended.stdout + ended.stderr
