"""The database: one SQLAlchemy engine, set up so that SQLite and PostgreSQL keep the same promises.

SQLite runs in WAL mode with full durability; a writing transaction takes the write lock at its
beginning (`BEGIN IMMEDIATE`), so it can never fail halfway by another writer. PostgreSQL runs at
READ COMMITTED with row locks on the process instance.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import StaticPool

from engine.errors import InvalidInput

_OFFSET_SECONDS = 5.0


class Database:
    """Connections and transactions of one database.

    Args:
        url: `sqlite://` (in memory), `sqlite:////path/file.db` or `postgresql+psycopg://…`.

    Raises:
        InvalidInput: the URL names another kind of database.
    """

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        kind = parsed.get_backend_name()
        if kind not in {"sqlite", "postgresql"}:
            raise InvalidInput(f"Expected a sqlite:// or postgresql+psycopg:// URL but got one for {kind!r}.")
        self.is_postgres = kind == "postgresql"
        self.in_memory = not self.is_postgres and not parsed.database
        # One writer at a time within the process: waiting on a lock is fairer and cheaper than
        # SQLite's polling of a busy file. A memory database has a single connection to share.
        self._write_lock: threading.RLock | None = None if self.is_postgres else threading.RLock()
        self.engine = _sqlite(parsed, self.in_memory) if not self.is_postgres else _postgres(parsed)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that may change things; commits at the end, rolls back on an error."""
        if self._write_lock is None:
            with self.engine.connect() as connection, connection.begin():
                yield connection
            return
        with self._write_lock, self.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only looks; sees one consistent moment on SQLite."""
        if self.in_memory and self._write_lock is not None:
            with self._write_lock, self.engine.connect() as connection:
                connection.execution_options(writes=False)
                yield connection
            return
        with self.engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back to the database, once whoever is writing has finished."""
        with self._write_lock or nullcontext():
            self.engine.dispose()


class DatabaseClock:
    """The database server's clock, asked every few seconds and carried on by the monotonic clock between.

    Every process of an installation thus agrees on the time to within milliseconds, whatever
    its own machine's clock says; on SQLite the machine's clock is the database's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._base: datetime | None = None
        self._asked = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        if not self._database.is_postgres:
            return datetime.now(UTC)
        tick = time.monotonic()
        with self._lock:
            if self._base is None or tick - self._asked > _OFFSET_SECONDS:
                with self._database.engine.connect() as connection:
                    self._base = connection.execute(sa.text("select clock_timestamp()")).scalar_one()
                self._asked = time.monotonic()
                tick = self._asked
            return self._base.astimezone(UTC) + timedelta(seconds=tick - self._asked)


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again (deadlock, lock time-out)."""
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlstate", None)
    if code is not None:
        return code in {"40001", "40P01", "55P03"}
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def _sqlite(url: sa.URL, in_memory: bool) -> sa.Engine:
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": 30}}
    if in_memory:
        options["poolclass"] = StaticPool
    else:
        options.update(pool_size=8, max_overflow=32)
    engine = sa.create_engine(url, **options)

    @sa.event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = dbapi_connection.cursor()
        cursor.execute("pragma journal_mode=wal")
        cursor.execute("pragma synchronous=full")
        cursor.execute("pragma foreign_keys=on")
        cursor.execute("pragma cache_size=-16000")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres(url: sa.URL) -> sa.Engine:
    return sa.create_engine(url, pool_size=8, max_overflow=32, pool_pre_ping=True)
