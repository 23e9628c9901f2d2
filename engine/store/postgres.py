"""A connection to PostgreSQL whose hot statements go straight to libpq (ADR 0011).

psycopg's cursors cost more Python a statement than the hot path does with the answer. `Line` sends prepared
statements through `psycopg.pq`, several of them in one round trip; values are still adapted by psycopg, and its
cursors work on the same connection as ever, for everything that SQLAlchemy runs.

    BEGIN       waits for the first statement, and travels with it; a transaction without one costs nothing
    prepared    statements have names of their own here, which a ROLLBACK leaves alone
    errors      psycopg's own classes, raised once the line has been read to the end of the trip
"""

from __future__ import annotations

import select
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.types.string import TextLoader

PREPARED_AFTER, PREPARED_AT_MOST = 2, 200
"""How often a statement runs on a connection before it is prepared there, and how many are kept."""

Question = tuple[str, Sequence[Any]]
"""A statement with `$1`, `$2`, …, and its values."""

_OK: Final = int(pq.ExecStatus.COMMAND_OK)
_GOOD: Final = {_OK, int(pq.ExecStatus.TUPLES_OK)}
_BAD: Final = int(pq.ConnStatus.BAD)
_IDLE: Final = int(pq.TransactionStatus.IDLE)
_QUIET: Final = {_IDLE, int(pq.TransactionStatus.INTRANS), int(pq.TransactionStatus.INERROR)}
_OFF: Final = int(pq.PipelineStatus.OFF)
_FORGOTTEN: Final = {"26000", "0A000"}
"""A prepared statement is gone, or no longer fits its tables: they are prepared anew."""
_CANCEL_SECONDS: Final = 1.0


class PostgresConnection(psycopg.Connection[Any]):
    """psycopg's connection in autocommit mode, with a `line` beside its cursors, and transactions of its own."""

    line: Line

    @classmethod
    def made(cls, *args: Any, **options: Any) -> PostgresConnection:
        """Connect, as `psycopg.connect` does; texts travel as UTF-8, whatever the database keeps them in."""
        given = {"client_encoding": "utf8", **options, "autocommit": True, "prepare_threshold": PREPARED_AFTER}
        connection = cls.connect(*args, **given)
        connection.prepared_max = PREPARED_AT_MOST
        connection.adapters.register_loader("uuid", TextLoader)  # ids are text here; no UUID in between
        connection.line = Line(connection)
        return connection

    def cursor(self, *args: Any, **options: Any) -> Any:
        """As psycopg's; a transaction that has been asked for begins first."""
        self.line.begin_now()
        return super().cursor(*args, **options)

    def commit(self) -> None:
        """End the transaction, if one has begun."""
        self.line.end("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction, if one has begun. psycopg would also forget all that is prepared."""
        self.line.end("ROLLBACK")


class Line:
    """Statements on one connection, by one thread at a time.

    Args:
        connection: in autocommit mode; nothing else may be under way on it.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._adapt = Transformer(connection)
        self._can_read, self._can_write = _waits(connection.pgconn.socket)
        self._begin = ""
        self._asked: OrderedDict[str, int] = OrderedDict()
        self._names: OrderedDict[str, bytes] = OrderedDict()
        self._number = 0

    def begin(self, level: str) -> None:
        """Let a transaction begin with the next statement."""
        self._begin = f"BEGIN ISOLATION LEVEL {level}"

    def begin_now(self) -> None:
        """Let a transaction that waits for its first statement begin without one."""
        if self._begin:
            self.ask()

    def end(self, how: str) -> None:
        """End the transaction by COMMIT or ROLLBACK, if one has begun."""
        if self._begin:
            self._begin = ""
        elif self._pgconn.transaction_status != _IDLE:
            with _Trip(self._connection):
                self._pgconn.send_query(how.encode())
                _raise_first(self._received(1))

    def ask(self, *questions: Question) -> list[pq.abc.PGresult]:
        """Carry out statements in order, in one round trip.

        Returns:
            A result each.

        Raises:
            psycopg.Error: of the first that failed; those after it were not carried out.
            psycopg.DataError, UnicodeEncodeError: a value that no database can hold; nothing was sent.
        """
        ready = [(sql, *self._dumped(values)) for sql, values in questions]
        begins = bool(self._begin)
        if begins:
            ready.insert(0, (self._begin, None, None))
            self._begin = ""
        held = self._names.get(ready[0][0]) if len(ready) == 1 else None
        with _Trip(self._connection):
            if held is None:
                results = self._several(ready)
            else:
                sql, values, formats = ready[0]
                self._names.move_to_end(sql)
                self._pgconn.send_query_prepared(held, values, formats)
                results = self._received(1)
                self._check(results)
        return results[1:] if begins else results

    def rows(self, result: pq.abc.PGresult) -> list[tuple[Any, ...]]:
        """What a statement found, with Python's types."""
        self._adapt.set_pgresult(result)
        return self._adapt.load_rows(0, result.ntuples, tuple)

    def _dumped(self, values: Sequence[Any]) -> tuple[Sequence[Any] | None, Sequence[Any] | None]:
        """Values and their formats as libpq takes them: bytes as they are, all else as text.

        The server knows the types from the statement; a number's own would depend on its size.
        """
        if not values:
            return None, None
        formats = [PyFormat.BINARY if type(value) is bytes else PyFormat.TEXT for value in values]
        return self._adapt.dump_sequence(values, formats), self._adapt.formats

    def _several(self, ready: Sequence[tuple[str, Any, Any]]) -> list[pq.abc.PGresult]:
        """A trip in libpq's pipeline mode, in which statements are prepared and given up on the way.

        BEGIN stays the very first: to prepare a query, or give one up, takes a snapshot, and then it would be too
        late for an isolation level.
        """
        pgconn = self._pgconn
        pgconn.enter_pipeline_mode()
        sent: list[tuple[str, bytes] | None] = []  # what was (sql, name) prepared or (sql, b"") given up, or None
        fresh: dict[str, bytes] = {}
        for sql, values, formats in ready:
            name = self._names.get(sql) or fresh.get(sql)
            if sql in self._names:
                self._names.move_to_end(sql)
            if name is None and self._is_due(sql):
                self._number += 1
                name = fresh[sql] = b"civiflow_%d" % self._number
                pgconn.send_prepare(name, sql.encode())
                sent.append((sql, name))
            if name is None:
                pgconn.send_query_params(sql.encode(), values, None, formats)
            else:
                pgconn.send_query_prepared(name, values, formats)
            sent.append(None)
        for sql in list(self._names)[: max(0, len(self._names) + len(fresh) - PREPARED_AT_MOST)]:
            pgconn.send_query_params(b"DEALLOCATE " + self._names[sql], None)
            sent.append((sql, b""))
        pgconn.pipeline_sync()
        results = self._received(len(sent), synced=True)
        pgconn.exit_pipeline_mode()
        for done, result in zip(sent, results, strict=True):
            if done is not None and result.status == _OK:
                self._note(*done)
        self._check(results)
        return [result for done, result in zip(sent, results, strict=True) if done is None]

    def _is_due(self, sql: str) -> bool:
        """Whether a statement has run often enough to be prepared now."""
        before = self._asked.pop(sql, 0)
        self._asked[sql] = before + 1
        if len(self._asked) > PREPARED_AT_MOST:
            self._asked.popitem(last=False)
        return before >= PREPARED_AFTER

    def _note(self, sql: str, name: bytes) -> None:
        if name:
            self._names[sql] = name
            self._asked.pop(sql, None)
        else:
            del self._names[sql]

    def _check(self, results: Sequence[pq.abc.PGresult]) -> None:
        try:
            _raise_first(results)
        except psycopg.Error as error:
            if error.sqlstate in _FORGOTTEN:
                self._names.clear()
            raise

    def _received(self, number: int, *, synced: bool = False) -> list[pq.abc.PGresult]:
        """Send what has not gone yet, and wait for so many results.

        Raises:
            psycopg.OperationalError: the connection broke before they were all here.
        """
        while self._pgconn.flush():
            self._can_write()  # or read: a server that cannot get rid of its answers stops listening
            self._pgconn.consume_input()
        results: list[pq.abc.PGresult] = []
        for _ in range(number):
            result = first = self._next()
            while result is not None:
                result = self._next()
            if first is None or self._pgconn.status == _BAD:
                _raise_first([*results, *filter(None, [first])])
                raise psycopg.OperationalError(f"the connection is lost: {self._pgconn.get_error_message()}")
            results.append(first)
        if synced:
            self._next()
        return results

    def _next(self) -> pq.abc.PGresult | None:
        pgconn = self._pgconn
        while pgconn.is_busy():
            self._can_read()  # other threads run meanwhile
            pgconn.consume_input()
        return pgconn.get_result()


class _Trip:
    """What is left half said or half heard closes the connection: nobody could go on with it."""

    __slots__ = ("_connection",)

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            return
        pgconn = self._connection.pgconn
        if pgconn.pipeline_status == _OFF and pgconn.transaction_status in _QUIET:
            return  # an answer like any other
        if not issubclass(kind, psycopg.Error):  # such as KeyboardInterrupt
            with suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=_CANCEL_SECONDS)
        self._connection.close()


def _raise_first(results: Sequence[pq.abc.PGresult]) -> None:
    for result in results:
        if result.status not in _GOOD:
            raise error_from_result(result)


def _waits(fileno: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """What waits until a socket can be read, and until it can be read or written."""
    if hasattr(select, "poll"):
        reads, writes = select.poll(), select.poll()
        reads.register(fileno, select.POLLIN)
        writes.register(fileno, select.POLLIN | select.POLLOUT)
        return reads.poll, writes.poll
    return partial(select.select, [fileno], [], []), partial(select.select, [fileno], [fileno], [])
