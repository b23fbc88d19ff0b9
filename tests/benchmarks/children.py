"""Parts that are measured in processes of their own.

Sanic shapes its protocol to one application a process, and what one part
leaves behind should not weigh on the next. A child prints its result as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import ROOT


@contextmanager
def child(module: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run a module, whose input is a pipe; it does not outlive the block."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def result(process: subprocess.Popen[str]) -> Any:
    """Wait for a child and return what it found.

    Raises:
        SystemExit: It failed, and said why.
    """
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{process.args} failed.")
    return json.loads(output)
