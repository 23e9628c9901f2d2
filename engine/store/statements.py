"""Statements of the hot path: written by SQLAlchemy once for each dialect, run straight on the driver.

SQLAlchemy knows both dialects and our column types, and costs more per call than most of these statements
themselves. So it is asked once: `Prepared` keeps the text, the order of the parameters and the converters of the
types, and gives named tuples. Everything else in the store goes through SQLAlchemy as usual.

A prepared statement runs in the transaction of the connection it is given, which must have begun: those of
`Database.write` and `Database.read` have.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa
from psycopg import RawCursor
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError

from engine.errors import CorruptState

KEY: Final = "key_"
"""Name of the parameter that holds the key of the row."""

_postgres: Final[Any] = PGDialect_psycopg
_DIALECTS: Final[Mapping[str, Any]] = {
    "sqlite": SQLiteDialect_pysqlite(),
    "postgresql": _postgres(paramstyle="numeric_dollar"),  # as the server has it: nothing to rewrite on each call
}
_MOST_ROWS: Final = 32
"""Rows of one INSERT on PostgreSQL: one message to the server, and not too many texts for it to prepare."""

Convert = Callable[[Any], Any]


class Prepared:
    """One statement.

    Args:
        statement: of SQLAlchemy Core; what is no `bindparam` in it stays as it is for good.
        columns: of an INSERT or UPDATE: the columns that parameters of their names set.
        together: of an INSERT: the same for so many rows at once.
    """

    def __init__(
        self, statement: Any, columns: Sequence[str] = (), together: Callable[[int], Prepared] | None = None
    ) -> None:
        self.together = together
        self._statement = statement
        self._columns = list(columns) or None
        self._texts: dict[str, Text] = {}

    def all(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> list[Any]:
        """Every row, as named tuples."""
        text = self.text(connection)
        return [text.row(row) for row in _execute(connection, text.sql, text.values(parameters)).fetchall()]

    def one_or_none(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> Any | None:
        """The first row as a named tuple, or None; for statements that give one row at most."""
        text = self.text(connection)
        row = _execute(connection, text.sql, text.values(parameters)).fetchone()
        return None if row is None else text.row(row)

    def run(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> int:
        """Change something; gives how many rows."""
        text = self.text(connection)
        return int(_execute(connection, text.sql, text.values(parameters)).rowcount)

    def text(self, connection: sa.Connection) -> Text:
        """The statement in the connection's dialect."""
        name = connection.dialect.name
        held = self._texts.get(name)
        if held is None:
            held = self._texts[name] = _write(self._statement, self._columns, _DIALECTS[name])
        return held


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A statement in one dialect.

    Args:
        sql: its text.
        row: makes a named tuple of a row.
        fixed: parameters that stand in the statement.
        pick: takes the parameters in the order of the text.
        converters: what some of them go through, by position.
    """

    sql: str
    row: Convert
    fixed: Mapping[str, Any]
    pick: Callable[[Mapping[str, Any]], Sequence[Any]]
    converters: tuple[tuple[int, Convert], ...]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """What the driver takes, in the order in which it stands in the text."""
        values = list(self.pick({**self.fixed, **given} if self.fixed else given))
        for n, convert in self.converters:
            values[n] = convert(values[n])
        return values


def _write(statement: Any, columns: list[str] | None, dialect: Any) -> Text:
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    names = compiled.positiontup or ()
    binds = [compiled.binds[name] for name in names]
    return Text(
        sql=compiled.string,
        row=_reader(statement.exported_columns, dialect),
        fixed={name: bind.effective_value for name, bind in zip(names, binds, strict=True) if not bind.required},
        pick=itemgetter(*names) if len(names) > 1 else lambda given: [given[name] for name in names],
        converters=_converters([bind.type.dialect_impl(dialect).bind_processor(dialect) for bind in binds]),
    )


def _converters(all_: Iterable[Convert | None]) -> tuple[tuple[int, Convert], ...]:
    """Those that do something, by position."""
    return tuple((n, convert) for n, convert in enumerate(all_) if convert is not None)


def _reader(columns: Iterable[Any], dialect: Any) -> Convert:
    """Turns a row of the driver into a named tuple with our types."""
    columns = tuple(columns)
    kind: Any = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]
    make = partial(tuple.__new__, kind)
    converters = _converters([c.type.dialect_impl(dialect).result_processor(dialect, None) for c in columns])

    def read(row: Sequence[Any]) -> Any:
        values = list(row)
        for n, convert in converters:
            values[n] = convert(values[n])
        return make(values)

    return read


def _execute(connection: sa.Connection, sql: str, values: Any, *, many: bool = False) -> Any:
    """Run on the driver; gives its cursor."""
    driver: Any = connection.connection.dbapi_connection
    try:
        cursor = RawCursor(driver) if connection.dialect.name == "postgresql" else driver.cursor()
        return (cursor.executemany if many else cursor.execute)(sql, values) or cursor
    except connection.dialect.loaded_dbapi.Error as error:
        raise translated(connection, error, sql) from error


@contextmanager
def _as_sqlalchemy(connection: sa.Connection, sql: str) -> Iterator[None]:
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise translated(connection, error, sql) from error


def translated(connection: sa.Connection, error: Exception, sql: str) -> Any:
    """A driver's error as SQLAlchemy would raise it; a connection that broke is given up."""
    dialect: Any = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection, None)
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=lost
    )


@cache
def select_where(column: sa.Column[Any], *, lock: bool = False) -> Prepared:
    """All columns of the rows with `KEY` in this column; with `lock`, until the transaction ends."""
    statement = sa.select(column.table).where(is_key(column))
    return Prepared(statement.with_for_update() if lock else statement)


@dataclass(frozen=True, slots=True)
class Write:
    """A statement to be carried out, whose rows nobody reads.

    Args:
        statement: what.
        parameters: of one execution; or, with `many`, of each.
        exactly_one: a message if it does not change exactly one row, which is a defect.
    """

    statement: Prepared
    parameters: Any
    many: bool = False
    exactly_one: str = ""

    def run(self, connection: sa.Connection) -> Any:
        """Carry it out; gives the driver's cursor."""
        text = self.statement.text(connection)
        if not self.many:
            return _execute(connection, text.sql, text.values(self.parameters))
        if connection.dialect.name == "sqlite" or self.statement.together is None:
            return _execute(connection, text.sql, [text.values(row) for row in self.parameters], many=True)
        values = [value for row in self.parameters for value in text.values(row)]
        return _execute(connection, self.statement.together(len(self.parameters)).text(connection).sql, values)


def run_together(connection: sa.Connection, writes: Sequence[Write]) -> None:
    """Carry out several writes in order; PostgreSQL gets them in one go.

    Raises:
        CorruptState: one did not change the one row that it should.
    """
    if connection.dialect.name == "sqlite" or len(writes) == 1:
        cursors = [write.run(connection) for write in writes]
    else:
        driver: Any = connection.connection.dbapi_connection
        with _as_sqlalchemy(connection, "several statements"), driver.pipeline():
            cursors = [write.run(connection) for write in writes]
    for write, cursor in zip(writes, cursors, strict=True):
        if write.exactly_one and cursor.rowcount != 1:
            raise CorruptState(write.exactly_one)


def inserts(table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> Iterator[Write]:
    """Insert rows that all name the same columns."""
    one = _insert(table, tuple(rows[0]))
    for start in range(0, len(rows), _MOST_ROWS):
        some = rows[start : start + _MOST_ROWS]
        yield Write(one, some, many=True) if len(some) > 1 else Write(one, some[0])


@cache
def update_where(column: sa.Column[Any], columns: tuple[str, ...], *more: sa.ColumnElement[bool]) -> Prepared:
    """Set these columns in the rows with `KEY` in one column."""
    table: Any = column.table
    return Prepared(table.update().where(is_key(column), *more), columns)


def one_of(column: sa.ColumnElement[Any], values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """The condition that a column holds one of these values, in a form that can be prepared."""
    return column.in_([value if isinstance(value, sa.BindParameter) else sa.literal(value) for value in values])


def is_key(column: sa.Column[Any]) -> sa.ColumnElement[bool]:
    """The condition that a column holds `KEY`."""
    return column == sa.bindparam(KEY, type_=column.type)


@cache
def _insert(table: sa.Table, columns: tuple[str, ...]) -> Prepared:
    statement = table.insert().inline()

    @cache
    def together(rows: int) -> Prepared:
        return Prepared(statement.values([dict.fromkeys(columns)] * rows), columns)

    return Prepared(statement, columns, together)
