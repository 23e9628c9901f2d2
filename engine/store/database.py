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
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
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

from engine.errors import DatabaseAway, InvalidInput
from engine.store.postgres import PostgresConnection
from engine.store.sqlite import ASK_AGAIN, ASK_AGAIN_PATIENTLY, BUSY_SECONDS, sqlite_engine
from engine.store.statements import Prepared

_OFFSET_SECONDS = 5.0
STANDSTILL_SECONDS = 120
"""How long a process may stand still in the middle of a transaction (a stopped machine, a cut line) before
PostgreSQL ends it: until then its locks hold up whoever comes to the same case."""

_TRUSTED_SECONDS = 1.0
"""How long after its last use a connection to PostgreSQL is taken to be alive; later it is asked, which costs as
much as a query. One that died meanwhile refuses one request, and is made anew for the next."""

_LOOKERS = 8
"""SQLite's connections held open for looking; each may keep some megabytes of pages."""

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
        self.engine = sqlite_engine(parsed, in_memory=self.in_memory) if not self.is_postgres else _postgres(parsed)
        self._writer: sa.Connection | None = None
        self._lookers: deque[sa.Connection] = deque()
        self._snapshots = self.engine
        if self.is_postgres:  # SQLite's readers see one moment anyway
            self._snapshots = self.engine.execution_options(level="REPEATABLE READ")

    @contextmanager
    def write(self, *, patient: bool = False, within: float | None = None) -> Iterator[sa.Connection]:
        """A transaction that may change things; commits at the end, rolls back on an error.

        Args:
            patient: leave SQLite's lock to people of other processes who wait for it, too.
            within: seconds to wait for SQLite's lock; None as long as anybody should.

        Raises:
            DatabaseAway: another writer holds SQLite's lock for longer.
        """
        if self._write_lock is None:
            with _refusing(), self.engine.connect() as connection, connection.begin():
                yield connection
            return
        if not self._write_lock.acquire(timeout=-1 if within is None else within):
            raise DatabaseAway
        try:
            with _refusing():
                ask_again = ASK_AGAIN_PATIENTLY if patient else ASK_AGAIN
                patience = BUSY_SECONDS if within is None else within
                connection = self._writing().execution_options(writes=(ask_again, patience))
                with connection.begin():
                    yield connection
        finally:
            self._write_lock.release()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only looks, and sees one consistent moment."""
        if self.in_memory and self._write_lock is not None:
            with _refusing(), self._write_lock, self.engine.connect() as connection:
                connection.execution_options(writes=None)
                connection.begin()
                yield connection
            return
        with _refusing(), self._looking() as connection, _committed(connection):
            yield connection

    @contextmanager
    def _looking(self) -> Iterator[sa.Connection]:
        """A connection to look by. SQLite's are held open: to get one from the pool costs more than a statement."""
        if self.is_postgres:
            with self._snapshots.connect() as connection:
                yield connection
            return
        try:
            connection = self._lookers.pop()
        except IndexError:
            connection = self.engine.connect()
        sound = False
        try:
            yield connection
            sound = True
        finally:
            if sound and len(self._lookers) < _LOOKERS:
                self._lookers.append(connection)
            else:
                connection.close()

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

    def copy(self) -> sqlite3.Connection:
        """What a database in memory holds now, in one of its own, which whoever asks has to close.

        Raises:
            InvalidInput: the database is not in memory.
        """
        with self._between_transactions() as driver:
            copy = sqlite3.connect(":memory:", check_same_thread=False)
            driver.backup(copy)
        return copy

    def put_back(self, copy: sqlite3.Connection) -> None:
        """Let a database in memory hold what a copy holds, and nothing else.

        Raises:
            InvalidInput: the database is not in memory.
        """
        with self._between_transactions() as driver:
            copy.backup(driver)

    @contextmanager
    def _between_transactions(self) -> Iterator[sqlite3.Connection]:
        """The driver's connection of a database in memory, while nobody else has it."""
        if not self.in_memory or self._write_lock is None:
            raise InvalidInput("Expected a database in memory (sqlite://) but this one is kept; go back to a backup.")
        with self._write_lock:
            driver: Any = self._writing().connection.driver_connection
            yield driver

    def close(self) -> None:
        """Give all connections back to the database, once whoever is writing has finished."""
        with self._write_lock or nullcontext():
            if self._writer is not None:
                self._writer.close()
            while self._lookers:
                self._lookers.pop().close()
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
    """A transaction that only looks ends in COMMIT: there is nothing to undo."""
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
        return code in {"40001", "40P01", "55P03", "26000"}
    return isinstance(error, OperationalError) and "locked" in str(error.orig)


def _postgres(url: sa.URL) -> sa.Engine:
    given: dict[str, Any] = {name: value for name, value in _LINE.items() if name not in url.query}
    # The connection used last comes first: it has its statements prepared, and is known to be alive.
    engine = sa.create_engine(url, pool_size=8, max_overflow=32, pool_use_lifo=True, connect_args=given)

    @sa.event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, args: Any, options: Any) -> Any:
        return PostgresConnection.made(*args, **options)

    @sa.event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.execute(f"set idle_in_transaction_session_timeout = '{STANDSTILL_SECONDS}s'")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        driver: Any = connection.connection.driver_connection
        driver.line.begin(connection.get_execution_options().get("level", "READ COMMITTED"))

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
