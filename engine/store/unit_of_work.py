"""The unit of work: one command's transaction, and what happens when it has committed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.contracts.principal import Principal
from engine.store import tables as t
from engine.store.statements import KEY, Prepared, insert, is_key

_COUNT_UP = Prepared(
    t.counter.update().where(is_key(t.counter.c.name)).values(value=t.counter.c.value + 1).returning(t.counter.c.value)
)
_NAME = sa.func.hashtextextended(sa.bindparam(KEY, type_=sa.Text), 0)
_LOCK = Prepared(sa.select(sa.func.pg_advisory_xact_lock(_NAME).label("locked")))


@dataclass(kw_only=True)
class UnitOfWork:
    """What a handler works in.

    Args:
        connection: inside the command's transaction.
        now: the command's instant; the same for everything it writes.
        by: who asked.
        is_postgres: which of the two dialects' few differences apply.
        due_jobs: filled by handlers: jobs that workers should hear of after the commit.
        relay: set by handlers: rows went into the outbox.
    """

    connection: sa.Connection
    now: datetime
    by: Principal
    is_postgres: bool
    due_jobs: list[str] = field(default_factory=list)
    relay: bool = False

    def insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        """Insert many rows of the same shape; nothing happens for none."""
        if rows:
            insert(self.connection, table, rows)

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
