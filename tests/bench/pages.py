"""The inbox with 200,000 open tasks: the page in a browser's session, the list over REST; CPU of the server an answer.

The person has some 2,000 tasks of their own and two groups with 10,000 waiting. A real `civiflow serve` answers over
one kept connection. The baseline is the bare query of the page's 40 rows, by sqlite3 alone.

    python tests/bench/pages.py        # CIVIFLOW_SHORT=1: 20,000 tasks
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.frame import SHORT, Comparison, cpu, main, part
from tests.bench.parts.many_tasks import GROUPS, fill
from tests.bench.parts.served import Client, Server, civiflow
from tests.bench.parts.site import sign_in

TASKS = 20_000 if SHORT else 200_000
COUNT = 30 if SHORT else 100
ROWS = 40

_QUERY = """
    select t.*, i.business_key, i.subject, d.id, d.key, d.name
      from task_candidate q
      join user_task t on t.id = q.task_id
      join process_instance i on i.id = t.instance_id
      join process_definition d on d.no = t.definition_no
     where q.kind = 'group' and q.name = ? and q.claimable
     order by q.due_sort, q.task_id limit ?
"""


@contextmanager
def filled() -> Iterator[tuple[Path, str]]:
    """A database of `TASKS` open tasks, and an API token."""
    with tempfile.TemporaryDirectory(prefix="civiflow_bench_") as folder:
        file = Path(folder) / "bench.db"
        yield file, fill(str(file), TASKS)


def milliseconds(server: Server, client: Client, address: str, expect: bytes) -> float:
    """CPU of the server for one answer."""
    for _ in range(5):
        assert expect in client.ask("GET", address)
    before = server.cpu()
    for _ in range(COUNT):
        client.ask("GET", address)
    return (server.cpu() - before) / COUNT * 1000


@part
def served() -> dict[str, float]:
    """Pages and lists of a real server."""
    with filled() as (file, token):
        arguments = ("serve", "--database", f"sqlite:///{file}")
        with tempfile.TemporaryDirectory() as var, civiflow(*arguments, var=Path(var)) as server:
            figures = {}
            for name, query in _LISTS.items():
                page = f"/inbox?{query}"
                figures[f"ms_page_{name}"] = milliseconds(server, sign_in(server), page, b"data-row")
            for name, query in _LISTS.items():
                client = server.client(Authorization=f"Bearer {token}")
                rest = f"/api/v1/tasks?{query}&limit={ROWS}"
                figures[f"ms_rest_{name}"] = milliseconds(server, client, rest, b"QUEUE-")
            return figures | {"ms": figures["ms_page_groups"], "megabytes": server.memory()}


_LISTS = {"mine": "scope=mine", "groups": "scope=groups", "all": "scope=all", "overdue": "scope=mine&overdue=true"}


@part
def bare_query() -> dict[str, float]:
    """The rows of one queue, straight from the file."""
    with filled() as (file, _):
        connection = sqlite3.connect(file)
        before = cpu()
        for _ in range(COUNT):
            assert len(connection.execute(_QUERY, [GROUPS[0], ROWS]).fetchall()) == ROWS
        return {"ms": (cpu() - before) / COUNT * 1000}


if __name__ == "__main__":
    main(
        Comparison(
            name="pages",
            what=f"the inbox with {TASKS:,} open tasks, beside the bare query of its rows (milliseconds of CPU)",
            measured=served,
            baseline=bare_query,
            by="ms",
            at_most={"ms_page_mine": 30.0, "ms_page_groups": 30.0, "ms_page_all": 30.0},
        ),
        rounds=1 if SHORT else 3,
    )
