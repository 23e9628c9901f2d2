"""What is kept on a connection to PostgreSQL: it is alive, its statements are prepared, its transactions are ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
import sqlalchemy as sa

from engine import SYSTEM, Engine
from engine.errors import CiviflowError, DatabaseAway
from engine.filters import TaskFilter
from engine.store.database import Database
from tests.desk import Desk


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database on PostgreSQL."""
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite has no connections that a server could end")
    database = Database(database_url)
    yield database
    database.close()


def backend(connection: sa.Connection) -> int:
    """The server's process behind a connection."""
    return int(connection.exec_driver_sql("select pg_backend_pid()").scalar_one())


def end_other_backends(database: Database) -> None:
    """As an administrator or a restart of the server would, behind the pool's back."""
    others = (
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    alone = sa.create_engine(database.engine.url, poolclass=sa.NullPool)
    with alone.connect() as connection:
        assert all(connection.exec_driver_sql(others).scalars())


def test_a_connection_that_died_a_moment_ago_refuses_one_request_and_the_next_is_right(database: Database) -> None:
    with database.read() as connection:
        first = backend(connection)
    end_other_backends(database)

    with pytest.raises(DatabaseAway), database.read() as connection:
        backend(connection)
    with database.write() as connection:
        second = backend(connection)

    assert second != first


def test_connections_that_died_while_they_rested_refuse_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.read() as one, database.read() as another:
        before = {backend(one), backend(another)}
    end_other_backends(database)
    monkeypatch.setattr("engine.store.database._TRUSTED_SECONDS", 0)

    with database.read() as one, database.write() as another:
        after = {backend(one), backend(another)}

    assert len(after) == 2
    assert not after & before


def test_a_glance_at_a_connection_that_died_says_that_the_database_is_away(database_url: str) -> None:
    with Engine.open(database_url) as engine:
        database = engine._database
        if not database.is_postgres:
            pytest.skip("SQLite has no connections that a server could end")
        assert engine.read(SYSTEM).principal_for_token(b"?") is None
        end_other_backends(database)

        with pytest.raises(DatabaseAway):
            engine.read(SYSTEM).principal_for_token(b"?")
        with suppress(DatabaseAway):  # of another connection that had been kept
            engine.read(SYSTEM).principal_for_token(b"?")

        assert engine.read(SYSTEM).principal_for_token(b"?") is None


def test_statements_stay_prepared_on_the_server_whatever_reads_end_in(desk: Desk) -> None:
    database = desk.engine._database
    if not database.is_postgres:
        pytest.skip("SQLite prepares statements in this process")

    for _ in range(4):
        desk.engine.read(SYSTEM).tasks(TaskFilter(scope="all"))
        with pytest.raises(CiviflowError):
            desk.engine.read(SYSTEM).task("01a200f8-794b-729f-8876-03475b103ca1")

    with database.read() as connection:
        prepared = connection.exec_driver_sql("select statement from pg_prepared_statements").scalars().all()
    assert any("FROM user_task" in text for text in prepared)


def test_a_read_sees_one_moment_and_a_glance_leaves_no_transaction_open(database: Database) -> None:
    with database.read() as connection:
        level = connection.exec_driver_sql("show transaction isolation level").scalar_one()
        held: list[object] = [level]
    with database.glance() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("select 1")
        held.append(driver.info.transaction_status.name)
    with database.write() as connection:
        held.append(connection.exec_driver_sql("show transaction isolation level").scalar_one())

    assert held == ["repeatable read", "IDLE", "read committed"]
