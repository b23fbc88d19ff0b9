"""A PostgreSQL server for tests, which can be killed and restarted.

It listens on the loopback interface only, keeps its data in a temporary
directory and ends with the process that started it, even if that is killed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import asyncpg

from ..effort import MERCY
from .servers import missing

USER = "shop"
LOCKED = "locked"
"""A role that needs a password, unlike `USER`."""
_numbers = count(1)


def binaries() -> Path | None:
    """Return the directory of the newest server, as Debian installs it."""
    found = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = sorted(found, key=lambda path: int(path.parts[-3]))
    return newest[-1].parent if newest else None


class Postgres:
    """A server, running unless it was killed."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._account = "nobody" if os.getuid() == 0 else None
        self._directory = Path(tempfile.mkdtemp(prefix="sessions-"))
        self._data = self._directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        try:
            self._make()
            self.start()
        except BaseException:
            self.close()
            raise

    def url(self, database: str, user: str = USER, password: str = "") -> str:
        who = f"{user}:{password}" if password else user
        return f"postgresql://{who}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server; processes of a killed one may still be ending."""
        for pause in self._starting():
            time.sleep(pause)

    async def restart(self) -> None:
        """Start it without blocking other tasks.

        It runs in the thread of the tests: the server ends with its thread.
        """
        for pause in self._starting():
            await asyncio.sleep(pause)

    def kill(self) -> None:
        """End the server at once, as a power failure would."""
        process = self._running()
        process.kill()
        process.wait()

    def pause(self) -> None:
        """Let the server hang: it accepts connections and does not respond."""
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self._pids():
            os.kill(pid, signal.SIGCONT)

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(MERCY)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    async def execute(self, statement: str, *arguments: object) -> list:
        """Run a statement as the administrator."""
        connection = await asyncpg.connect(
            self.url("postgres"), ssl=False, timeout=MERCY
        )
        try:
            return await connection.fetch(statement, *arguments)
        finally:
            await connection.close()

    async def new_database(self) -> str:
        name = f"shop_{next(_numbers)}"
        await self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    async def drop(self, database: str) -> None:
        await self.execute(f"DROP DATABASE {database} WITH (FORCE)")

    async def cut(self, database: str) -> None:
        """End every connection to a database."""
        await self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = $1",
            database,
        )

    def _starting(self) -> Iterator[float]:
        deadline = time.monotonic() + MERCY
        while True:
            self._process = self._popen(
                "postgres", "-D", str(self._data), prefix=_dying_with_us()
            )
            while self._process.poll() is None:
                if self._accepts():
                    return
                yield 0.02
                assert time.monotonic() < deadline, self._log()
            assert time.monotonic() < deadline, self._log()
            yield 0.05

    def _make(self) -> None:
        if self._account is not None:
            shutil.chown(self._directory, self._account)
        made = self._popen(
            *("initdb", "-D", str(self._data), "-U", USER, "--no-sync"),
            *("--auth=trust", "--encoding=UTF8", "--no-locale"),
        )
        assert made.wait(MERCY) == 0, self._log()
        access = f"host all {LOCKED} 127.0.0.1/32 scram-sha-256\n"
        access += "host all all 127.0.0.1/32 trust\n"
        (self._data / "pg_hba.conf").write_text(access)
        # Written data survives the end of a process, but not a power failure.
        settings = f"""
            port = {self.port}
            listen_addresses = '127.0.0.1'
            unix_socket_directories = ''
            fsync = off
            shared_buffers = 16MB
            max_connections = 60
        """
        with (self._data / "postgresql.auto.conf").open("a") as file:
            file.write(settings)

    def _popen(
        self, program: str, *arguments: str, prefix: tuple[str, ...] = ()
    ) -> subprocess.Popen[bytes]:
        with (self._directory / "log").open("ab") as log:
            return subprocess.Popen(
                [*prefix, str(self._programs / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                user=self._account,
                extra_groups=None if self._account is None else [],
                start_new_session=True,  # an interrupt is meant for the tests
            )

    def _accepts(self) -> bool:
        """Whether it responds to queries, not only to connections."""
        ready = subprocess.run(
            [
                str(self._programs / "pg_isready"),
                *("-q", "-h", "127.0.0.1", "-p", str(self.port)),
                *("-U", USER, "-d", "postgres"),
            ],
            check=False,
        )
        return ready.returncode == 0

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _pids(self) -> list[int]:
        parent = self._running().pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        return [parent, *map(int, children.split())]

    def _log(self) -> str:
        return (self._directory / "log").read_text()


def _dying_with_us() -> tuple[str, ...]:
    if shutil.which("setpriv") is None:
        return ()
    return ("setpriv", "--pdeathsig", "QUIT")


def running() -> Iterator[Postgres]:
    """Yield a running server; skip without the programs."""
    programs = binaries()
    if programs is None:
        missing("postgres is missing: apt-get install postgresql")
    server = Postgres(programs)
    try:
        yield server
    finally:
        server.close()
