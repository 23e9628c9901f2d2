"""What a finished case takes on the disk: the six-node process of `engine_cycle`, with everything that is kept of it.

Counted are the pages in use of all tables and indexes, long values included, by which the database grew while so many
cases were started, then all finished: not what a database takes before its first case, nor free pages, nor PostgreSQL's
maps of its free space, which make up an eighth of so small a database and nothing of a large one. Receipts of commands
count, though they are forgotten after a week (some 0.7 KB a case).

    bytes           in a database that goes on: as many cases went before, and PostgreSQL is tidied up after every
                    tenth of them, as autovacuum does by itself once a twentieth of these tables has changed
    bytes_at_first  the first cases of an empty database, never tidied up

PostgreSQL's figure differs a little from run to run: when a row can make way for its next version depends on who else
is at the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from engine_cycle import DESIGNER, assert_all_is_there, finish, library, start, with_feel_scripts
from frame import SHORT, Comparison, main, part_on_each

from engine import Engine
from engine import commands as c

COUNT = 500 if SHORT else 2000
WARM = 20

ON_POSTGRES = "select sum(pg_relation_size(oid)) from pg_class where relkind in ('r', 'i', 't') and oid >= 16384"
"""Bytes of what users made: tables, indexes, and both of the long values beside them."""

ON_SQLITE = (
    "select (page_count - freelist_count) * page_size from pragma_page_count, pragma_freelist_count, pragma_page_size"
)


@part_on_each
def finished(url: str) -> Mapping[str, float]:
    database = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with Engine.open(url) as engine, database.connect() as connection:
        engine.execute(c.DeployDefinition(files={"approval.bpmn": with_feel_scripts().encode()}), by=DESIGNER)
        _go_through(engine, range(-WARM, 0))
        empty = _room(connection)
        cases = _go_through(engine, range(COUNT))
        first = _room(connection)
        before = _tidied_up(connection)
        for tenth in range(10):
            begin = COUNT + tenth * COUNT // 10
            cases += _go_through(engine, range(begin, begin + COUNT // 10))
            after = _tidied_up(connection)
        assert_all_is_there(engine, url, cases, WARM + 2 * COUNT)
    database.dispose()
    return {"bytes": (after - before) / COUNT, "bytes_at_first": (first - empty) / COUNT}


def _go_through(engine: Engine, numbers: range) -> list[str]:
    """Start all these cases, then finish them."""
    cases = [start(engine, n) for n in numbers]
    for case in cases:
        finish(engine, case)
    return cases


def _tidied_up(connection: sa.Connection) -> int:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("vacuum")
    return _room(connection)


def _room(connection: sa.Connection) -> int:
    """Bytes of the pages in use."""
    asked = ON_POSTGRES if connection.dialect.name == "postgresql" else ON_SQLITE
    return int(connection.exec_driver_sql(asked).scalar_one())


def _compared(name: str, what: str, measured: Callable[[], Mapping[str, float]]) -> Comparison:
    return Comparison(name=name, what=what, measured=measured, baseline=library, by="bytes", at_most={"bytes": 6144})


if __name__ == "__main__":
    main(
        _compared("room", "bytes of a finished case, SQLite; beside the bare library's blob", finished.sqlite),
        _compared("room_postgres", "the same on PostgreSQL", finished.postgres),
        rounds=1 if SHORT else 3,
    )
