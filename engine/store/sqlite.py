"""SQLite as the engine needs it: full durability, and a write lock that people get before chores.

A writing transaction takes the lock at its beginning; while another process has it, it is asked for again and again,
because SQLite's own waiting is neither fair nor quick.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from engine.errors import DatabaseAway

BUSY_SECONDS = 30.0
"""How long SQLite's lock is waited for."""
ASK_AGAIN, ASK_AGAIN_PATIENTLY = 0.002, 0.025
"""Seconds between two tries to get SQLite's lock from another process: of a person's command, of the engine's chores.
SQLite itself would soon ask ten times a second only, and find that somebody else has just taken it."""


def sqlite_engine(url: sa.URL, *, in_memory: bool) -> sa.Engine:
    """An engine whose transactions begin as the execution option `writes` says: None to look, or how often to ask
    for the write lock and for how long, both in seconds."""
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": BUSY_SECONDS}}
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
        driver: Any = connection.connection.driver_connection
        if writes is None:
            driver.execute("BEGIN")
        else:
            _begin_writing(driver, *writes)

    return engine


def _begin_writing(driver: sqlite3.Connection, ask_again: float, patience: float) -> None:
    """Take the write lock, asking for it every so many seconds.

    Raises:
        DatabaseAway: another process holds it for longer than there is patience, in seconds.
    """
    until = time.monotonic() + patience
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
        driver.execute(f"pragma busy_timeout={BUSY_SECONDS * 1000:.0f}")
