"""Databases that keep what they promise, and can be killed: SQLite on a real disk, PostgreSQL with fsync on.

Both lie under /var/tmp, which outlives a restart and so is no memory disk.
"""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

import psycopg

from tests.crash.program import free_port, wait_until
from tests.services import service_missing

DISK = Path("/var/tmp")
_BINARIES = Path("/usr/lib/postgresql")


class Storage(Protocol):
    """Where an experiment's databases come from."""

    kind: str

    def fresh(self) -> str:
        """The URL of an empty database."""
        ...

    def kill_connection(self, chance: random.Random) -> str:
        """Kill what serves one connection; gives what was killed, '' if there is no such thing."""
        ...

    def kill_all(self) -> str:
        """Kill the database server and start it again; gives what was killed, '' if there is none."""
        ...


class SqliteStorage:
    """Files; there is no server that could be killed apart from the programs."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def fresh(self) -> str:
        self._count += 1
        return f"sqlite:///{self._folder / f'{self._count}.db'}"

    def kill_connection(self, chance: random.Random) -> str:
        return ""

    def kill_all(self) -> str:
        return ""


class PostgresStorage:
    """A cluster of its own, so that killing it hurts nobody else.

    Args:
        folder: for the cluster; must be reachable for the account it runs under.
    """

    kind = "postgres"

    def __init__(self, folder: Path) -> None:
        self._binaries = _newest_binaries()
        # PostgreSQL refuses to run as root; everybody else runs it as themselves.
        self._account = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self._folder = folder
        self._port = free_port()
        self._count = 0
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(folder, self._account)
        made = self._run(
            ["initdb", "-D", str(folder / "data"), "-U", "civiflow", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        )
        assert made.wait(120) == 0, (folder / "postgres.log").read_text()
        self.start()

    def start(self) -> None:
        """Start it, and wait until it lets somebody in."""
        until = time.monotonic() + 60
        while True:
            self._process = self._run(
                [
                    *("postgres", "-D", str(self._folder / "data"), "-p", str(self._port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self._folder}"),
                    *("-c", "max_connections=300", "-c", "shared_buffers=64MB", "-c", "fsync=on"),
                    *("-c", "synchronous_commit=on", "-c", "log_min_messages=fatal"),
                ]
            )
            process = self._process
            wait_until(self._lets_in_or_ended, "PostgreSQL to start")
            if process.poll() is None:
                return
            # backends of the killed server still hold its shared memory for a moment
            assert time.monotonic() < until, (self._folder / "postgres.log").read_text()[-2000:]
            time.sleep(0.1)

    def fresh(self) -> str:
        self._count += 1
        with self._connect() as server:
            server.execute(f"CREATE DATABASE experiment_{self._count}".encode())
        return f"postgresql+psycopg://civiflow@127.0.0.1:{self._port}/experiment_{self._count}"

    def kill_connection(self, chance: random.Random) -> str:
        # one dead backend makes the server end all the others and recover
        with suppress(psycopg.OperationalError), self._connect() as server:
            found = server.execute(
                "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
                " order by state = 'active' desc, pid limit 6"
            ).fetchall()
            if found:
                os.kill(chance.choice(found)[0], signal.SIGKILL)
                return "backend"
        return ""

    def kill_all(self) -> str:
        assert self._process
        self._process.kill()
        self._process.wait(20)
        self.start()
        return "postmaster"

    def close(self) -> None:
        """End it."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(host="127.0.0.1", port=self._port, user="civiflow", dbname="postgres", autocommit=True)

    def _lets_in_or_ended(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            return True
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        with (self._folder / "postgres.log").open("ab") as log:
            return subprocess.Popen(
                [self._binaries / command[0], *command[1:]],
                cwd=self._folder,
                user=self._account if os.geteuid() == 0 else None,
                group=pwd.getpwnam(self._account).pw_gid if os.geteuid() == 0 else None,
                extra_groups=[] if os.geteuid() == 0 else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@contextmanager
def storage(kind: str) -> Iterator[Storage]:
    """Storage of one kind, 'sqlite' or 'postgres', removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="civiflow-crash-", dir=DISK))
    folder.chmod(0o755)
    try:
        if kind == "sqlite":
            yield SqliteStorage(folder)
            return
        server = PostgresStorage(folder)
        try:
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _newest_binaries() -> Path:
    found = [path for path in _BINARIES.glob("*/bin") if (path / "initdb").exists()]
    if not found:
        service_missing(f"Expected PostgreSQL's programs in {_BINARIES} but they are not there; see `make services`.")
    return max(found, key=lambda path: float(path.parent.name))
