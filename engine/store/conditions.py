"""Partial indexes, and the conditions by which queries find them.

Work that is done leaves the indexes of what is to do, so that these stay as small as the work that is left. A database
uses such an index only for a query that states its condition, with the value written out: a parameter may be anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

ASSIGNED: Final = "state = 'open' and assignee is not null"
"""User tasks that somebody has. A query for a certain person's need not say that there is one."""

ASSIGNED_BEFORE: Final = (
    "state <> 'open' and assignee is not null and (completed_by is null or completed_by <> assignee)"
)
"""User tasks that somebody had and did not do: with those that are open, and those that they did, all of theirs."""

CHURNED: Final[Mapping[str, Any]] = {"postgresql_with": {"autovacuum_vacuum_scale_factor": 0.05}}
"""Options of tables whose rows change state and so leave indexes: PostgreSQL clears up behind them before a fifth of
the table has changed, which is its habit."""

POSTGRES_ONLY: Final = {"dialect": "postgresql"}
"""What an index is marked with that SQLite has no need of."""


def only_where(condition: str, *indexes: sa.Index, sqlite: str = "") -> tuple[sa.Index, ...]:
    """Let indexes hold only the rows that meet a condition.

    Args:
        condition: SQL over the columns of their table.
        sqlite: the same as SQLite has it, where it differs.
    """
    for index in indexes:
        index.dialect_options["postgresql"]["where"] = sa.text(condition)
        index.dialect_options["sqlite"]["where"] = sa.text(sqlite or condition)
    return indexes


def is_open(task: Any) -> sa.ColumnElement[bool]:
    """The condition that a user task is open; of the table or an alias."""
    return _is(task.c.state, "open")


def is_leased(job: Any) -> sa.ColumnElement[bool]:
    """The condition that a worker has a job."""
    return _is(job.c.state, "leased")


def was_assigned_to(task: Any, user: str) -> sa.ColumnElement[bool]:
    """The condition that somebody had a task and did not do it (`ASSIGNED_BEFORE`)."""
    by_another = sa.or_(task.c.completed_by.is_(None), task.c.completed_by != task.c.assignee)
    return sa.and_(task.c.assignee == user, task.c.state != _literal("open"), by_another)


def in_state(row: Any, state: str) -> sa.ColumnElement[bool]:
    """The condition that a case or job is in a state: the completed stand in indexes of their own."""
    if state == "completed":
        return _is(row.c.state, "completed")
    return sa.and_(_is(row.c.state, state), not_completed(row))


def not_completed(row: Any) -> sa.ColumnElement[bool]:
    """The condition that a case or job is not completed. It may be cancelled, and so over; state that beside it."""
    condition: sa.ColumnElement[bool] = row.c.state != _literal("completed")
    return condition


def scope_of(row: Any) -> sa.ColumnElement[str]:
    """The scope of a variable change or activity instance; most are of the case's own and have none in their row."""
    return sa.func.coalesce(row.c.scope_id, row.c.instance_id).label("scope_id")


def with_scope(table: sa.Table) -> sa.Select[Any]:
    """All columns of such a table, the scope as `scope_of` has it."""
    return sa.select(*(scope_of(table) if column.name == "scope_id" else column for column in table.c))


def _is(column: sa.ColumnElement[str], value: str) -> sa.ColumnElement[bool]:
    return column == _literal(value)


def _literal(value: str) -> sa.ColumnElement[str]:
    """A state, written into the statement.

    Raises:
        ValueError: it is none of ours; text from outside is never written into a statement.
    """
    if not (value.isascii() and value.isalpha()):
        raise ValueError(f"Expected the name of a state but got {value!r}.")
    return sa.literal_column(f"'{value}'", sa.Text)
