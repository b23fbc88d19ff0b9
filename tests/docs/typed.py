"""Pages as a reader types them in: files, and a shell.

Only what a page prints is used, except for the port and the lines that install
packages.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.servers.conftest import servers

from .snippets import TUTORIAL

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE = re.compile(r"`(\w+\.\w+)`[^`.]*:\s*\Z")
_END = "-- end of command --"


class Block(NamedTuple):
    """A block of the page.

    Attributes:
        language: What stands behind its backticks.
        text: What is printed.
        file: The file that the paragraph before it says to save it as.
        added: Whether it is appended to the file.
    """

    language: str
    text: str
    file: str | None
    added: bool

    def save(self, directory: Path) -> None:
        """Save it as its file."""
        assert self.file is not None
        with (directory / self.file).open("a" if self.added else "w") as file:
            file.write(self.text)

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The commands of a shell session, each with its output."""
        parts = re.split(r"^\$ ", self.text, flags=re.MULTILINE)
        assert parts[0] == "", parts[0]
        return [
            (command, printed)
            for command, _, printed in (p.partition("\n") for p in parts[1:])
        ]


def blocks(source: Path = TUTORIAL) -> list[Block]:
    """Return the blocks of a page, in order."""
    page = source.read_text()
    found = []
    for match in _FENCE.finditer(page):
        before = page[: match.start()].rstrip().rpartition("\n\n")[2]
        file = _FILE.search(before)
        added = "Add to" in before
        name = file[1] if file else None
        found.append(Block(match[1], match[2], name, added))
    return found


def save_step(number: int, directory: Path) -> None:
    """Save the files that a reader of the tutorial has after a step."""
    steps = 0
    for block in blocks():
        if block.file is None:
            continue
        steps += block.file == "server.py"
        if steps > number:
            return
        block.save(directory)


def is_as_printed(output: str, printed: str) -> bool:
    """Compare the output of a command; `...` on the page is any text."""
    pattern = ".+".join(map(re.escape, printed.strip().split("...")))
    return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None


class Terminal:
    """A shell that a reader types into, and a second one for the server.

    Args:
        directory: The directory it starts in.
    """

    def __init__(self, directory: Path) -> None:
        self._logs = directory
        self._server = ExitStack()
        self._address = ""
        # without a terminal, curl prints its progress
        (directory / ".curlrc").write_text("silent\nshow-error\n")
        programs = str(Path(sys.executable).parent)
        self._shell = subprocess.Popen(
            ["bash"],
            cwd=directory,
            env={
                "CURL_HOME": str(directory),
                "PATH": os.pathsep.join([programs, os.environ["PATH"]]),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def directory(self) -> Path:
        """The reader's current directory."""
        return Path(self._run("pwd").strip())

    def type(self, command: str) -> str:
        """Run a command, and return its output."""
        if command.startswith("pip install "):
            return ""
        if command.startswith("sanic "):
            self._serve(*command.split()[1:])
            return ""
        command = command.replace("localhost:8000", self._address)
        return self._run(command).replace(
            self._address or " ", "localhost:8000"
        )

    def close(self) -> None:
        """End the server and the shell."""
        self._server.close()
        self._shell.communicate("exit\n", timeout=10)

    def _run(self, command: str) -> str:
        stdin, stdout = self._shell.stdin, self._shell.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{command}\necho; echo '{_END}'\n")
        stdin.flush()
        lines = [*iter(stdout.readline, f"{_END}\n")]
        assert self._shell.poll() is None, lines
        return "".join(lines)

    def _serve(self, *arguments: str) -> None:
        """Stop the server, and start it with the variables of the shell."""
        self._server.close()
        secret = self._run("printenv SHOP_SECRET").strip()
        serve = self._server.enter_context(
            servers(self._logs, self.directory, SHOP_SECRET=secret)
        )
        address = serve("-m", "sanic", *arguments, "--port", "{port}")
        self._address = address.removeprefix("http://")
