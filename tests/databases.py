"""Fresh databases for tests: SQLite files and PostgreSQL databases, each copied from a template.

A store is made once a session. `fresh()` gives the URL of a database nobody has used; where the
session has a way to create the tables, that is done once, in a template, and copied from then on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

Prepare = Callable[[str], None]
"""Creates the tables in the empty database whose URL it is given."""

POSTGRES_URLS = (
    "postgresql+psycopg://civiflow@127.0.0.1:5432/civiflow",
    "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
)
PREFIX = "civiflow_test_"
MEMORY = Path("/dev/shm")
ROOM = 1_000_000_000
"""Bytes that must be free in memory before databases are put there."""


class Databases(Protocol):
    """Where fresh databases come from."""

    def fresh(self) -> str:
        """The URL of a new database, in SQLAlchemy's form."""
        ...

    def empty(self) -> str:
        """The URL of a new database without any table."""
        ...

    def drop(self, url: str) -> None:
        """Remove a database that `fresh` gave; connections still open to it are cut."""
        ...


class SqliteFiles:
    """SQLite databases, one file each, in one directory."""

    def __init__(self, directory: Path, prepare: Prepare | None) -> None:
        self._directory = directory
        self._numbers = count(1)
        self._template: Path | None = None
        if prepare is not None:
            self._template = directory / "template.db"
            prepare(_sqlite_url(self._template))

    def fresh(self) -> str:
        path = self._directory / f"{next(self._numbers)}.db"
        if self._template is not None:
            # what still stands in the write-ahead log has to come along
            for file in self._directory.glob("template.db*"):
                shutil.copyfile(file, path.with_name(path.name + file.name.removeprefix("template.db")))
        return _sqlite_url(path)

    def empty(self) -> str:
        return _sqlite_url(self._directory / f"{next(self._numbers)}.db")

    def drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for file in path.parent.glob(path.name + "*"):
            file.unlink()


@contextmanager
def folder_in_memory(otherwise: Path) -> Iterator[Path]:
    """A folder for databases that need not outlive the session: in memory where the machine has room there."""
    if not _has_room(MEMORY):
        yield otherwise
        return
    with TemporaryDirectory(prefix=PREFIX, dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


class PostgresDatabases:
    """PostgreSQL databases on one server, named after the session that made them.

    The server connection carries the session's name as long as the session lives. A session that
    was killed leaves databases behind but no such connection: the next session removes them.
    """

    def __init__(self, server: psycopg.Connection, url: str, session: str, prepare: Prepare | None) -> None:
        self._server, self._url, self._session = server, url, session
        self._numbers = count(1)
        self._template = "template0"
        server.execute("SELECT set_config('application_name', %s, false)", [PREFIX + session])
        self._remove_leftovers()
        if prepare is not None:
            self._template = f"{PREFIX}{session}_template"
            prepare(self._create(self._template, template="template0"))

    def fresh(self) -> str:
        return self._create(f"{PREFIX}{self._session}_{next(self._numbers)}", template=self._template)

    def empty(self) -> str:
        return self._create(f"{PREFIX}{self._session}_{next(self._numbers)}", template="template0")

    def drop(self, url: str) -> None:
        self._drop_named(urlsplit(url).path.removeprefix("/"))

    def close(self) -> None:
        """Remove what the session still has, and let go of the server."""
        if self._server.closed:
            return
        for name in self._names():
            if name.startswith(f"{PREFIX}{self._session}_"):
                self._drop_named(name)
        self._server.close()

    def _create(self, name: str, *, template: str) -> str:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._server.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        # A commit need not wait for the disk here: power cuts are not what these tests are about.
        relaxed = sql.SQL("ALTER DATABASE {} SET synchronous_commit TO off")
        self._server.execute(relaxed.format(sql.Identifier(name)))
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

    def _drop_named(self, name: str) -> None:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._server.execute(drop.format(sql.Identifier(name)))

    def _names(self) -> list[str]:
        found = self._server.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datdba = current_user::regrole",
            [PREFIX],
        )
        return [name for (name,) in found.fetchall()]

    def _remove_leftovers(self) -> None:
        alive = {name for (name,) in self._server.execute("SELECT application_name FROM pg_stat_activity")}
        for name in self._names():
            if name.rpartition("_")[0] not in alive:
                self._drop_named(name)


def find_postgres() -> str:
    """The URL of the server that `CIVIFLOW_TEST_POSTGRES` names, or of the usual local one.

    Raises:
        ConnectionError: no server there; the message says what was tried and the way out.
    """
    named = os.environ.get("CIVIFLOW_TEST_POSTGRES")
    urls = (named,) if named else POSTGRES_URLS
    for url in urls:
        with suppress(psycopg.OperationalError):
            psycopg.connect(_libpq_url(url), connect_timeout=5).close()
            return url
    raise ConnectionError(
        f"Expected PostgreSQL at {' or '.join(urls)}, but nothing lets the tests in there. "
        "`make services` starts one; CIVIFLOW_TEST_POSTGRES names another."
    )


@contextmanager
def postgres_databases(url: str, prepare: Prepare | None) -> Iterator[PostgresDatabases]:
    """Databases on the server at `url`; those still there at the end are removed."""
    server = psycopg.connect(_libpq_url(url), autocommit=True)
    databases = PostgresDatabases(server, url, f"{os.getpid()}_{os.urandom(3).hex()}", prepare)
    try:
        yield databases
    finally:
        databases.close()


def _sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def _libpq_url(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
