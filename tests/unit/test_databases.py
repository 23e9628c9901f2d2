"""The fixtures that hand out databases: fresh for each test, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import psycopg
import pytest

from tests.databases import PREFIX, Databases, SqliteFiles, find_postgres, postgres_databases


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    if url.startswith("sqlite:///"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            with connection:
                return connection.execute(statement).fetchall()
        finally:
            connection.close()
    with psycopg.connect(url.replace("+psycopg", "")) as server:
        found = server.execute(statement)
        return found.fetchall() if found.description else []


def make_marker_table(url: str) -> None:
    run(url, "CREATE TABLE marker (word TEXT)")
    run(url, "INSERT INTO marker VALUES ('prepared')")


def test_each_database_is_empty_whatever_was_done_in_the_one_before(databases: Databases) -> None:
    first, second = databases.fresh(), databases.fresh()

    make_marker_table(first)

    make_marker_table(second)  # fails if the table is there already
    databases.drop(first)
    databases.drop(second)


def test_a_dropped_sqlite_database_leaves_no_file(tmp_path: Path) -> None:
    files = SqliteFiles(tmp_path, None)
    url = files.fresh()
    make_marker_table(url)

    files.drop(url)

    assert list(tmp_path.iterdir()) == []


def test_a_sqlite_database_is_copied_from_the_prepared_template(tmp_path: Path) -> None:
    files = SqliteFiles(tmp_path, make_marker_table)

    url = files.fresh()

    assert run(url, "SELECT word FROM marker") == [("prepared",)]


@pytest.mark.postgres
def test_a_postgres_database_is_copied_from_the_prepared_template(postgres_url: str) -> None:
    with postgres_databases(postgres_url, make_marker_table) as databases:
        url = databases.fresh()

        found = run(url, "SELECT word FROM marker")

        assert found == [("prepared",)]


@pytest.mark.postgres
def test_databases_of_a_killed_session_are_removed_and_those_of_a_living_one_stay(postgres_url: str) -> None:
    with postgres_databases(postgres_url, None) as living, postgres_databases(postgres_url, None) as killed:
        kept, left = living.fresh(), killed.fresh()
        killed._server.close()  # as the kernel does when the process is killed
        gone = f"SELECT 1 FROM pg_stat_activity WHERE application_name = '{PREFIX}{killed._session}'"
        while run(kept, gone):
            time.sleep(0.01)

        with postgres_databases(postgres_url, None):
            pass

        assert run(kept, "SELECT 1") == [(1,)]
        with pytest.raises(psycopg.OperationalError, match="does not exist"):
            run(left, "SELECT 1")


def test_a_missing_server_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "CIVIFLOW_TEST_POSTGRES", "postgresql+psycopg://nobody@127.0.0.1:1/none")

    with pytest.raises(ConnectionError) as caught:
        find_postgres()

    assert "127.0.0.1:1/none" in str(caught.value)
    assert "make services" in str(caught.value)
