"""What was measured, where and with what, as `results.json` keeps it."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import ROOT
from .load import cores

FOLDER = ROOT / "docs" / "performance"
PATH = FOLDER / "results.json"
PACKAGES = ("sanic", "sanic-jwt", "PyJWT", "cryptography", "uvloop")
Results = dict[str, Any]


def stamp(found: Results) -> Results:
    """Add to what was found when, where and with what that was."""
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "commit": commit(),
        "processor": _processor(),
        "pinned": len(set(cores())) == 2,
        "versions": {
            "Python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
            "wrk": _output("wrk", "--version"),
            "valgrind": _output("valgrind", "--version"),
        },
        **found,
    }


def commit() -> str:
    """Return the commit that is measured."""
    command = ["git", "rev-parse", "--short=7", "HEAD"]
    process = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT
    )
    return process.stdout.strip() or "unknown"


def _processor() -> str:
    text = Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    name = found[1] if found else platform.machine()
    return f"{name}, {os.cpu_count()} cores"


def _output(*command: str) -> str:
    """Return the number of a version that a program tells."""
    process = subprocess.run(
        command, check=False, capture_output=True, text=True
    )
    found = re.search(r"\d+(\.\d+)+", process.stdout + process.stderr)
    return found[0] if found else "unknown"


def read() -> Results:
    """Return the results that were kept; none if there are no such."""
    return json.loads(PATH.read_text()) if PATH.exists() else {}


def keep(part: str, found: Results) -> None:
    """Keep the results of one part, in the place of earlier ones.

    Instructions that were not counted this time stay as they were.
    """
    if part == "instructions":
        earlier = read().get(part, {})
        for key in ("subjects", "commits"):
            found[key] = {**earlier.get(key, {}), **found[key]}
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**read(), part: found}, indent=1)
    # a list of numbers on one line
    text = re.sub(
        r"\[[-\d.,\s]+\]", lambda found: " ".join(found[0].split()), text
    )
    PATH.write_text(text + "\n")
