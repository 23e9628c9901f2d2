"""What every test may ask for. The engine's own builders are in tests/builders.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import (
    Databases,
    Prepare,
    SqliteFiles,
    find_postgres,
    folder_in_memory,
    postgres_databases,
)
from tests.services import service_missing


@pytest.fixture(scope="session")
def prepare_database() -> Prepare | None:
    """How an empty database gets its tables, once a session."""

    def prepare(url: str) -> None:
        from engine import Engine

        Engine.open(url).close()

    return prepare


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The URL of a PostgreSQL server where databases may be made."""
    try:
        return find_postgres()
    except ConnectionError as missing:
        service_missing(str(missing))


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def databases(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    prepare_database: Prepare | None,
) -> Iterator[Databases]:
    """Where fresh databases come from: a test that asks runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        with folder_in_memory(tmp_path_factory.mktemp("databases")) as folder:
            yield SqliteFiles(folder, prepare_database)
    else:
        with postgres_databases(request.getfixturevalue("postgres_url"), prepare_database) as databases:
            yield databases


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of a fresh database, in SQLAlchemy's form; it is removed after the test."""
    url = databases.fresh()
    yield url
    databases.drop(url)
