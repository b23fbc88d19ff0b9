"""PgBouncer in front of a PostgreSQL server, for tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .postgres import USER, Postgres
from .servers import Server, free_port, missing


@contextmanager
def pgbouncer(server: Postgres, mode: str, folder: Path) -> Iterator[Server]:
    """Run it, with a server connection for each transaction or session.

    Args:
        server: The server behind it.
        mode: `transaction` or `session`.
        folder: The directory of its configuration, log and data.
    """
    path = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if path is None:
        missing("pgbouncer is missing: apt-get install pgbouncer")
    port, configuration = free_port(), folder / "pgbouncer.ini"
    (folder / "users.txt").write_text(f'"{USER}" ""\n')
    configuration.write_text(
        f"""
        [databases]
        * = host=127.0.0.1 port={server.port}
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = {port}
        unix_socket_dir =
        auth_type = trust
        auth_file = {folder}/users.txt
        pool_mode = {mode}
        """
    )
    command = [path, str(configuration)]
    if os.getuid() == 0:  # it refuses to run as root
        for place in (folder, *folder.iterdir()):
            shutil.chown(place, "nobody")
        command = ["setpriv", "--reuid=nobody", "--clear-groups", *command]
    pooler = Server(command, port, folder)
    try:
        pooler.start()
        yield pooler
    finally:
        pooler.stop()
