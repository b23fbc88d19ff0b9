"""Run one of the applications on a port, in this process alone.

`python -m tests.benchmarks.server PACKAGE ALGORITHM FILE_WITH_KEYS PORT`
"""

from __future__ import annotations

import sys
from pathlib import Path

from .application import make
from .credentials import Pair

if __name__ == "__main__":
    package, algorithm, keys, port = sys.argv[1:]
    app = make(package, algorithm, Pair.read(Path(keys)))
    app.run(
        "127.0.0.1",
        int(port),
        single_process=True,
        access_log=False,
        motd=False,
    )
