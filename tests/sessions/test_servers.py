"""Tests of a server that is not installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = [
    "tests/sessions/test_races.py::test_within_the_grace_window_all_get_one_successor"
    "[redis]",
    "tests/sessions/test_postgres.py::TestPostgreSQL"
    "::test_a_session_is_returned_as_it_was_stored",
    "tests/test_throttling.py::test_keys_do_not_reveal_accounts",
]
HIDDEN = """
import sys
from pathlib import Path

import pytest

glob = Path.glob
Path.glob = lambda path, pattern, **options: (
    iter(()) if "postgresql" in str(path) else glob(path, pattern, **options)
)
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""


@pytest.mark.long
@pytest.mark.parametrize(
    ("ci", "outcome"), [("", "3 skipped"), ("true", "3 errors")]
)
def test_a_missing_server_skips_a_test_but_fails_in_ci(ci, outcome):
    result = subprocess.run(
        [sys.executable, "-c", HIDDEN, *TESTS],
        env={**os.environ, "CI": ci, "PATH": "", "PYTEST_ADDOPTS": ""},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    *_, last = result.stdout.splitlines()
    assert outcome in last, result.stdout
    assert "passed" not in last
    assert result.returncode == bool(ci)
    for name in ("redis-server", "postgres"):
        assert f"{name} is missing: apt-get install" in result.stdout
