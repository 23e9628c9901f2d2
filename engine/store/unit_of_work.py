"""The unit of work: one command's transaction, and what happens when it has committed."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.contracts.principal import Principal
from engine.store import tables as t
from engine.store.statements import KEY, Prepared, Write, inserts, is_key, run_together, update_where

_COUNT_UP = Prepared(
    t.counter.update().where(is_key(t.counter.c.name)).values(value=t.counter.c.value + 1).returning(t.counter.c.value)
)
_NAME = sa.func.hashtextextended(sa.bindparam(KEY, type_=sa.Text), 0)
_LOCK = Prepared(sa.select(sa.func.pg_advisory_xact_lock(_NAME).label("locked")))


class UnitOfWork:
    """What a handler works in.

    Rows that are inserted and changed by key wait until somebody looks at the database, at the latest until the end:
    then they go together, which spares PostgreSQL a round trip each.

    Args:
        connection: inside the command's transaction.
        now: the command's instant; the same for everything it writes.
        by: who asked.
        is_postgres: which of the two dialects' few differences apply.
    """

    def __init__(self, *, connection: sa.Connection, now: datetime, by: Principal, is_postgres: bool) -> None:
        self.now = now
        self.by = by
        self.is_postgres = is_postgres
        self.due_jobs: list[str] = []
        """Filled by handlers: jobs that workers should hear of after the commit."""
        self.relay = False
        """Set by handlers: rows went into the outbox."""
        self._connection = connection
        self._waiting: list[Write] = []

    @property
    def connection(self) -> sa.Connection:
        """The transaction, with everything written."""
        self.flush()
        return self._connection

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            writes = tuple(self._waiting)
            self._waiting.clear()
            run_together(self._connection, writes)

    def beside(self) -> UnitOfWork:
        """Another unit in the same transaction, for a case whose time may differ."""
        other = copy(self)
        other.relay = False
        return other

    def insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Insert many rows of the same shape; nothing happens for none."""
        if rows:
            self._waiting += inserts(table, rows)

    def change(self, column: sa.Column[Any], key: Any, values: Mapping[str, Any]) -> None:
        """Set columns in the rows with this key."""
        self.later(Write(update_where(column, tuple(values)), {**values, KEY: key}))

    def later(self, write: Write) -> None:
        """Carry out a statement whose result nobody needs."""
        self._waiting.append(write)

    def lock(self, name: str) -> None:
        """Wait until no other transaction holds this name; SQLite has one writer at a time anyway.

        Taken before any instance is locked, so that no two commands wait for each other.
        """
        if self.is_postgres:
            _LOCK.run(self.connection, {KEY: name})

    def next_number(self, name: str) -> int:
        """Count a named counter up and give its new value; the first is 1."""
        row = _COUNT_UP.one_or_none(self.connection, {KEY: name})
        if row is not None:
            return int(row.value)
        made = self.connection.execute(self._insert_or_skip(t.counter, {"name": name, "value": 1}))
        return 1 if made.rowcount == 1 else self.next_number(name)

    def insert_or_skip(self, table: sa.Table, row: dict[str, Any]) -> bool:
        """Insert a row unless one with its key exists; tells whether it did."""
        return self.connection.execute(self._insert_or_skip(table, row)).rowcount == 1

    def _insert_or_skip(self, table: sa.Table, row: dict[str, Any]) -> Any:
        if self.is_postgres:
            from sqlalchemy.dialects.postgresql import insert as pg_insert

            made: Any = pg_insert(table).values(**row).on_conflict_do_nothing()
            return made.execution_options(preserve_rowcount=True)  # else it is -1 for an insert
        from sqlalchemy.dialects.sqlite import insert as lite_insert

        return lite_insert(table).values(**row).on_conflict_do_nothing()
