"""The database: one SQLAlchemy engine, set up so that SQLite and PostgreSQL keep the same promises.

SQLite runs in WAL mode with full durability; a writing transaction takes the write lock at its
beginning (`BEGIN IMMEDIATE`), so it can never fail halfway by another writer. Those who wait for it in
other processes ask often, and the engine's own chores seldom, so that people come first. PostgreSQL runs
at READ COMMITTED with row locks on the process instance.
"""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from psycopg.types.string import TextLoader
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    InterfaceError,
    InternalError,
    InvalidatePoolError,
    OperationalError,
    PendingRollbackError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import StaticPool

from engine.errors import DatabaseAway, InvalidInput
from engine.store.statements import Prepared, translated

_OFFSET_SECONDS = 5.0
STANDSTILL_SECONDS = 120
"""How long a process may stand still in the middle of a transaction (a stopped machine, a cut line) before
PostgreSQL ends it: until then its locks hold up whoever comes to the same case."""

_TRUSTED_SECONDS = 1.0
"""How long after its last use a connection to PostgreSQL is taken to be alive; later it is asked, which costs as
much as a query. One that died meanwhile refuses one request, and is made anew for the next."""

_BUSY_SECONDS = 30.0
"""How long SQLite's lock is waited for."""
_ASK_AGAIN, _ASK_AGAIN_PATIENTLY = 0.002, 0.025
"""Seconds between two tries to get SQLite's lock from another process: of a person's command, of the engine's chores.
SQLite itself would soon ask ten times a second only, and find that somebody else has just taken it."""

_PREPARED_AFTER, _PREPARED_AT_MOST = 2, 200
"""How often a statement runs on a connection to PostgreSQL before it is prepared there, and how many are kept."""

_LINE = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""When a connection that cannot be made, or whose other end is gone, is given up; the URL's own values win."""

_TIME = Prepared(sa.select(sa.func.clock_timestamp().label("now")))

_AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeout, PendingRollbackError)
"""What the driver and its wrapper raise when the database fails; the last of them for the statement after
the one that noticed it."""

_TOO_LARGE = "54000"
"""PostgreSQL: program limit exceeded, such as text too long for an index."""


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
        self._writer: sa.Connection | None = None
        self._snapshots = self.engine
        if self.is_postgres:  # SQLite's readers see one moment anyway
            self._snapshots = self.engine.execution_options(level="REPEATABLE READ")

    @contextmanager
    def write(self, *, patient: bool = False) -> Iterator[sa.Connection]:
        """A transaction that may change things; commits at the end, rolls back on an error.

        Args:
            patient: leave SQLite's lock to people of other processes who wait for it, too.
        """
        if self._write_lock is None:
            with _refusing(), self.engine.connect() as connection, connection.begin():
                yield connection
            return
        with _refusing(), self._write_lock:
            connection = self._writing().execution_options(writes=_ASK_AGAIN_PATIENTLY if patient else _ASK_AGAIN)
            with connection.begin():
                yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only looks, and sees one consistent moment."""
        if self.in_memory and self._write_lock is not None:
            with _refusing(), self._write_lock, self.engine.connect() as connection:
                connection.execution_options(writes=None)
                connection.begin()
                yield connection
            return
        with _refusing(), self._snapshots.connect() as connection, _committed(connection):
            yield connection

    @contextmanager
    def glance(self) -> Iterator[sa.Connection]:
        """For one prepared statement that only looks: it is a transaction by itself, which spares two round trips."""
        if not self.is_postgres:
            with self.read() as connection:
                yield connection
            return
        with _refusing(), self.engine.connect() as connection:
            yield connection

    def _writing(self) -> sa.Connection:
        """SQLite's one writing connection, held open for whoever has the lock: opening costs as much as a statement."""
        if self._writer is None or self._writer.closed or self._writer.invalidated:
            self._writer = self.engine.connect()
        return self._writer

    def refresh_statistics(self) -> None:
        """Let SQLite look at how its rows are spread, so that it picks the right index; PostgreSQL does by itself."""
        if not self.is_postgres:
            with self.write() as connection:
                connection.exec_driver_sql("pragma analysis_limit=1000")
                connection.exec_driver_sql("analyze")

    def close(self) -> None:
        """Give all connections back to the database, once whoever is writing has finished."""
        with self._write_lock or nullcontext():
            if self._writer is not None:
                self._writer.close()
            self.engine.dispose()


class DatabaseClock:
    """The database server's clock, asked every few seconds and carried on by the monotonic clock between.

    Every process of an installation thus agrees on the time to within milliseconds, whatever
    its own machine's clock says; on SQLite the machine's clock is the database's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = self._ask() if database.is_postgres else (datetime.now(UTC), 0.0)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        if not self._database.is_postgres:
            return datetime.now(UTC)
        base, asked = self._known
        if time.monotonic() - asked > _OFFSET_SECONDS and self._lock.acquire(blocking=False):
            # Only one thread asks, and the others go on by what is known: they may hold the very
            # connections that it waits for.
            try:
                base, asked = self._known = self._ask()
            finally:
                self._lock.release()
        return base + timedelta(seconds=time.monotonic() - asked)

    def _ask(self) -> tuple[datetime, float]:
        """The database's time, and the tick at which it had arrived: so it is never ahead."""
        with self._database.glance() as connection:
            base: datetime = _TIME.all(connection, {})[0].now
        return base.astimezone(UTC), time.monotonic()


@contextmanager
def _committed(connection: sa.Connection) -> Iterator[None]:
    """A transaction that only looks ends in COMMIT: there is nothing to undo, and after a ROLLBACK psycopg forgets
    all statements that the server has prepared for it, which is also why only the database's errors end in one."""
    transaction = connection.begin()
    try:
        yield
    except Exception as error:
        if not isinstance(error, StatementError):
            transaction.commit()
        raise
    else:
        transaction.commit()


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn the driver's errors into ours where they have a meaning for whoever asked.

    For values that no database can hold it is a net under the checks that name a field: for what lists
    are asked for, and what slips through.

    Raises:
        InvalidInput: the database cannot hold or look for such a value.
        DatabaseAway: it cannot be reached, went away in between, or has no room left.
    """
    try:
        yield
    except _AWAY as error:
        if getattr(getattr(error, "orig", None), "sqlstate", "") == _TOO_LARGE:
            raise _refused(error) from error
        raise DatabaseAway from error
    except (UnicodeEncodeError, OverflowError, StatementError) as error:
        if isinstance(error, DBAPIError) and error.orig is not None and not isinstance(error, DataError):
            raise
        raise _refused(error) from error


def _refused(error: Exception) -> InvalidInput:
    driver = error.orig if isinstance(error, DBAPIError) else None
    return InvalidInput(
        "Expected text without NUL and unpaired surrogates, and numbers of at most 64 bits, "
        f"but the database says: {str(driver or error).splitlines()[0][:200]}"
    )


def is_database_error(error: BaseException) -> bool:
    """Whether the database failed, whatever was asked of it: connection lost, disk full, too busy."""
    return isinstance(error, (DatabaseAway, *_AWAY))


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again (deadlock, lock time-out)."""
    if isinstance(error, DatabaseAway):
        error = error.__cause__ or error
    if not isinstance(error, DBAPIError):
        return False
    code = getattr(error.orig, "sqlstate", None)
    if code is not None:
        return code in {"40001", "40P01", "55P03"}
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def _sqlite(url: sa.URL, in_memory: bool) -> sa.Engine:
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": _BUSY_SECONDS}}
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
        ask_again = connection.get_execution_options().get("writes")
        driver: Any = connection.connection.driver_connection
        if ask_again is None:
            driver.execute("BEGIN")
        else:
            _begin_writing(driver, ask_again)

    return engine


def _begin_writing(driver: sqlite3.Connection, ask_again: float) -> None:
    """Take the write lock, asking for it every so many seconds.

    Raises:
        DatabaseAway: another process holds it for longer than anybody should.
    """
    until = time.monotonic() + _BUSY_SECONDS
    driver.execute("pragma busy_timeout=0")
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() > until:
                    raise DatabaseAway from error
            time.sleep(ask_again)
    finally:
        driver.execute(f"pragma busy_timeout={_BUSY_SECONDS * 1000:.0f}")


def _postgres(url: sa.URL) -> sa.Engine:
    given: dict[str, Any] = {name: value for name, value in _LINE.items() if name not in url.query}
    # Transactions are begun below: the driver by itself would begin one for each look as well.
    given |= {"autocommit": True, "prepare_threshold": _PREPARED_AFTER}
    # The connection used last comes first: it has its statements prepared, and is known to be alive.
    engine = sa.create_engine(url, pool_size=8, max_overflow=32, pool_use_lifo=True, connect_args=given)

    @sa.event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.prepared_max = _PREPARED_AT_MOST
        dbapi_connection.adapters.register_loader("uuid", TextLoader)  # ids are text here; no UUID in between
        dbapi_connection.execute(f"set idle_in_transaction_session_timeout = '{STANDSTILL_SECONDS}s'")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        driver: Any = connection.connection.driver_connection
        level = connection.get_execution_options().get("level", "READ COMMITTED")
        try:
            driver.execute(f"BEGIN ISOLATION LEVEL {level}", prepare=False)
        except engine.dialect.loaded_dbapi.Error as error:
            raise translated(connection, error, "BEGIN") from error

    @sa.event.listens_for(engine, "checkin")
    def _note_time(_dbapi_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _ask_whether_alive(dbapi_connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", math.inf) < _TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # the others are no younger: all are made anew

    return engine
