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
from dataclasses import dataclass
from functools import cache, partial
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError

from engine.errors import CorruptState
from engine.store.postgres import Line, Question

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
        driver: Any = connection.connection.dbapi_connection
        values = text.values(parameters)
        try:
            if connection.dialect.name == "sqlite":
                rows = driver.execute(text.sql, values).fetchall()
            else:
                line: Line = driver.line
                rows = line.rows(line.ask((text.sql, values))[0])
        except connection.dialect.loaded_dbapi.Error as error:
            raise translated(connection, error, text.sql) from error
        return [text.row(row) for row in rows]

    def one_or_none(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> Any | None:
        """The first row as a named tuple, or None; for statements that give one row at most."""
        rows = self.all(connection, parameters)
        return rows[0] if rows else None

    def run(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> int:
        """Change something; gives how many rows."""
        return _carried_out(connection, [Write(self, parameters)])[0]

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


def look(connection: sa.Connection, *questions: tuple[Prepared, Mapping[str, Any]]) -> list[list[Any]]:
    """Ask several statements with their parameters in order, of PostgreSQL in one go; gives the rows of each."""
    if connection.dialect.name == "sqlite":
        return [statement.all(connection, parameters) for statement, parameters in questions]
    texts = [(statement.text(connection), parameters) for statement, parameters in questions]
    driver: Any = connection.connection.dbapi_connection
    line: Line = driver.line
    try:
        results = line.ask(*[(text.sql, text.values(parameters)) for text, parameters in texts])
        found = [line.rows(result) for result in results]
    except connection.dialect.loaded_dbapi.Error as error:
        raise translated(connection, error, texts[0][0].sql) from error
    return [list(map(text.row, rows)) for (text, _), rows in zip(texts, found, strict=True)]


def _carried_out(connection: sa.Connection, writes: Sequence[Write]) -> list[int]:
    """Change things in order, on PostgreSQL in one go; gives how many rows each write changed."""
    driver: Any = connection.connection.dbapi_connection
    sql = writes[0].statement.text(connection).sql
    try:
        if connection.dialect.name == "sqlite":
            return [write.run(connection, driver) for write in writes]
        asked = [write.questions(connection) for write in writes]
        line: Line = driver.line
        results = iter(line.ask(*[question for some in asked for question in some]))
    except connection.dialect.loaded_dbapi.Error as error:
        raise translated(connection, error, sql) from error
    return [sum(next(results).command_tuples or 0 for _ in some) for some in asked]


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

    def run(self, connection: sa.Connection, driver: Any) -> int:
        """Carry it out on SQLite; gives how many rows changed."""
        text = self.statement.text(connection)
        if self.many:
            return int(driver.executemany(text.sql, [text.values(row) for row in self.parameters]).rowcount)
        return int(driver.execute(text.sql, text.values(self.parameters)).rowcount)

    def questions(self, connection: sa.Connection) -> list[Question]:
        """What it is on PostgreSQL: one statement for all rows, or one for each."""
        text = self.statement.text(connection)
        if not self.many:
            return [(text.sql, text.values(self.parameters))]
        if self.statement.together is None:
            return [(text.sql, text.values(row)) for row in self.parameters]
        values = [value for row in self.parameters for value in text.values(row)]
        return [(self.statement.together(len(self.parameters)).text(connection).sql, values)]


def run_together(connection: sa.Connection, writes: Sequence[Write]) -> None:
    """Carry out several writes in order; PostgreSQL gets them in one go.

    Raises:
        CorruptState: one did not change the one row that it should.
    """
    for write, changed in zip(writes, _carried_out(connection, writes), strict=True):
        if write.exactly_one and changed != 1:
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
