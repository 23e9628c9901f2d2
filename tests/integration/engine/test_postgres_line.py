"""Statements that go straight to libpq: same values, same errors, same promises as by psycopg's cursors."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.pq import TransactionStatus

from engine.errors import CorruptState, DatabaseAway, InvalidInput
from engine.store import tables as t
from engine.store.database import Database
from engine.store.postgres import PREPARED_AT_MOST, PostgresConnection
from engine.store.statements import KEY, Prepared, Write, look, run_together, select_where, update_where
from engine.store.types import Id, Instant, Json

_ECHO = Prepared(sa.select(sa.bindparam("text", type_=sa.Text).label("text")))
_DIVIDE = Prepared(sa.select((sa.literal(1, sa.Integer) // sa.bindparam("by", type_=sa.Integer)).label("quotient")))
_COUNTER = select_where(t.counter.c.name)
_SET = update_where(t.counter.c.name, ("value",))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database on PostgreSQL with the platform's tables."""
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite's driver is as lean as it gets")
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def connection(database_url: str) -> Iterator[PostgresConnection]:
    """A connection of its own."""
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite's driver is as lean as it gets")
    connection = PostgresConnection.made(database_url.replace("+psycopg", "", 1))
    yield connection
    connection.close()


def answer(connection: PostgresConnection, sql: str, *values: object) -> list[tuple[object, ...]]:
    """The rows that a statement gives."""
    (result,) = connection.line.ask((sql, values))
    return connection.line.rows(result)


def prepared(connection: PostgresConnection) -> set[str]:
    """What the server has prepared on a connection."""
    return {text for (text,) in connection.execute("select statement from pg_prepared_statements", prepare=False)}


VALUES = [
    ("text", "值 «ü» 🙂 \\ ' \" %s $1"),
    ("text", ""),
    ("text", "长" * 300_000),
    ("bytea", b""),
    ("bytea", bytes(range(256)) * 4_000),
    ("bigint", 2**63 - 1),
    ("bigint", -(2**63)),
    ("smallint", 7),
    ("boolean", True),
    ("boolean", False),
    ("double precision", 0.1),
    ("uuid", "01a200f8-794b-729f-8876-03475b103ca1"),
    *((kind, None) for kind in ("text", "bytea", "bigint", "boolean", "uuid")),
]


def test_values_come_back_as_they_went_prepared_or_not(connection: PostgresConnection) -> None:
    for kind, value in VALUES:
        sql = f"select $1::{kind}, $2::text"

        rows = [answer(connection, sql, value, "beside") for _ in range(4)]

        assert rows == [[(value, "beside")]] * 4
        assert type(rows[0][0][0]) is type(value)
        assert sql in prepared(connection)


def test_our_column_types_come_back_as_they_went(database: Database) -> None:
    types: dict[str, Any] = {
        "id": Id(),
        "at": Instant(),
        "json": Json(),
        "body": sa.LargeBinary(),
        "flag": sa.Boolean(),
    }
    table = sa.Table("odd", sa.MetaData(), *(sa.Column(name, type_) for name, type_ in types.items()))
    now = Prepared(table.insert().inline(), list(types))
    with database.write() as connection:
        table.create(connection)
        moment = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        rows = [
            {"id": "01a200f8-794b-729f-8876-03475b103ca1", "at": moment, "json": {"空": [1, "\0"]}, "body": b"\0\xff"},
            dict.fromkeys(types),
        ]
        rows[0]["flag"] = True
        run_together(connection, [Write(now, row) for row in rows])

        found = Prepared(sa.select(table)).all(connection, {})

    assert [row._asdict() for row in found] == rows


def test_a_text_that_no_database_can_hold_is_refused_and_the_transaction_goes_on(database: Database) -> None:
    for text in ("a\0b", "half a pair: \ud800"):
        with database.write() as connection:
            with pytest.raises((UnicodeEncodeError, sa.exc.DataError)):
                _ECHO.all(connection, {"text": text})
            kept = _ECHO.all(connection, {"text": "fine"})

        with pytest.raises(InvalidInput), database.read() as connection:
            _ECHO.all(connection, {"text": text})

        assert kept == [("fine",)]


def test_an_error_of_the_server_is_what_sqlalchemy_would_raise(database: Database) -> None:
    with pytest.raises(sa.exc.DataError) as lean, database.engine.connect() as connection, connection.begin():
        _DIVIDE.all(connection, {"by": 0})
    with pytest.raises(sa.exc.DataError) as usual, database.engine.connect() as connection:
        connection.execute(sa.text("select 1 / 0"))

    assert isinstance(lean.value.orig, psycopg.errors.DivisionByZero)
    assert type(lean.value.orig) is type(usual.value.orig)
    assert str(lean.value.orig) == str(usual.value.orig)
    assert not lean.value.connection_invalidated


def test_the_first_error_among_several_statements_is_the_one_that_is_told(connection: PostgresConnection) -> None:
    for place in (0, 1, 2) * 3:
        asked: list[tuple[str, tuple[object, ...]]] = [("select 1", ())] * 3
        asked[place] = ("select 1 / $1::int", (0,))
        connection.line.begin("READ COMMITTED")

        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.line.ask(*asked)
        held = connection.info.transaction_status
        connection.rollback()

        assert held is TransactionStatus.INERROR
        assert connection.info.transaction_status is TransactionStatus.IDLE
        assert answer(connection, "select 2") == [(2,)]


def test_a_rollback_keeps_what_is_prepared(connection: PostgresConnection) -> None:
    sql = "select $1::int + 1"
    for _ in range(3):
        assert answer(connection, sql, 1) == [(2,)]
    for _ in range(3):
        connection.execute("select 1")

    connection.line.begin("READ COMMITTED")
    answer(connection, sql, 2)
    connection.rollback()
    connection.execute("select 1")

    assert sql in prepared(connection)
    assert answer(connection, sql, 3) == [(4,)]


def test_what_the_server_forgot_is_prepared_anew_after_one_error(connection: PostgresConnection) -> None:
    for _ in range(3):
        answer(connection, "select 1")
    connection.execute("deallocate all", prepare=False)

    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        answer(connection, "select 1")
    rows = [answer(connection, "select 1") for _ in range(4)]

    assert rows == [[(1,)]] * 4
    assert "select 1" in prepared(connection)


def test_no_more_statements_are_kept_prepared_than_agreed(connection: PostgresConnection) -> None:
    texts = [f"select {n}" for n in range(PREPARED_AT_MOST + 20)]

    for text in texts:
        for _ in range(3):
            connection.line.begin("REPEATABLE READ")
            answer(connection, text)
            connection.commit()

    held = prepared(connection)
    assert len(held) <= PREPARED_AT_MOST
    assert texts[-1] in held
    assert texts[0] not in held


def test_what_is_used_all_the_time_stays_prepared(connection: PostgresConnection) -> None:
    gone: list[int] = []
    for n in range(PREPARED_AT_MOST + 20):
        for _ in range(3):
            connection.line.begin("REPEATABLE READ")
            answer(connection, "select 'hot'")  # travels with BEGIN
            answer(connection, f"select {n}")
            connection.commit()
            if n >= PREPARED_AT_MOST - 5 and "select 'hot'" not in prepared(connection):
                gone.append(n)

    assert gone == []


def test_a_transaction_begins_with_its_first_statement_whoever_sends_it(connection: PostgresConnection) -> None:
    for n, level in enumerate(["REPEATABLE READ", "REPEATABLE READ", "READ COMMITTED", "READ COMMITTED"] * 3):
        connection.line.begin(level)
        waiting = connection.info.transaction_status
        if n % 2:
            found: object = connection.execute("show transaction isolation level").fetchall()
        else:
            found = answer(connection, "show transaction isolation level")
        under_way = connection.info.transaction_status
        connection.commit()

        assert (waiting, under_way) == (TransactionStatus.IDLE, TransactionStatus.INTRANS)
        assert found == [(level.lower(),)]
        assert connection.info.transaction_status is TransactionStatus.IDLE


def test_a_transaction_without_a_statement_leaves_the_next_alone(connection: PostgresConnection) -> None:
    for end in (connection.commit, connection.rollback):
        connection.line.begin("REPEATABLE READ")
        end()

        answer(connection, "select 1")

        assert connection.info.transaction_status is TransactionStatus.IDLE


def test_writes_that_were_rolled_back_are_gone_and_committed_ones_stay(database: Database) -> None:
    with database.write() as connection:
        connection.execute(t.counter.insert().values(name="n", value=1))
    with pytest.raises(RuntimeError), database.write() as connection:
        run_together(connection, [Write(_SET, {KEY: "n", "value": 2})])
        raise RuntimeError
    with database.read() as connection:
        after_rollback = _COUNTER.all(connection, {KEY: "n"})
    with database.write() as connection:
        run_together(connection, [Write(_SET, {KEY: "n", "value": n}, exactly_one="?") for n in (3, 4)])
    with database.read() as connection:
        after_commit = _COUNTER.all(connection, {KEY: "n"})
    with pytest.raises(CorruptState, match="is gone"), database.write() as connection:
        run_together(connection, [Write(_SET, {KEY: "none", "value": 2}, exactly_one="It is gone.")])

    assert ([row.value for row in after_rollback], [row.value for row in after_commit]) == ([1], [4])


def test_a_connection_lost_between_two_statements_of_a_trip_is_given_up(database: Database) -> None:
    end = Prepared(sa.select(sa.func.pg_terminate_backend(sa.func.pg_backend_pid()).label("ended")))

    with pytest.raises(DatabaseAway) as lost, database.write() as connection:
        look(connection, (_ECHO, {"text": "before"}), (end, {}), (_ECHO, {"text": "after"}))
    with database.read() as connection:
        after = _ECHO.all(connection, {"text": "again"})

    assert isinstance(lost.value.__cause__, sa.exc.DBAPIError)
    assert lost.value.__cause__.connection_invalidated
    assert after == [("again",)]


def test_two_connections_wait_for_each_other_only_where_they_must(database: Database) -> None:
    with database.write() as connection:
        connection.execute(t.counter.insert().values(name="n", value=1))
    locked = select_where(t.counter.c.name, lock=True)
    seen: list[int] = []

    def wait_for_it() -> None:
        with database.write() as other:
            seen.append(locked.all(other, {KEY: "n"})[0].value)

    with database.write() as connection:
        locked.all(connection, {KEY: "n"})
        thread = threading.Thread(target=wait_for_it)
        thread.start()
        thread.join(0.3)  # it waits for the lock, and this thread runs meanwhile
        waits = thread.is_alive()
        with database.read() as reader:
            read = _COUNTER.all(reader, {KEY: "n"})[0].value
        _SET.run(connection, {KEY: "n", "value": 2})
    thread.join(30)

    assert (waits, read, seen) == (True, 1, [2])


def test_a_statement_interrupted_by_a_signal_gives_its_connection_up(connection: PostgresConnection) -> None:
    class Interrupted(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(Interrupted):
            answer(connection, "select pg_sleep(30)")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert connection.closed


def test_questions_and_answers_larger_than_any_buffer_do_not_wait_for_each_other(
    connection: PostgresConnection,
) -> None:
    large = bytes(3_000_000)

    results = connection.line.ask(*[("select $1::bytea, $2::int", (large, n)) for n in range(8)])

    assert [connection.line.rows(result) for result in results] == [[(large, n)] for n in range(8)]
