"""Statements that every command needs, built once: building one costs more than running it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa

KEY = "key_"
"""Name of the parameter that holds the key of the row."""


@cache
def insert(table: sa.Table) -> sa.Insert:
    """Insert rows; the parameters name the columns."""
    return table.insert()


@cache
def select_where(column: sa.Column[Any], *, lock: bool = False) -> sa.Select[Any]:
    """All columns of the rows with `KEY` in this column; with `lock`, until the transaction ends."""
    statement = sa.select(column.table).where(column == sa.bindparam(KEY, type_=column.type))
    return statement.with_for_update() if lock else statement


@cache
def update_where(column: sa.Column[Any], *more: sa.ColumnElement[bool]) -> sa.Update:
    """Set what the other parameters name in the rows with `KEY` in this column."""
    table: Any = column.table
    statement: sa.Update = table.update().where(column == sa.bindparam(KEY, type_=column.type), *more)
    return statement


def update_rows(connection: sa.Connection, column: sa.Column[Any], patches: Mapping[str, Mapping[str, Any]]) -> None:
    """Change several rows by key, those that change the same columns together."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for key, patch in patches.items():
        alike.setdefault(tuple(patch), []).append({**patch, KEY: key})
    for group in alike.values():
        connection.execute(update_where(column), group)
