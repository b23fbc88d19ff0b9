"""How log records of the package appear on real servers."""

from __future__ import annotations

import re

import httpx
import pytest

from .conftest import servers

pytestmark = pytest.mark.requirement("L2")

SHOP = "tests.servers.logging_shop"
SANIC = ("-m", SHOP, "{port}")
CLI = (
    *("-m", "sanic", f"{SHOP}:app", "--port", "{port}"),
    *("--workers", "2", "--host", "127.0.0.1"),
)
UVICORN = ("-m", "uvicorn", f"{SHOP}:app", "--port", "{port}")
INSTALL, REQUEST = "every route is open", "is not a scope"
REFUSED = "Refused GET /orders with 401: MissingAuthorizationHeader"


@pytest.fixture
def logged(tmp_path):
    """Run the shop, send requests, and return the lines of its log."""

    def run(how="", command=(*SANIC, "1")):
        with servers(tmp_path, LOGGED=how) as serve:
            address = serve(*command)
            tokens = httpx.post(f"{address}/auth", json={}).json()
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            assert httpx.get(f"{address}/orders").status_code == 401
            odd = httpx.get(f"{address}/odd", headers=bearer)
            assert odd.status_code == 403
        (log,) = tmp_path.glob("*.log")
        return log.read_text().splitlines()

    return run


def lines(log, message):
    return [line for line in log if message in line]


def in_sanics_format(line):
    return re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", line)


@pytest.mark.parametrize(
    "command", [(*SANIC, "1"), UVICORN], ids=["sanic", "uvicorn"]
)
def test_by_default_a_record_appears_once_in_the_format_of_sanic(
    logged, command
):
    log = logged(command=command)
    for message, level in ((INSTALL, "WARNING"), (REQUEST, "ERROR")):
        (line,) = lines(log, message)
        assert in_sanics_format(line)
        assert level in line
    assert not lines(log, "Refused")


@pytest.mark.long
@pytest.mark.parametrize("command", [(*SANIC, "2"), CLI], ids=["run", "cli"])
def test_worker_processes_do_not_repeat_a_record(logged, command):
    log = logged(command=command)
    for message in (INSTALL, REQUEST):
        (line,) = lines(log, message)
        assert in_sanics_format(line)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_handler_of_the_root_logger_is_the_only_one(logged, when):
    log = logged(f"root {when}")
    assert lines(log, REQUEST) == ["APP ERROR 5 is not a scope; refused."]
    if when == "before":
        (line,) = lines(log, INSTALL)
        assert line.startswith("APP WARNING ")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_handler_of_the_package_logger_is_the_only_one(logged, when):
    log = logged(f"own {when}")
    assert lines(log, REQUEST) == ["OWN 5 is not a scope; refused."]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_level_alone_logs_refusals_in_the_format_of_sanic(logged, when):
    log = logged(f"level {when}")
    (line,) = lines(log, REFUSED)
    assert in_sanics_format(line)
    assert len(lines(log, REQUEST)) == 1


def test_the_log_config_of_the_application_applies(logged):
    log = logged("log_config")
    assert lines(log, REQUEST) == ["MINE 5 is not a scope; refused."]


def test_without_log_configuration_the_default_of_python_applies(logged):
    log = logged("unconfigured")
    assert lines(log, REQUEST) == ["5 is not a scope; refused."]
